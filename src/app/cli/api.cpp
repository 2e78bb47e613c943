#include "app/cli/api.h"

#include "app/cli/settings.h"
#include "foundation/base/error.h"
#include "foundation/base/json.h"

namespace slipway::cli {

namespace {

ErrorCode code_of(int status) {
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
    case 503:
      return ErrorCode::kUnavailable;
    default:
      return ErrorCode::kInternal;
  }
}

// {"error": {"message"}} of our own API or {"message"} of MLflow's; else the text itself.
std::string message_in(const std::string& body) {
  try {
    const json::value document = json::parse(body);
    const json::object& fields = json::as_object(document, "an error");
    const json::value* error = json::find(fields, "error");
    if (error != nullptr && error->is_object()) return json::get_string(error->as_object(), "message");
    return json::get_string(fields, "message");
  } catch (const Error&) {
    return body.substr(0, 300);
  }
}

}  // namespace

Api::Api(const std::string& flag) : Api(required_server_url(flag), server_authorization()) {}

Api::Api(std::string url, std::string authorization)
    : url_(std::move(url)), authorization_(std::move(authorization)), http_(http::make_client()) {}

std::string Api::get(const std::string& path) { return call("GET", path, ""); }
std::string Api::post(const std::string& path, const std::string& json) { return call("POST", path, json); }
std::string Api::put(const std::string& path, const std::string& json) { return call("PUT", path, json); }
std::string Api::patch(const std::string& path, const std::string& json) { return call("PATCH", path, json); }
std::string Api::remove(const std::string& path, const std::string& json) { return call("DELETE", path, json); }

std::string Api::call(const std::string& method, const std::string& path, const std::string& json) {
  http::ClientRequest request;
  request.method = method;
  request.url = url_ + path;
  if (!authorization_.empty()) request.headers.set("Authorization", authorization_);
  if (method != "GET") {
    request.headers.set("Content-Type", "application/json");
    request.body = json;
  }
  const http::ClientResponse response = http_->send(request);
  if (response.status / 100 != 2) {
    throw Error(code_of(response.status), text::concat(url_, ": ", message_in(response.body)));
  }
  return response.body;
}

}  // namespace slipway::cli
