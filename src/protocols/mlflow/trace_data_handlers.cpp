// Calls that answer whole traces, spans included. A trace may have tens of thousands of them, so answers are written
// page by page.
#include <algorithm>
#include <set>

#include "domains/tracking/artifact_path.h"
#include "foundation/base/error.h"
#include "protocols/mlflow/downloads.h"
#include "protocols/mlflow/handlers.h"
#include "protocols/mlflow/messages.h"
#include "protocols/mlflow/trace_messages.h"

namespace slipway::mlflow {

namespace {

constexpr int64_t kSpansPerPage = 256;
constexpr std::string_view kDataFile = "traces.json";
constexpr std::string_view kProxyScheme = "mlflow-artifacts:/";

using WriteSpan = void (*)(JsonWriter&, std::string_view, const traces::Span&);

// The elements of a JSON array.
void write_spans(traces::Traces& traces, const traces::TraceId& id, WriteSpan write_span, http::BodyWriter& out) {
  std::optional<traces::SpanCursor> after;
  bool is_first = true;
  while (true) {
    const std::vector<traces::Span> page = traces.spans(id, after, kSpansPerPage);
    std::string text;
    for (const traces::Span& span : page) {
      if (!is_first) text.push_back(',');
      is_first = false;
      JsonWriter json;
      write_span(json, "", span);
      text.append(json.take());
    }
    out.write(text);
    if (static_cast<int64_t>(page.size()) < kSpansPerPage) return;
    after = cursor_after(page.back());
  }
}

// {"trace_info": {...}, "spans": [...]}
void write_trace(traces::Traces& traces, const traces::Trace& trace, http::BodyWriter& out) {
  JsonWriter json;
  json.begin_object();
  write(json, "trace_info", trace);
  json.begin_array("spans");
  out.write(json.take());
  write_spans(
      traces, trace.id, [](JsonWriter& to, std::string_view name, const traces::Span& span) { write(to, name, span); },
      out);
  out.write("]}");
}

http::Response streamed(std::function<void(http::BodyWriter&)> write) {
  http::Response response;
  response.headers.set("Content-Type", "application/json");
  response.body = http::StreamBody{std::move(write), std::nullopt};
  return response;
}

// The folder of a trace's files, below the artifact proxy.
std::string artifact_folder(const traces::Trace& trace) {
  const std::string* location = traces::find_pair(trace.tags, traces::tag::kArtifacts);
  if (location == nullptr || !location->starts_with(kProxyScheme))
    throw not_found("the files of trace '", trace.id.value, "' do not lie on this server");
  return location->substr(kProxyScheme.size());
}

}  // namespace

http::Response get_trace(const Services& services, const Input& input, http::Request& /*request*/) {
  traces::Traces& traces = services.tracing.traces();
  const traces::TraceId id(input.required_text("trace_id"));
  const std::vector<traces::Trace> found = traces.get_all({id});
  if (found.empty()) throw not_found("Trace with ID ", id.value, " is not found.");
  const traces::Trace& trace = found[0];
  if (!has_spans_here(trace)) throw not_found("the spans of trace '", trace.id.value, "' lie among its artifacts");
  if (!input.flag("allow_partial", false) && !traces.is_complete(trace))
    throw not_found("Trace with ID ", trace.id.value, " is not fully exported yet, please try again later.");
  return streamed([&traces, trace](http::BodyWriter& out) {
    out.write(R"({"trace":)");
    write_trace(traces, trace, out);
    out.write("}");
  });
}

http::Response batch_get_traces(const Services& services, const Input& input, http::Request& /*request*/) {
  traces::Traces& traces = services.tracing.traces();
  std::vector<traces::Trace> found = traces.get_all(read_trace_ids(input, "trace_ids"));
  const std::vector<std::string> wanted = input.texts("experiment_ids");
  const std::set<std::string> experiments(wanted.begin(), wanted.end());
  std::erase_if(found, [&](const traces::Trace& trace) {
    return (!experiments.empty() && experiments.count(trace.experiment_id.value) == 0) || !has_spans_here(trace) ||
           !traces.is_complete(trace);
  });
  return streamed([&traces, found = std::move(found)](http::BodyWriter& out) {
    out.write(R"({"traces":[)");
    for (const traces::Trace& trace : found) {
      if (&trace != found.data()) out.write(",");
      write_trace(traces, trace, out);
    }
    out.write("]}");
  });
}

std::string batch_get_trace_infos(const Services& services, const Input& input) {
  std::vector<traces::Trace> found = services.tracing.traces().get_all(read_trace_ids(input, "trace_ids"));
  const std::vector<std::string> wanted = input.texts("experiment_ids");
  std::erase_if(found, [&](const traces::Trace& trace) {
    return !wanted.empty() && std::find(wanted.begin(), wanted.end(), trace.experiment_id.value) == wanted.end();
  });
  JsonWriter json;
  json.begin_object();
  write_list(json, "trace_infos", found);
  json.end_object();
  return json.take();
}

http::Response get_trace_artifact(const Services& services, const Input& input, http::Request& request) {
  const std::string id = input.text("request_id");
  if (id.empty()) throw invalid_argument("Request must include the \"request_id\" query parameter.");
  traces::Traces& traces = services.tracing.traces();
  const traces::Trace trace = traces.get(traces::TraceId(id));
  const std::string path = tracking::checked_artifact_path(input.text("path"));
  if (!path.empty()) return download(services, request, artifact_folder(trace) + "/attachments/" + path);
  if (!has_spans_here(trace)) return download(services, request, text::concat(artifact_folder(trace), "/", kDataFile));
  http::Response response = streamed([&traces, trace](http::BodyWriter& out) {
    out.write(R"({"spans":[)");
    write_spans(traces, trace.id, write_as_file, out);
    out.write("]}");
  });
  response.headers.set("Content-Disposition", text::concat("attachment; filename=", kDataFile));
  response.headers.set("X-Content-Type-Options", "nosniff");
  return response;
}

}  // namespace slipway::mlflow
