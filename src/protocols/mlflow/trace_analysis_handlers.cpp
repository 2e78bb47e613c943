// Calls that ask about many traces at once.
#include <array>

#include "foundation/base/error.h"
#include "protocols/mlflow/handlers.h"
#include "protocols/mlflow/messages.h"
#include "protocols/mlflow/trace_messages.h"

namespace slipway::mlflow {

namespace {

constexpr int64_t kDefaultPoints = 1000;

std::vector<traces::ExperimentId> read_experiments(const Input& input) {
  std::vector<traces::ExperimentId> out;
  for (const std::string& id : input.texts("experiment_ids")) out.emplace_back(id);
  if (out.empty()) throw invalid_argument("Missing value for required parameter 'experiment_ids'.");
  return out;
}

// An enum's values in the order of their numbers, the first being 1.
template <size_t kCount>
size_t read_enum(const Input& input, std::string_view name, const std::array<std::string_view, kCount>& names) {
  const auto given = input.find_enum(name);
  if (!given) throw invalid_argument("Missing value for required parameter '", name, "'.");
  for (size_t i = 0; i < kCount; ++i) {
    if (*given == names[i] || *given == std::to_string(i + 1)) return i;
  }
  throw invalid_argument("Invalid value \"", *given, "\" for parameter '", name, "' supplied.");
}

traces::AskedAggregation read_aggregation(const Input& input) {
  constexpr std::array<std::string_view, 6> kNames = {"COUNT", "SUM", "AVG", "PERCENTILE", "MIN", "MAX"};
  traces::AskedAggregation out;
  out.kind = static_cast<traces::Aggregation>(read_enum(input, "aggregation_type", kNames));
  const bool has_percentile = input.has("percentile_value");
  if (has_percentile != (out.kind == traces::Aggregation::kPercentile))
    throw invalid_argument("percentile_value goes with PERCENTILE, and PERCENTILE with percentile_value");
  if (has_percentile) out.percentile = input.required_number("percentile_value");
  return out;
}

traces::MetricQuery read_query(const Input& input) {
  constexpr std::array<std::string_view, 3> kViews = {"TRACES", "SPANS", "ASSESSMENTS"};
  traces::MetricQuery out;
  out.experiments = read_experiments(input);
  out.view = static_cast<traces::MetricView>(read_enum(input, "view_type", kViews));
  out.metric = input.required_text("metric_name");
  for (const Input& one : input.list("aggregations")) out.aggregations.push_back(read_aggregation(one));
  out.dimensions = input.texts("dimensions");
  out.filters = input.texts("filters");
  out.interval_s = input.find_integer("time_interval_seconds");
  out.from_ms = input.find_integer("start_time_ms");
  out.to_ms = input.find_integer("end_time_ms");
  out.max_results = input.integer("max_results", kDefaultPoints);
  return out;
}

}  // namespace

std::string correlate_trace_filters(const Services& services, const Input& input) {
  const traces::Correlation found =
      services.tracing.analysis().correlate(read_experiments(input), input.required_text("filter_string1"),
                                            input.required_text("filter_string2"), input.text("base_filter"));
  JsonWriter json;
  json.begin_object();
  json.number("npmi", found.npmi);
  json.number("npmi_smoothed", found.npmi_smoothed);
  json.integer("filter1_count", found.first);
  json.integer("filter2_count", found.second);
  json.integer("joint_count", found.joint);
  json.integer("total_count", found.total);
  json.end_object();
  return json.take();
}

std::string query_trace_metrics(const Services& services, const Input& input) {
  const traces::MetricQuery query = read_query(input);
  JsonWriter json;
  json.begin_object();
  json.begin_array("data_points");
  for (const traces::MetricDataPoint& point : services.tracing.analysis().metrics(query)) {
    json.begin_object();
    json.text("metric_name", query.metric);
    write_map(json, "dimensions", point.dimensions);
    json.begin_object("values");
    for (const auto& [name, value] : point.values) json.number(name, value);
    json.end_object();
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return json.take();
}

}  // namespace slipway::mlflow
