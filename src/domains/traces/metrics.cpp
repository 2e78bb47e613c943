// Metrics of traces, spans and assessments: one SELECT, grouped and aggregated by the database.
#include <algorithm>
#include <array>

#include "domains/traces/analysis.h"
#include "domains/traces/trace_filter.h"
#include "foundation/base/error.h"
#include "foundation/base/json_stream.h"

namespace slipway::traces {

namespace {

using tracking::SelectBuilder;

constexpr int64_t kMaxResults = 50'000;
constexpr size_t kMaxAggregations = 20;

// What may be asked. `column` is an expression over the view's tables; `join` is what it needs beyond them.
struct Column {
  std::string_view name;
  std::string_view column;
  std::string_view join;
  bool is_count;                // only counted, else only computed with
  bool is_summable;             // SUM makes sense
  std::string_view dimensions;  // that it takes, blank separated
};

constexpr std::string_view kTraceName = "JOIN trace_tags n ON n.trace_id = t.trace_id AND n.key = 'mlflow.traceName'";
constexpr std::string_view kSession =
    "JOIN trace_metadata m ON m.trace_id = t.trace_id AND m.key = 'mlflow.trace.session'";
constexpr std::string_view kUsage = "JOIN trace_usage u ON u.trace_id = t.trace_id AND u.key = ?";
constexpr std::string_view kModels = "span_model_name span_model_provider";

constexpr std::array<Column, 8> kTraceMetrics = {
    {{"trace_count", "1", "", true, false, "trace_name trace_status"},
     {"session_count", "m.value", kSession, true, false, ""},
     {"latency", "t.execution_ms", "", false, false, "trace_name"},
     {"input_tokens", "u.value", kUsage, false, true, "trace_name"},
     {"output_tokens", "u.value", kUsage, false, true, "trace_name"},
     {"total_tokens", "u.value", kUsage, false, true, "trace_name"},
     {"cache_read_input_tokens", "u.value", kUsage, false, true, "trace_name"},
     {"cache_creation_input_tokens", "u.value", kUsage, false, true, "trace_name"}}};
constexpr std::array<Column, 5> kSpanMetrics = {
    {{"span_count", "1", "", true, false, "span_name span_type span_status span_model_name span_model_provider"},
     {"latency", "(s.end_ns - s.start_ns) / 1000000", "", false, false, "span_name span_status"},
     {"input_cost", "s.input_cost", "", false, true, kModels},
     {"output_cost", "s.output_cost", "", false, true, kModels},
     {"total_cost", "s.total_cost", "", false, true, kModels}}};
constexpr std::array<Column, 2> kAssessmentMetrics = {
    {{"assessment_count", "1", "", true, false, "assessment_name assessment_value"},
     {"assessment_value", "a.number", "", false, false, "assessment_name"}}};

struct Dimension {
  std::string_view name;
  std::string_view column;
  std::string_view join;
};
constexpr Dimension kDimensions[] = {{"trace_name", "n.value", kTraceName},
                                     {"trace_status", "t.state", ""},
                                     {"span_name", "s.name", ""},
                                     {"span_type", "s.type", ""},
                                     {"span_status", "s.status", ""},
                                     {"span_model_name", "s.model_name", ""},
                                     {"span_model_provider", "s.model_provider", ""},
                                     {"assessment_name", "a.name", ""},
                                     {"assessment_value", "a.value", ""}};

template <size_t kCount>
const Column& metric_among(const std::array<Column, kCount>& known, const std::string& name) {
  std::vector<std::string> names;
  for (const Column& metric : known) {
    if (metric.name == name) return metric;
    names.emplace_back(metric.name);
  }
  throw invalid_argument("metric_name must be one of ", text::join(names, ", "), ", got '", name, "'");
}

const Column& metric_of(const MetricQuery& query) {
  if (query.view == MetricView::kTraces) return metric_among(kTraceMetrics, query.metric);
  if (query.view == MetricView::kSpans) return metric_among(kSpanMetrics, query.metric);
  return metric_among(kAssessmentMetrics, query.metric);
}

void check(const MetricQuery& query, const Column& metric) {
  if (query.max_results < 1 || query.max_results > kMaxResults)
    throw invalid_argument("Invalid value ", query.max_results, " for parameter 'max_results' supplied: at most ",
                           kMaxResults);
  if (query.aggregations.empty() || query.aggregations.size() > kMaxAggregations)
    throw invalid_argument("'aggregations' takes 1 to ", kMaxAggregations, " items");
  if (query.interval_s && (!query.from_ms || !query.to_ms))
    throw invalid_argument("start_time_ms and end_time_ms are required if time_interval_seconds is set");
  if (query.interval_s && (*query.interval_s <= 0 || *query.interval_s > 1'000'000'000))
    throw invalid_argument("time_interval_seconds must be positive");
  for (const AskedAggregation& asked : query.aggregations) {
    const bool counts = asked.kind == Aggregation::kCount;
    if (counts != metric.is_count || (asked.kind == Aggregation::kSum && !metric.is_summable))
      throw invalid_argument("Found invalid aggregation_type(s): ", name_of(asked), " does not go with ", metric.name);
    if (asked.kind == Aggregation::kPercentile && !(asked.percentile >= 0 && asked.percentile <= 100))
      throw invalid_argument("Percentile value must be between 0 and 100");
  }
  const std::vector<std::string> allowed = text::split(metric.dimensions, ' ');
  for (const std::string& dimension : query.dimensions) {
    if (dimension.empty() || std::find(allowed.begin(), allowed.end(), dimension) == allowed.end())
      throw invalid_argument("Found invalid dimension(s): ", dimension, ". Supported dimensions: ", metric.dimensions);
  }
}

// A filter of metrics has its own names: "trace.tag.KEY", "span.type", "assessment.name".
void add_filter(SelectBuilder& select, sql::Dialect dialect, const MetricQuery& query, const std::string& filter) {
  const auto parsed = tracking::parse_filter(filter);
  if (parsed.size() != 1) throw invalid_argument("Invalid filter: '", filter, "'. Expected one filter clause.");
  tracking::Comparison comparison = parsed[0];
  if (comparison.op != tracking::Operator::kEqual)
    throw invalid_argument("Invalid comparator: '", tracking::symbol_of(comparison.op),
                           "', only '=' operator is supported");
  const auto own_column = [&](MetricView view, std::initializer_list<std::string_view> keys, std::string_view prefix) {
    if (query.view != view)
      throw invalid_argument("Filtering by ", comparison.entity, " is only supported for ",
                             view == MetricView::kSpans ? "SPANS" : "ASSESSMENTS", " view type");
    const std::string first = comparison.key.substr(0, comparison.key.find('.'));
    if (first != comparison.key && std::find(keys.begin(), keys.end(), first) != keys.end())
      throw invalid_argument("The entity '", first, "' of ", comparison.entity, " does not require a key: '",
                             comparison.key, "'");
    if (std::find(keys.begin(), keys.end(), comparison.key) == keys.end())
      throw invalid_argument("Invalid entity '", comparison.key, "' specified for view type '", comparison.entity, "'");
    const std::string column =
        text::concat(prefix, comparison.key == "type" && prefix == "a." ? "kind" : comparison.key);
    select.where(tracking::text_condition(dialect, column, comparison, {tracking::Operator::kEqual}, comparison.key));
  };
  if (comparison.entity == "span") return own_column(MetricView::kSpans, {"name", "status", "type"}, "s.");
  if (comparison.entity == "assessment") return own_column(MetricView::kAssessments, {"name", "type"}, "a.");
  if (comparison.entity != "trace")
    throw invalid_argument("Invalid identifier '", comparison.entity, comparison.entity.empty() ? "" : ".",
                           comparison.key, "' in '", filter,
                           "'. Columns should be specified as 'trace.<key>', 'span.<key>', 'assessment.<key>'.");
  const size_t dot = comparison.key.find('.');
  const std::string first = comparison.key.substr(0, dot);
  const bool has_key = dot != std::string::npos && dot + 1 < comparison.key.size();
  if ((first == "tag" || first == "metadata") && has_key) {
    comparison.entity = first;
    comparison.key = comparison.key.substr(dot + 1);
  } else if (comparison.key != "status") {
    throw invalid_argument("Invalid entity '", comparison.key, "' specified for view type 'trace'");
  }
  add_trace_conditions(select, dialect, {comparison});
}

// The span's own time counts for what is summed by day; its trace's time for the others.
std::string_view range_column(const MetricQuery& query, const Column& metric) {
  return query.view == MetricView::kSpans && metric.is_summable ? "(s.start_ns / 1000000)" : "t.request_ms";
}

std::string bucket_of(const MetricQuery& query) {
  const std::string_view time = query.view == MetricView::kSpans ? "(s.start_ns / 1000000)" : "t.request_ms";
  const int64_t step = *query.interval_s * 1000;
  // Also right for times before 1970, where % is negative.
  return text::concat("(", time, " - ((", time, " % ", step, ") + ", step, ") % ", step, ")");
}

// SELECT b, d0, d1, v FROM ...: one row for each value.
SelectBuilder values_of(const MetricQuery& query, const Column& metric, sql::Dialect dialect) {
  std::string head = "SELECT ";
  if (query.interval_s) head.append(bucket_of(query)).append(" AS b, ");
  std::vector<const Dimension*> dimensions;
  for (size_t i = 0; i < query.dimensions.size(); ++i) {
    const Dimension* known = std::find_if(std::begin(kDimensions), std::end(kDimensions),
                                          [&](const Dimension& one) { return one.name == query.dimensions[i]; });
    dimensions.push_back(known);
    head.append(text::concat(known->column, " AS d", i, ", "));
  }
  const bool is_text = metric.name == "session_count";
  head.append(is_text ? text::concat(metric.column, " AS v FROM traces t")
                      : text::concat("CAST(", metric.column, " AS DOUBLE PRECISION) AS v FROM traces t"));
  SelectBuilder select(head);
  if (query.view == MetricView::kSpans) select.join("JOIN trace_spans s ON s.trace_id = t.trace_id");
  if (query.view == MetricView::kAssessments)
    select.join("JOIN trace_assessments a ON a.trace_id = t.trace_id AND a.is_valid = 1");
  if (!metric.join.empty())
    select.join(std::string(metric.join),
                metric.join == kUsage ? sql::Values{std::string(metric.name)} : sql::Values{});
  add_experiments(select, query.experiments);
  for (const Dimension* dimension : dimensions) {
    if (!dimension->join.empty()) select.join(std::string(dimension->join));
    select.where({text::concat(dimension->column, " IS NOT NULL"), {}});
  }
  select.where({text::concat(metric.column, " IS NOT NULL"), {}});
  const std::string_view time = range_column(query, metric);
  if (query.from_ms) select.where({text::concat(time, " >= ?"), {*query.from_ms}});
  if (query.to_ms) select.where({text::concat(time, " <= ?"), {*query.to_ms}});
  for (const std::string& filter : query.filters) add_filter(select, dialect, query, filter);
  return select;
}

// A percentile is interpolated between the two values next to its rank; the weight of a value falls with its distance.
std::string aggregate_of(const AskedAggregation& asked, bool distinct, sql::Values& values) {
  switch (asked.kind) {
    case Aggregation::kCount:
      return distinct ? "COUNT(DISTINCT v)" : "COUNT(v)";
    case Aggregation::kSum:
      return "SUM(v)";
    case Aggregation::kAverage:
      return "AVG(v)";
    case Aggregation::kLeast:
      return "MIN(v)";
    case Aggregation::kMost:
      return "MAX(v)";
    case Aggregation::kPercentile:
      break;
  }
  const std::string distance = "ABS(r - CAST(? AS DOUBLE PRECISION) * (n - 1))";
  values.insert(values.end(), {asked.percentile / 100, asked.percentile / 100});
  return text::concat("SUM(CASE WHEN ", distance, " < 1 THEN v * (1 - ", distance, ") ELSE 0 END)");
}

std::string groups_of(const MetricQuery& query) {
  std::vector<std::string> out;
  if (query.interval_s) out.emplace_back("b");
  for (size_t i = 0; i < query.dimensions.size(); ++i) out.push_back(text::concat("d", i));
  return text::join(out, ", ");
}

MetricDataPoint point_of(const sql::Row& row, const MetricQuery& query) {
  MetricDataPoint out;
  int column = 0;
  if (query.interval_s) {
    const std::string time = text::format_time_ms(row.get_int(column++));
    out.dimensions.push_back({"time_bucket", time.substr(0, time.find('.')) + "+00:00"});
  }
  for (const std::string& dimension : query.dimensions) out.dimensions.push_back({dimension, row.get_text(column++)});
  for (const AskedAggregation& asked : query.aggregations) {
    if (const auto value = row.find_double(column++)) out.values.emplace_back(name_of(asked), *value);
  }
  return out;
}

}  // namespace

std::string name_of(const AskedAggregation& asked) {
  constexpr std::array<std::string_view, 6> kNames = {"COUNT", "SUM", "AVG", "P", "MIN", "MAX"};
  std::string out(kNames[static_cast<size_t>(asked.kind)]);
  if (asked.kind == Aggregation::kPercentile) append_json_number(out, asked.percentile);
  return out;
}

std::vector<MetricDataPoint> Analysis::metrics(const MetricQuery& query) {
  const Column& metric = metric_of(query);
  check(query, metric);
  const bool by_rank = std::any_of(query.aggregations.begin(), query.aggregations.end(),
                                   [](const auto& asked) { return asked.kind == Aggregation::kPercentile; });
  const std::string groups = groups_of(query);
  std::vector<MetricDataPoint> out;
  database_.read([&](sql::Transaction& transaction) {
    const SelectBuilder inner = values_of(query, metric, transaction.dialect());
    sql::Values values;
    std::string statement = "SELECT " + groups;
    for (const AskedAggregation& asked : query.aggregations) {
      if (statement.size() > 7) statement.append(", ");
      statement.append(aggregate_of(asked, metric.name == "session_count", values));
    }
    const std::string partition = groups.empty() ? "" : "PARTITION BY " + groups;
    statement.append(by_rank ? text::concat(" FROM (SELECT q.*, ROW_NUMBER() OVER (", partition,
                                            " ORDER BY v) - 1 AS r, COUNT(*) OVER (", partition, ") AS n FROM (",
                                            inner.whole_text(), ") q) p")
                             : text::concat(" FROM (", inner.whole_text(), ") q"));
    if (!groups.empty()) statement.append(text::concat(" GROUP BY ", groups, " ORDER BY ", groups));
    statement.append(" LIMIT ?");
    const sql::Values inner_values = inner.whole_values();
    values.insert(values.end(), inner_values.begin(), inner_values.end());
    values.emplace_back(query.max_results);
    transaction.query(statement, values, [&](const sql::Row& row) {
      MetricDataPoint point = point_of(row, query);
      if (!point.values.empty()) out.push_back(std::move(point));
    });
  });
  return out;
}

}  // namespace slipway::traces
