#include "protocols/mlflow/client_errors.h"

#include <map>
#include <string_view>

#include "foundation/base/json.h"

namespace slipway::mlflow {

namespace {

ErrorCode code_of_name(std::string_view name, ErrorCode otherwise) {
  static const std::map<std::string_view, ErrorCode> codes = {
      {"INVALID_PARAMETER_VALUE", ErrorCode::kInvalidArgument}, {"BAD_REQUEST", ErrorCode::kInvalidArgument},
      {"RESOURCE_ALREADY_EXISTS", ErrorCode::kAlreadyExists},   {"ALREADY_EXISTS", ErrorCode::kAlreadyExists},
      {"RESOURCE_DOES_NOT_EXIST", ErrorCode::kNotFound},        {"NOT_FOUND", ErrorCode::kNotFound},
      {"ENDPOINT_NOT_FOUND", ErrorCode::kUnimplemented},        {"PERMISSION_DENIED", ErrorCode::kPermissionDenied},
      {"UNAUTHENTICATED", ErrorCode::kUnauthenticated},         {"CUSTOMER_UNAUTHORIZED", ErrorCode::kUnauthenticated},
      {"INVALID_STATE", ErrorCode::kFailedPrecondition},        {"RESOURCE_CONFLICT", ErrorCode::kConflict}};
  const auto found = codes.find(name);
  return found == codes.end() ? otherwise : found->second;
}

ErrorCode code_of_status(int status) {
  switch (status) {
    case 400:
      return ErrorCode::kInvalidArgument;
    case 401:
      return ErrorCode::kUnauthenticated;
    case 403:
      return ErrorCode::kPermissionDenied;
    case 404:
      return ErrorCode::kNotFound;
    case 409:
      return ErrorCode::kConflict;
    case 413:
      return ErrorCode::kTooLarge;
    case 429:
      return ErrorCode::kResourceExhausted;
    case 507:
      return ErrorCode::kOutOfSpace;
    case 501:
      return ErrorCode::kUnimplemented;
    case 502:
    case 503:
      return ErrorCode::kUnavailable;
    case 504:
      return ErrorCode::kDeadlineExceeded;
    default:
      return ErrorCode::kInternal;
  }
}

}  // namespace

Error error_of(const http::ClientResponse& answer, const std::string& call) {
  ErrorCode code = code_of_status(answer.status);
  std::string message;
  try {
    const json::value document = json::parse_lenient(answer.body);
    const json::object& error = json::as_object(document, "the error");
    code = code_of_name(json::find_string(error, "error_code").value_or(""), code);
    message = json::find_string(error, "message").value_or("");
  } catch (const Error&) {
    message = answer.body.substr(0, 200);  // a proxy's page, or no MLflow server at all
  }
  return {code, text::concat(call, " answered ", answer.status, message.empty() ? "" : ": ", message)};
}

}  // namespace slipway::mlflow
