// Errors in the shape of MLflow's scoring server: {"error_code": ..., "message": ...}.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "foundation/http/message.h"

namespace slipway::scoring {

// A refusal that needs one of MLflow's own codes. Both are status 400.
class ScoringError : public std::runtime_error {
 public:
  enum class Code { kBadRequest, kInvalidParameterValue };
  ScoringError(Code code, const std::string& message) : std::runtime_error(message), code_(code) {}
  Code code() const { return code_; }

 private:
  Code code_;
};

// The body cannot be read as rows.
ScoringError bad_request(const std::string& message);
// The rows do not fit the model's signature.
ScoringError invalid_parameter(const std::string& message);

http::Response render(const ScoringError& error);
// `code` is our own ("not_found"), as the HTTP server hands it on.
http::Response render_error(int status, std::string_view code, std::string_view message);

}  // namespace slipway::scoring
