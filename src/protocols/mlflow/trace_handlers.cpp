// Calls about traces as such: reported, searched, tagged, linked, deleted; the older forms of them too.
#include "foundation/base/error.h"
#include "protocols/mlflow/authorization.h"
#include "protocols/mlflow/handlers.h"
#include "protocols/mlflow/messages.h"
#include "protocols/mlflow/trace_messages.h"

namespace slipway::mlflow {

namespace {

constexpr int64_t kDefaultResults = 100;

std::string trace_answer(const traces::Trace& trace) {
  JsonWriter json;
  json.begin_object();
  json.begin_object("trace");
  write(json, "trace_info", trace);
  json.end_object();
  json.end_object();
  return json.take();
}

std::string old_answer(const traces::Trace& trace) {
  JsonWriter json;
  json.begin_object();
  write_old(json, "trace_info", trace);
  json.end_object();
  return json.take();
}

traces::TraceId required_trace_id(const Input& input) { return traces::TraceId(input.required_text("trace_id")); }

}  // namespace

std::vector<traces::TraceId> read_trace_ids(const Input& input, std::string_view name) {
  std::vector<traces::TraceId> out;
  for (const std::string& id : input.texts(name)) out.emplace_back(id);
  return out;
}

std::string start_trace(const Services& services, const Input& input) {
  const auto trace = input.find_object("trace");
  const auto info = trace ? trace->find_object("trace_info") : std::nullopt;
  if (!info) throw invalid_argument("Missing value for required parameter 'trace.trace_info'.");
  return trace_answer(services.tracing.traces().put(read_trace(*info)));
}

std::string get_trace_info(const Services& services, const Input& input) {
  return trace_answer(services.tracing.traces().get(required_trace_id(input)));
}

std::string search_traces(const Services& services, const Input& input) {
  std::vector<std::string> asked;
  for (const Input& location : input.list("locations")) asked.push_back(read_location(location).value);
  return page("traces",
              services.tracing.traces().search(readable(services, asked), read_search(input, kDefaultResults)));
}

std::string set_trace_tag(const Services& services, const Input& input) {
  services.tracing.traces().set_tag(required_trace_id(input), {input.required_text("key"), input.text("value")});
  return std::string(kNothing);
}

std::string delete_trace_tag(const Services& services, const Input& input) {
  services.tracing.traces().delete_tag(required_trace_id(input), input.required_text("key"));
  return std::string(kNothing);
}

std::string delete_traces(const Services& services, const Input& input) {
  traces::TraceSelection selection;
  selection.until_ms = input.find_integer("max_timestamp_millis");
  selection.most = input.find_integer("max_traces");
  selection.ids = read_trace_ids(input, "request_ids");
  const traces::ExperimentId experiment(input.required_text("experiment_id"));
  JsonWriter json;
  json.begin_object();
  json.integer("traces_deleted", services.tracing.traces().remove(experiment, selection));
  json.end_object();
  return json.take();
}

std::string link_traces_to_run(const Services& services, const Input& input) {
  services.tracing.traces().link_to_run(read_trace_ids(input, "trace_ids"), input.required_text("run_id"));
  return std::string(kNothing);
}

std::string link_prompts_to_trace(const Services& services, const Input& input) {
  std::vector<traces::PromptVersion> prompts;
  for (const Input& prompt : input.list("prompt_versions"))
    prompts.push_back({prompt.required_text("name"), prompt.required_text("version")});
  services.tracing.traces().link_prompts(required_trace_id(input), prompts);
  return std::string(kNothing);
}

std::string begin_old_trace(const Services& services, const Input& input) {
  traces::Trace trace;
  trace.experiment_id = traces::ExperimentId(input.required_text("experiment_id"));
  trace.request_ms = input.required_integer("timestamp_ms");
  trace.metadata = read_tags(input, "request_metadata");
  trace.tags = read_tags(input);
  return old_answer(services.tracing.traces().begin(trace));
}

std::string end_old_trace(const Services& services, const Input& input) {
  return old_answer(services.tracing.traces().finish(required_trace_id(input), input.required_integer("timestamp_ms"),
                                                     read_trace_state(input, "status"), read_tags(input),
                                                     read_tags(input, "request_metadata")));
}

std::string get_old_trace(const Services& services, const Input& input) {
  return old_answer(services.tracing.traces().get(required_trace_id(input)));
}

std::string search_old_traces(const Services& services, const Input& input) {
  const auto found = services.tracing.traces().search(readable(services, input.texts("experiment_ids")),
                                                      read_search(input, kDefaultResults));
  JsonWriter json;
  json.begin_object();
  if (!found.items.empty()) {
    json.begin_array("traces");
    for (const traces::Trace& trace : found.items) write_old(json, "", trace);
    json.end_array();
  }
  if (found.next) json.text("next_page_token", *found.next);
  json.end_object();
  return json.take();
}

}  // namespace slipway::mlflow
