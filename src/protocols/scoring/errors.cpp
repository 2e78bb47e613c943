#include "protocols/scoring/errors.h"

#include "foundation/base/json_stream.h"
#include "foundation/base/text.h"

namespace slipway::scoring {

namespace {

http::Response error_body(int status, std::string_view code, std::string_view message) {
  std::string body = R"({"error_code": )";
  append_json_string(body, code);
  body.append(R"(, "message": )");
  append_json_string(body, message);
  body.push_back('}');
  return http::Response::json(status, std::move(body));
}

}  // namespace

ScoringError bad_request(const std::string& message) { return {ScoringError::Code::kBadRequest, message}; }

ScoringError invalid_parameter(const std::string& message) {
  return {ScoringError::Code::kInvalidParameterValue, message};
}

http::Response render(const ScoringError& error) {
  const bool bad = error.code() == ScoringError::Code::kBadRequest;
  return error_body(400, bad ? "BAD_REQUEST" : "INVALID_PARAMETER_VALUE", error.what());
}

http::Response render_error(int status, std::string_view code, std::string_view message) {
  return error_body(status, status == 400 ? "BAD_REQUEST" : text::upper(code), message);
}

}  // namespace slipway::scoring
