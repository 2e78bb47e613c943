#include "domains/traces/span_store.h"

#include <algorithm>

#include "domains/traces/json_text.h"
#include "domains/traces/span_content.h"
#include "domains/tracking/limits.h"
#include "domains/tracking/select.h"
#include "foundation/base/error.h"
#include "foundation/base/json.h"
#include "foundation/sql/insert_rows.h"

namespace slipway::traces {

namespace {

constexpr size_t kColumns = 19;
constexpr std::string_view kInsert =
    "INSERT INTO trace_spans (trace_id, span_id, parent_id, is_child, start_ns, end_ns, status, name, type, "
    "model_name, "
    "model_provider, input_cost, output_cost, total_cost, tokens, tokens_covered, cost, cost_covered, content)";
constexpr std::string_view kReplace =
    " ON CONFLICT (trace_id, span_id) DO UPDATE SET parent_id = excluded.parent_id, is_child = excluded.is_child, "
    "start_ns = excluded.start_ns, end_ns = excluded.end_ns, status = excluded.status, name = excluded.name, type = "
    "excluded.type, model_name = excluded.model_name, model_provider = excluded.model_provider, input_cost = "
    "excluded.input_cost, output_cost = excluded.output_cost, total_cost = excluded.total_cost, tokens = "
    "excluded.tokens, cost = excluded.cost, content = excluded.content";
constexpr std::string_view kSelect =
    "SELECT trace_id, span_id, parent_id, start_ns, end_ns, status, name, content FROM trace_spans WHERE trace_id = ?";

// Models are a dimension of metrics: not a place for long texts.
constexpr size_t kMaxModelName = 500;
constexpr size_t kPortion = 512;

std::optional<std::string> dimension(const Span& span, std::string_view key) {
  const std::string* value = find_attribute(span.attributes, key);
  const auto text = value == nullptr ? std::nullopt : text_of_json(*value);
  if (!text) return std::nullopt;
  return tracking::first_characters(*text, kMaxModelName);
}

// Nothing for anything but a JSON object.
std::optional<std::string> object_attribute(const Span& span, std::string_view key) {
  const std::string* value = find_attribute(span.attributes, key);
  if (value == nullptr || value->empty() || value->front() != '{') return std::nullopt;
  return *value;
}

Span span_of(const sql::Row& row) {
  Span out;
  out.trace_id = TraceId(row.get_text(0));
  out.span_id = row.get_text(1);
  out.parent_id = row.get_text(2);
  out.start_ns = row.get_int(3);
  out.end_ns = row.find_int(4);
  out.status = parse_span_status(row.get_text(5));
  out.name = row.get_text(6);
  decode_content(row.get_text(7), out);
  return out;
}

}  // namespace

PreparedSpan prepare(Span span) {
  PreparedSpan out;
  const std::string* type = find_attribute(span.attributes, attribute::kType);
  if (type != nullptr) out.type = text_of_json(*type);
  out.model_name = dimension(span, attribute::kModel);
  out.model_provider = dimension(span, attribute::kModelProvider);
  out.tokens = object_attribute(span, attribute::kTokens);
  out.cost = object_attribute(span, attribute::kCost);
  out.content = encode_content(span);
  out.span = std::move(span);
  return out;
}

std::optional<double> cost_of(const PreparedSpan& prepared, std::string_view key) {
  if (!prepared.cost) return std::nullopt;
  const json::value document = json::parse(*prepared.cost);
  const json::value* found = json::find(document.as_object(), key);
  if (found == nullptr || !found->is_number()) return std::nullopt;
  return found->to_number<double>();
}

void SpanStore::put(const std::vector<PreparedSpan*>& spans) {
  sql::insert_rows(transaction_, kInsert, kColumns, kReplace, spans.size(), [&](size_t i, sql::Values& values) {
    const PreparedSpan& prepared = *spans[i];
    const Span& span = prepared.span;
    values.insert(
        values.end(),
        {span.trace_id.value, span.span_id, span.parent_id, int64_t{span.is_root() ? 0 : 1}, span.start_ns,
         sql::optional_value(span.end_ns), std::string(name_of(span.status)), span.name,
         sql::optional_value(prepared.type), sql::optional_value(prepared.model_name),
         sql::optional_value(prepared.model_provider), sql::optional_value(cost_of(prepared, "input_cost")),
         sql::optional_value(cost_of(prepared, "output_cost")), sql::optional_value(cost_of(prepared, "total_cost")),
         sql::optional_value(prepared.tokens), int64_t{prepared.tokens_covered ? 1 : 0},
         sql::optional_value(prepared.cost), int64_t{prepared.cost_covered ? 1 : 0}, prepared.content});
  });
}

int64_t SpanStore::count(const TraceId& trace) {
  return transaction_.query_int("SELECT COUNT(*) FROM trace_spans WHERE trace_id = ?", {trace.value}).value_or(0);
}

std::vector<Span> SpanStore::page(const TraceId& trace, const std::optional<SpanCursor>& after, int64_t limit) {
  std::string statement(kSelect);
  sql::Values values = {trace.value};
  if (after) {
    statement.append(" AND (is_child, start_ns, span_id) > (?, ?, ?)");
    values.insert(values.end(), {int64_t{after->is_child ? 1 : 0}, after->start_ns, after->span_id});
  }
  statement.append(" ORDER BY is_child, start_ns, span_id LIMIT ?");
  values.emplace_back(limit);
  return transaction_.query_all<Span>(statement, values, span_of);
}

void SpanStore::query_of_trace(std::string_view head, const TraceId& trace, const std::string& column,
                               const std::vector<std::string>& ids, std::string_view tail,
                               const std::function<void(const sql::Row&)>& on_row) {
  for (size_t start = 0; start < ids.size(); start += kPortion) {
    const size_t end = std::min(start + kPortion, ids.size());
    sql::Values portion;
    for (size_t i = start; i < end; ++i) portion.emplace_back(ids[i]);
    const tracking::Condition inside = tracking::in_condition(column, portion);
    sql::Values values = {trace.value};
    values.insert(values.end(), inside.values.begin(), inside.values.end());
    transaction_.query(text::concat(head, " WHERE trace_id = ? AND ", inside.text, tail), values, on_row);
  }
}

}  // namespace slipway::traces
