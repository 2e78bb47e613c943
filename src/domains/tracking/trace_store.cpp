#include "domains/tracking/trace_store.h"

#include <unordered_map>

#include "domains/tracking/experiment_store.h"
#include "foundation/base/error.h"

namespace slipway::tracking {

namespace {

constexpr std::string_view kColumns =
    "SELECT t.trace_id, t.experiment, t.client_request_id, t.request_preview, t.response_preview, t.request_ms, "
    "t.execution_ms, "
    "t.state FROM traces t";

Trace trace_of(const sql::Row& row) {
  Trace out;
  out.id = TraceId(row.get_text(0));
  out.experiment_id = ExperimentId(std::to_string(row.get_int(1)));
  out.client_request_id = row.get_text(2);
  out.request_preview = row.get_text(3);
  out.response_preview = row.get_text(4);
  out.request_ms = row.get_int(5);
  out.execution_ms = row.find_int(6);
  out.state = row.get_text(7);
  return out;
}

constexpr auto kTextOperators = {Operator::kEqual, Operator::kNotEqual, Operator::kLike,
                                 Operator::kILike, Operator::kIn,       Operator::kNotIn};

Condition pair_condition(sql::Dialect dialect, std::string_view table, const Comparison& comparison) {
  Condition out = text_condition(dialect, "x.value", comparison, kTextOperators, comparison.entity);
  out.text = text::concat("EXISTS (SELECT 1 FROM ", table, " x WHERE x.trace_id = t.trace_id AND x.key = ? AND ",
                          out.text, ")");
  out.values.insert(out.values.begin(), comparison.key);
  return out;
}

struct Attribute {
  std::string_view name;
  std::string_view column;
  bool is_number;
};
constexpr Attribute kAttributes[] = {{"trace_id", "t.trace_id", false},
                                     {"request_id", "t.trace_id", false},
                                     {"client_request_id", "t.client_request_id", false},
                                     {"status", "t.state", false},
                                     {"state", "t.state", false},
                                     {"timestamp", "t.request_ms", true},
                                     {"timestamp_ms", "t.request_ms", true},
                                     {"execution_time", "t.execution_ms", true},
                                     {"execution_time_ms", "t.execution_ms", true}};

const Attribute& attribute_of(const std::string& entity, const std::string& key) {
  const bool ours = entity.empty() || entity == "attribute" || entity == "attributes" || entity == "trace";
  for (const Attribute& known : kAttributes) {
    if (ours && known.name == key) return known;
  }
  throw invalid_argument(
      "Invalid attribute '", entity, entity.empty() ? "" : ".", key,
      "' in a search for traces: this server knows trace_id, client_request_id, status, timestamp_ms, "
      "execution_time_ms, tags and metadata");
}

// The name of a trace is kept as a tag, the run it belongs to as metadata.
Comparison as_stored(Comparison comparison) {
  if (!comparison.entity.empty() && comparison.entity != "attributes" && comparison.entity != "trace")
    return comparison;
  if (comparison.key == "name") {
    comparison.entity = "tags";
    comparison.key = "mlflow.traceName";
  } else if (comparison.key == "run_id") {
    comparison.entity = "metadata";
    comparison.key = "mlflow.sourceRun";
  }
  return comparison;
}

Condition condition_of(sql::Dialect dialect, const Comparison& asked) {
  const Comparison comparison = as_stored(asked);
  const std::string& entity = comparison.entity;
  if (entity == "tag" || entity == "tags") return pair_condition(dialect, "trace_tags", comparison);
  if (entity == "metadata" || entity == "request_metadata")
    return pair_condition(dialect, "trace_metadata", comparison);
  const Attribute& attribute = attribute_of(entity, comparison.key);
  const std::string column(attribute.column);
  if (attribute.is_number) return integer_condition(column, comparison, comparison.key);
  return text_condition(dialect, column, comparison, kTextOperators, comparison.key);
}

}  // namespace

void TraceStore::put(const Trace& trace) {
  transaction_.execute(
      "INSERT INTO traces (trace_id, experiment, client_request_id, request_preview, response_preview, request_ms, "
      "execution_ms, "
      "state) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (trace_id) DO UPDATE SET client_request_id = "
      "excluded.client_request_id, "
      "request_preview = excluded.request_preview, response_preview = excluded.response_preview, request_ms = "
      "excluded.request_ms, "
      "execution_ms = excluded.execution_ms, state = excluded.state",
      {trace.id.value, number_of(trace.experiment_id), trace.client_request_id, trace.request_preview,
       trace.response_preview, trace.request_ms, sql::optional_value(trace.execution_ms), trace.state});
  put_pairs("trace_tags", trace.id, trace.tags);
  put_pairs("trace_metadata", trace.id, trace.metadata);
}

void TraceStore::put_pairs(std::string_view table, const TraceId& id, const std::vector<Tag>& pairs) {
  const std::string statement = text::concat("INSERT INTO ", table,
                                             " (trace_id, key, value) VALUES (?, ?, ?) "
                                             "ON CONFLICT (trace_id, key) DO UPDATE SET value = excluded.value");
  for (const Tag& pair : pairs) transaction_.execute(statement, {id.value, pair.key, pair.value});
}

std::optional<Trace> TraceStore::find(const TraceId& id) {
  auto found = transaction_.query_all<Trace>(text::concat(kColumns, " WHERE t.trace_id = ?"), {id.value}, trace_of);
  if (found.empty()) return std::nullopt;
  load(found);
  return std::move(found[0]);
}

Trace TraceStore::get(const TraceId& id) {
  if (auto found = find(id)) return *std::move(found);
  throw not_found("Trace with ID '", id.value, "' not found");
}

std::vector<Trace> TraceStore::search(const std::vector<ExperimentId>& experiments, const Search& search, int64_t limit,
                                      int64_t offset) {
  SelectBuilder select{std::string(kColumns)};
  sql::Values numbers;
  for (const ExperimentId& id : experiments) numbers.emplace_back(number_of(id));
  select.where(in_condition("t.experiment", numbers));
  for (const Comparison& comparison : parse_filter(search.filter)) {
    select.where(condition_of(transaction_.dialect(), comparison));
  }
  for (const std::string& text : search.order_by) {
    const OrderKey key = parse_order_key(text);
    select.order(text::concat(attribute_of(key.entity, key.key).column, key.ascending ? " ASC" : " DESC"));
  }
  select.order("t.request_ms DESC");
  select.order("t.trace_id ASC");
  auto out = transaction_.query_all<Trace>(select.text(), select.values(limit, offset), trace_of);
  load(out);
  return out;
}

void TraceStore::load(std::vector<Trace>& traces) {
  std::unordered_map<std::string, Trace*> by_id;
  sql::Values ids;
  for (Trace& trace : traces) {
    by_id[trace.id.value] = &trace;
    ids.emplace_back(trace.id.value);
  }
  query_in(transaction_, "SELECT trace_id, key, value FROM trace_tags", "trace_id", ids, " ORDER BY trace_id, key",
           [&](const sql::Row& row) {
             by_id.at(row.get_text(0))->tags.push_back({row.get_text(1), row.get_text(2)});
           });
  query_in(transaction_, "SELECT trace_id, key, value FROM trace_metadata", "trace_id", ids, " ORDER BY trace_id, key",
           [&](const sql::Row& row) {
             by_id.at(row.get_text(0))->metadata.push_back({row.get_text(1), row.get_text(2)});
           });
}

void TraceStore::set_tag(const TraceId& id, const Tag& tag) { put_pairs("trace_tags", id, {tag}); }

bool TraceStore::remove_tag(const TraceId& id, const std::string& key) {
  return transaction_.execute("DELETE FROM trace_tags WHERE trace_id = ? AND key = ?", {id.value, key}) > 0;
}

}  // namespace slipway::tracking
