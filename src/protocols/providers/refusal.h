// Why a call of a model provider has no answer, as its client shall see it.
#pragma once

#include <stdexcept>
#include <string>

#include "foundation/base/text.h"

namespace slipway::providers {

class Refusal : public std::runtime_error {
 public:
  Refusal(int status, const std::string& message) : std::runtime_error(message), status_(status) {}
  // Of HTTP; the provider's own where it gave one.
  int status() const { return status_; }

 private:
  int status_;
};

template <typename... Parts>
Refusal refusal(int status, const Parts&... parts) {
  return {status, text::concat(parts...)};
}

}  // namespace slipway::providers
