#include "protocols/otlp/mount.h"

#include <set>

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
    case ErrorCode::kOutOfSpace:
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

void require_edit(const Services& services, const http::Request& request, const traces::ExperimentId& experiment) {
  services.permissions.require(identity::caller_of(request), {identity::ResourceKind::kExperiment, experiment.value},
                               identity::Permission::kEdit);
}

// Spans go to the trace of their id, wherever it is.
void require_edit(const Services& services, const http::Request& request,
                  const std::vector<traces::SpanBatch>& batches) {
  if (!identity::caller_of(request).has_account()) return;
  std::set<std::string> seen;
  std::vector<traces::TraceId> ids;
  for (const traces::SpanBatch& batch : batches) {
    for (const traces::Span& span : batch.spans) {
      if (seen.insert(span.trace_id.value).second) ids.push_back(span.trace_id);
    }
  }
  for (const traces::ExperimentId& experiment : services.traces.experiments_of(ids))
    require_edit(services, request, experiment);
}

http::Response export_spans(const Services& services, http::Request& request) {
  const std::string_view type = media_type(request);
  if (type != kProtobuf && type != kJson)
    return render_error(request, 400,
                        text::concat("Invalid Content-Type: ", type, ". Expected: ", kProtobuf, " or ", kJson));
  const traces::ExperimentId experiment(std::string(request.headers.find("x-mlflow-experiment-id").value_or("")));
  if (experiment.empty()) return render_error(request, 422, "the header x-mlflow-experiment-id is required");
  require_edit(services, request, experiment);
  const std::string run(request.headers.find("x-mlflow-run-id").value_or(""));
  if (!run.empty()) {
    for (const auto& one : services.tracking.experiments_of({tracking::RunId(run)}))
      require_edit(services, request, one);
  }
  const std::string body = request.read_body(kMaxBodyBytes);
  std::vector<traces::SpanBatch> batches = type == kJson ? decode_json(body) : decode_protobuf(body);
  require_edit(services, request, batches);
  services.traces.log_spans(experiment, std::move(batches), run);
  return http::Response::text(200, type == kJson ? "{}" : "", type);
}

http::Response guarded(const Services& services, http::Request& request) {
  try {
    return export_spans(services, request);
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

std::vector<http::Route> routes(const Services& services) {
  return {{"POST", std::string(kPath), [services](http::Request& request) { return guarded(services, request); },
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
