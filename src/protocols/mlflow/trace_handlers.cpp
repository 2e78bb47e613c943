// Calls about traces. Spans come as a file through the artifact proxy, see refuse_spans.
#include <array>
#include <cmath>

#include "foundation/base/error.h"
#include "protocols/mlflow/handlers.h"
#include "protocols/mlflow/messages.h"

namespace slipway::mlflow {

namespace {

constexpr std::array<std::string_view, 4> kStates = {"STATE_UNSPECIFIED", "OK", "ERROR", "IN_PROGRESS"};

// Enum numbers start at 0 here.
std::string read_state(const Input& info) {
  const std::string given = info.find_enum("state").value_or("0");
  for (size_t i = 0; i < kStates.size(); ++i) {
    if (given == kStates[i] || given == std::to_string(i)) return std::string(kStates[i]);
  }
  throw invalid_argument("Invalid value \"", given, "\" for parameter 'state' supplied.");
}

// Protobuf's JSON writes a duration as seconds: "1.5s".
std::optional<int64_t> read_duration_ms(const Input& info) {
  const std::string given = info.text("execution_duration");
  if (given.empty()) return std::nullopt;
  const auto seconds =
      given.ends_with('s') ? text::parse_double(std::string_view(given).substr(0, given.size() - 1)) : std::nullopt;
  if (!seconds || !std::isfinite(*seconds) || std::fabs(*seconds) > 1e12) {
    throw invalid_argument("Invalid value \"", given, "\" for parameter 'execution_duration' supplied.");
  }
  return std::llround(*seconds * 1000);
}

int64_t read_request_ms(const Input& info) {
  const std::string given = info.required_text("request_time");
  if (const auto time_ms = text::parse_time_ms(given)) return *time_ms;
  throw invalid_argument("Invalid value \"", given, "\" for parameter 'request_time' supplied.");
}

tracking::ExperimentId read_location(const Input& location) {
  const auto experiment = location.find_object("mlflow_experiment");
  if (!experiment)
    throw invalid_argument("Missing value for required parameter 'mlflow_experiment': traces live in experiments here");
  return tracking::ExperimentId(experiment->required_text("experiment_id"));
}

tracking::Trace read_trace(const Input& info) {
  if (!info.list("assessments").empty()) {
    throw Error(ErrorCode::kUnimplemented, "assessments of traces are not kept by this server");
  }
  tracking::Trace out;
  out.id = tracking::TraceId(info.required_text("trace_id"));
  const auto location = info.find_object("trace_location");
  if (!location) throw invalid_argument("Missing value for required parameter 'trace_location'.");
  out.experiment_id = read_location(*location);
  out.client_request_id = info.text("client_request_id");
  out.request_preview = info.text("request_preview");
  out.response_preview = info.text("response_preview");
  out.request_ms = read_request_ms(info);
  out.execution_ms = read_duration_ms(info);
  out.state = read_state(info);
  out.tags = info.map("tags");
  out.metadata = info.map("trace_metadata");
  return out;
}

std::string trace_answer(const tracking::Trace& trace) {
  JsonWriter json;
  json.begin_object();
  json.begin_object("trace");
  write(json, "trace_info", trace);
  json.end_object();
  json.end_object();
  return json.take();
}

}  // namespace

std::string start_trace(const Services& services, const Input& input) {
  const auto trace = input.find_object("trace");
  const auto info = trace ? trace->find_object("trace_info") : std::nullopt;
  if (!info) throw invalid_argument("Missing value for required parameter 'trace.trace_info'.");
  return trace_answer(services.tracking.traces().put(read_trace(*info)));
}

std::string get_trace(const Services& services, const Input& input) {
  return trace_answer(services.tracking.traces().get(tracking::TraceId(input.required_text("trace_id"))));
}

std::string search_traces(const Services& services, const Input& input) {
  constexpr int64_t kDefault = 100;
  std::vector<tracking::ExperimentId> experiments;
  for (const Input& location : input.list("locations")) experiments.push_back(read_location(location));
  return page("traces", services.tracking.traces().search(experiments, read_search(input, kDefault)));
}

std::string set_trace_tag(const Services& services, const Input& input) {
  services.tracking.traces().set_tag(tracking::TraceId(input.required_text("trace_id")),
                                     {input.required_text("key"), input.text("value")});
  return std::string(kNothing);
}

std::string delete_trace_tag(const Services& services, const Input& input) {
  services.tracking.traces().delete_tag(tracking::TraceId(input.required_text("trace_id")), input.required_text("key"));
  return std::string(kNothing);
}

}  // namespace slipway::mlflow
