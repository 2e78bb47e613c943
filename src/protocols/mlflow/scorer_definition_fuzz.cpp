#include <cstdint>
#include <string>

#include "foundation/base/error.h"
#include "protocols/mlflow/genai_messages.h"
#include "protocols/mlflow/scorer_definition.h"

using namespace slipway;

namespace {

template <typename Action>
void tolerate(Action action) {
  try {
    action();
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kInvalidArgument) throw;
  }
}

}  // namespace

// Scorers, records and tags come as JSON inside of texts: any text is read or is the caller's fault.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  tolerate([&] { mlflow::check_scorer(text); });
  tolerate([&] { mlflow::check_scores_online("scorer", text); });
  tolerate([&] { mlflow::read_records(text); });
  tolerate([&] { mlflow::read_json_tags(text); });
  return 0;
}
