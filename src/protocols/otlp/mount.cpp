#include "protocols/otlp/mount.h"

#include "foundation/base/json_stream.h"
#include "foundation/base/log.h"
#include "protocols/otlp/decode.h"
#include "protocols/otlp/span_builder.h"

namespace slipway::otlp {

namespace {

constexpr std::string_view kPath = "/v1/traces";
constexpr std::string_view kProtobuf = "application/x-protobuf";
constexpr std::string_view kJson = "application/json";
// As it is and after decompression.
constexpr size_t kMaxBodyBytes = size_t{64} << 20U;

std::string_view media_type(const http::Request& request) {
  const std::string_view whole = request.headers.find("Content-Type").value_or("");
  return text::trim(whole.substr(0, whole.find(';')));
}

// Numbers of google.rpc.Code.
int code_of(int status) {
  switch (status) {
    case 401:
      return 16;
    case 403:
      return 7;
    case 404:
      return 5;
    case 413:
    case 429:
      return 8;
    case 500:
      return 13;
    case 503:
      return 14;
    default:
      return 3;
  }
}

int status_of(const Error& error) {
  switch (error.code()) {
    case ErrorCode::kInvalidArgument:
      return is_unusable_span(error) ? 422 : 400;
    case ErrorCode::kUnauthenticated:
      return 401;
    case ErrorCode::kPermissionDenied:
      return 403;
    case ErrorCode::kNotFound:
      return 404;
    case ErrorCode::kTooLarge:
      return 413;
    case ErrorCode::kDeadlineExceeded:
      return 408;
    case ErrorCode::kResourceExhausted:
    case ErrorCode::kUnavailable:
      return 503;
    case ErrorCode::kInternal:
    case ErrorCode::kDataLoss:
      return 500;
    default:
      return 400;
  }
}

void append_varint(std::string& out, size_t value) {
  for (; value >= 0x80; value >>= 7U) out.push_back(static_cast<char>(value | 0x80U));
  out.push_back(static_cast<char>(value));
}

http::Response export_spans(traces::Traces& traces, http::Request& request) {
  const std::string_view type = media_type(request);
  if (type != kProtobuf && type != kJson)
    return render_error(request, 400,
                        text::concat("Invalid Content-Type: ", type, ". Expected: ", kProtobuf, " or ", kJson));
  const std::string experiment(request.headers.find("x-mlflow-experiment-id").value_or(""));
  if (experiment.empty()) return render_error(request, 422, "the header x-mlflow-experiment-id is required");
  const std::string run(request.headers.find("x-mlflow-run-id").value_or(""));
  const std::string body = request.read_body(kMaxBodyBytes);
  traces.log_spans(traces::ExperimentId(experiment), type == kJson ? decode_json(body) : decode_protobuf(body), run);
  return http::Response::text(200, type == kJson ? "{}" : "", type);
}

http::Response guarded(traces::Traces& traces, http::Request& request) {
  try {
    return export_spans(traces, request);
  } catch (const Error& error) {
    const int status = status_of(error);
    if (status != 500) return render_error(request, status, error.what());
    log::error("spans could not be stored", {{"error", error.what()}, {"request_id", request.request_id}});
  } catch (const std::exception& error) {
    log::error("spans could not be stored", {{"error", error.what()}, {"request_id", request.request_id}});
  }
  return render_error(request, 500, "the spans could not be stored; the server's log says why");
}

}  // namespace

std::vector<http::Route> routes(traces::Traces& traces) {
  return {{"POST", std::string(kPath), [&traces](http::Request& request) { return guarded(traces, request); },
           "tracking.write", "Take spans from OpenTelemetry"}};
}

http::Response render_error(const http::Request& request, int status, std::string_view message) {
  std::string out;
  if (media_type(request) == kProtobuf) {
    out.push_back('\x08');  // field 1, a varint: the code
    append_varint(out, static_cast<size_t>(code_of(status)));
    out.push_back('\x12');  // field 2, text: the message
    append_varint(out, message.size());
    out.append(message);
    return http::Response::text(status, std::move(out), kProtobuf);
  }
  out.append("{\"code\":");
  append_json_number(out, static_cast<int64_t>(code_of(status)));
  out.append(",\"message\":");
  append_json_string(out, message);
  return http::Response::json(status, out + "}");
}

bool owns_path(std::string_view path) { return path == kPath; }

}  // namespace slipway::otlp
