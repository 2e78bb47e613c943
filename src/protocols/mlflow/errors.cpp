#include "protocols/mlflow/errors.h"

#include <array>

#include "foundation/base/log.h"
#include "protocols/mlflow/json_writer.h"
#include "protocols/mlflow/mount.h"

namespace slipway::mlflow {

namespace {

struct Rendering {
  ErrorCode code;
  int status;
  std::string_view name;
};

// A user's mistake is never a 5xx here: clients repeat those for minutes. That a taken name is 400 is MLflow's way.
constexpr std::array<Rendering, 15> kRenderings = {{
    {ErrorCode::kInvalidArgument, 400, "INVALID_PARAMETER_VALUE"},
    {ErrorCode::kUnauthenticated, 401, "UNAUTHENTICATED"},
    {ErrorCode::kPermissionDenied, 403, "PERMISSION_DENIED"},
    {ErrorCode::kNotFound, 404, "RESOURCE_DOES_NOT_EXIST"},
    {ErrorCode::kAlreadyExists, 400, "RESOURCE_ALREADY_EXISTS"},
    {ErrorCode::kFailedPrecondition, 400, "INVALID_STATE"},
    {ErrorCode::kConflict, 409, "RESOURCE_CONFLICT"},
    {ErrorCode::kTooLarge, 413, "INVALID_PARAMETER_VALUE"},
    {ErrorCode::kResourceExhausted, 429, "RESOURCE_EXHAUSTED"},
    // Not 429: clients would try again for minutes and then tell of too many requests, not of the disk.
    {ErrorCode::kOutOfSpace, 507, "RESOURCE_EXHAUSTED"},
    {ErrorCode::kUnimplemented, 501, "NOT_IMPLEMENTED"},
    {ErrorCode::kUnavailable, 503, "TEMPORARILY_UNAVAILABLE"},
    {ErrorCode::kDeadlineExceeded, 504, "DEADLINE_EXCEEDED"},
    {ErrorCode::kDataLoss, 500, "DATA_LOSS"},
    {ErrorCode::kInternal, 500, "INTERNAL_ERROR"},
}};

bool is_passed_on(std::string_view path) { return path.starts_with("/gateway/"); }

// Clients of what the gateway passes on look for a detail.
http::Response error_for(const http::Request& request, int status, std::string_view error_code,
                         std::string_view message) {
  http::Response plain = error_response(status, error_code, message);
  if (!is_passed_on(request.path)) return plain;
  JsonWriter json;
  json.begin_object();
  json.raw("detail", std::get<std::string>(plain.body));
  json.end_object();
  return http::Response::json(status, json.take());
}

http::Response internal_failure(std::string_view what, const http::Request& request) {
  log::error("mlflow request failed",
             {{"path", request.path}, {"request_id", request.request_id}, {"error", std::string(what)}});
  return error_for(request, 500, "INTERNAL_ERROR",
                   text::concat("the server failed; its log says more under request id ", request.request_id));
}

// The names that the HTTP server gives to what it refuses are those of ErrorCode.
std::string_view error_code_of(int status, std::string_view code) {
  if (status == 404 || status == 405) return "ENDPOINT_NOT_FOUND";
  for (const Rendering& rendering : kRenderings) {
    if (slipway::name_of(rendering.code) == code) return rendering.name;
  }
  return status < 500 ? "BAD_REQUEST" : "INTERNAL_ERROR";
}

}  // namespace

http::Response error_response(int status, std::string_view error_code, std::string_view message) {
  JsonWriter json;
  json.begin_object();
  json.text("error_code", error_code);
  json.text("message", message);
  json.end_object();
  return http::Response::json(status, json.take());
}

http::Response response_of(const Error& error, const http::Request& request) {
  if (error.code() == ErrorCode::kInternal) return internal_failure(error.what(), request);
  for (const Rendering& rendering : kRenderings) {
    if (rendering.code == error.code()) return error_for(request, rendering.status, rendering.name, error.what());
  }
  return internal_failure(error.what(), request);
}

http::Response response_of(const std::exception& error, const http::Request& request) {
  return internal_failure(error.what(), request);
}

http::Response render_error(const http::Request& request, int status, std::string_view code, std::string_view message) {
  if (status == 404) {
    return error_for(request, 404, "ENDPOINT_NOT_FOUND",
                     text::concat("this server has no endpoint ", request.method, " ", request.path));
  }
  return error_for(request, status, error_code_of(status, code), message);
}

bool owns_path(std::string_view path) {
  for (const std::string_view mine :
       {"/api/2.0/", "/api/3.0/", "/ajax-api/", "/graphql", "/get-artifact", "/model-versions/", "/gateway/"}) {
    if (path.starts_with(mine)) return true;
  }
  return false;
}

}  // namespace slipway::mlflow
