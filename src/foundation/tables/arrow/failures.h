// Turns what Arrow says and throws into the codes of plugin.h. Used by the functions of the plugin.
#pragma once

#include <arrow/result.h>
#include <arrow/status.h>

#include <cstring>
#include <exception>
#include <string>

#include "foundation/tables/arrow/plugin.h"

namespace slipway::tables::plugin {

struct Failure {
  SlipwayArrowCode code;
  std::string text;
};

inline void check(const arrow::Status& status, SlipwayArrowCode code) {
  if (!status.ok()) throw Failure{code, status.message()};
}

template <typename Value>
Value check(arrow::Result<Value> result, SlipwayArrowCode code) {
  check(result.status(), code);
  return std::move(result).ValueUnsafe();
}

// Runs the body of an extern "C" function; whatever it throws becomes a code and a text.
template <typename Body>
int guarded(SlipwayArrowError* error, SlipwayArrowCode fallback, const Body& body) {
  const auto keep = [error](SlipwayArrowCode code, const std::string& text) -> int {
    const size_t length = text.copy(error->text, sizeof(error->text) - 1);
    error->text[length] = '\0';
    return code;
  };
  try {
    body();
    return kSlipwayArrowOk;
  } catch (const Failure& failure) {
    return keep(failure.code, failure.text);
  } catch (const std::exception& caught) {
    return keep(fallback, caught.what());
  }
}

}  // namespace slipway::tables::plugin
