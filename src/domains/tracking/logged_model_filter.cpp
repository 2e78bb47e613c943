#include "domains/tracking/logged_model_filter.h"

#include <array>
#include <optional>

#include "foundation/base/error.h"

namespace slipway::tracking {

namespace {

struct Attribute {
  std::string_view name;
  std::string_view column;
  bool is_time;
};
// The table has an empty text for what a model does not have, and nothing is neither equal nor unequal to anything.
constexpr std::array<Attribute, 12> kAttributes = {{{"name", "l.name", false},
                                                    {"model_id", "l.model_id", false},
                                                    {"model_type", "NULLIF(l.model_type, '')", false},
                                                    {"status", "l.status", false},
                                                    {"source_run_id", "NULLIF(l.source_run_id, '')", false},
                                                    {"artifact_location", "l.artifact_uri", false},
                                                    {"creation_time", "l.created_ms", true},
                                                    {"creation_timestamp", "l.created_ms", true},
                                                    {"creation_timestamp_ms", "l.created_ms", true},
                                                    {"last_updated_timestamp", "l.updated_ms", true},
                                                    {"last_updated_timestamp_ms", "l.updated_ms", true},
                                                    {"experiment_id", "l.experiment", true}}};

const Attribute* find_attribute(std::string_view key) {
  for (const Attribute& known : kAttributes) {
    if (known.name == key) return &known;
  }
  return nullptr;
}

constexpr auto kTextOperators = {Operator::kEqual, Operator::kNotEqual, Operator::kLike,
                                 Operator::kILike, Operator::kIn,       Operator::kNotIn};

// " AND (...)" on the metrics table m: any of the datasets, by name, digest or both; nothing when none is named.
Condition on_datasets(const std::vector<DatasetSelector>& datasets) {
  Condition out;
  for (const DatasetSelector& dataset : datasets) {
    std::vector<std::string> parts;
    const auto add = [&](std::string_view column, const std::string& value) {
      if (value.empty()) return;
      parts.push_back(text::concat(column, " = ?"));
      out.values.emplace_back(value);
    };
    add("m.dataset_name", dataset.name);
    add("m.dataset_digest", dataset.digest);
    if (parts.empty()) continue;
    out.text.append(out.text.empty() ? " AND (" : " OR ").append("(").append(text::join(parts, " AND ")).append(")");
  }
  if (!out.text.empty()) out.text.push_back(')');
  return out;
}

Condition metric_condition(const Comparison& comparison, const Condition& datasets) {
  const Condition value = number_condition("m.value", comparison, "metric");
  Condition out{
      text::concat(
          "EXISTS (SELECT 1 FROM logged_model_metrics m WHERE m.model_id = l.model_id AND m.key = ? AND m.is_nan = 0 "
          "AND ",
          value.text, datasets.text, ")"),
      {comparison.key}};
  out.values.insert(out.values.end(), value.values.begin(), value.values.end());
  out.values.insert(out.values.end(), datasets.values.begin(), datasets.values.end());
  return out;
}

Condition child_condition(sql::Dialect dialect, std::string_view table, const Comparison& comparison) {
  Comparison as_text = comparison;
  // Clients may leave the quotes away: params.depth = 3.
  for (Literal& literal : as_text.values) literal.kind = Literal::Kind::kText;
  Condition out = text_condition(dialect, "x.value", as_text, kTextOperators, comparison.entity);
  out.text = text::concat("EXISTS (SELECT 1 FROM ", table, " x WHERE x.model_id = l.model_id AND x.key = ? AND ",
                          out.text, ")");
  out.values.insert(out.values.begin(), comparison.key);
  return out;
}

Condition attribute_condition(sql::Dialect dialect, const Comparison& comparison) {
  const Attribute* attribute = find_attribute(comparison.key);
  if (attribute == nullptr)
    throw invalid_argument("Invalid attribute key '", comparison.key, "' in the filter of logged models");
  const std::string column(attribute->column);
  if (attribute->is_time) return integer_condition(column, comparison, comparison.key);
  return text_condition(dialect, column, comparison, kTextOperators, comparison.key);
}

Condition condition_of(sql::Dialect dialect, const Comparison& comparison, const Condition& datasets) {
  const std::string& entity = comparison.entity;
  if (entity.empty() || entity == "attributes" || entity == "attribute")
    return attribute_condition(dialect, comparison);
  if (entity == "metrics") return metric_condition(comparison, datasets);
  if (entity == "params") return child_condition(dialect, "logged_model_params", comparison);
  if (entity == "tags") return child_condition(dialect, "logged_model_tags", comparison);
  throw invalid_argument("Invalid entity type '", entity, "'. Expected one of attributes, metrics, params, tags");
}

// The latest value of a metric, as a number to sort by, after a rank that puts NaN and missing ones last.
void order_by_metric(SelectBuilder& select, const std::string& key, const LoggedModelOrder& order) {
  const Condition limit = on_datasets({order.dataset});
  const std::string from = text::concat(" FROM logged_model_metrics m WHERE m.model_id = l.model_id AND m.key = ?",
                                        limit.text, " ORDER BY m.time_ms DESC, m.step DESC, m.run_id ASC LIMIT 1)");
  sql::Values values = {key};
  values.insert(values.end(), limit.values.begin(), limit.values.end());
  select.order({text::concat("coalesce((SELECT m.is_nan", from, ", 2)"), SortKey::Kind::kInteger, true, values});
  select.order({text::concat("(SELECT m.value", from), SortKey::Kind::kNumber, order.ascending, values});
}

// Clients of logged models look for these words.
std::vector<Comparison> parse_model_filter(const std::string& filter) {
  try {
    return parse_filter(filter);
  } catch (const Error& error) {
    throw invalid_argument("Invalid filter string: ", error.what());
  }
}

}  // namespace

void add_model_conditions(SelectBuilder& select, sql::Dialect dialect, const LoggedModelSearch& search) {
  const Condition datasets = on_datasets(search.datasets);
  bool on_metric = false;
  for (const Comparison& comparison : parse_model_filter(search.filter)) {
    on_metric = on_metric || comparison.entity == "metrics";
    select.where(condition_of(dialect, comparison, datasets));
  }
  if (datasets.text.empty() || on_metric) return;
  select.where(
      {text::concat("EXISTS (SELECT 1 FROM logged_model_metrics m WHERE m.model_id = l.model_id", datasets.text, ")"),
       datasets.values});
}

void add_model_order(SelectBuilder& select, const std::vector<LoggedModelOrder>& order_by) {
  for (const LoggedModelOrder& order : order_by) {
    const size_t dot = order.field.find('.');
    if (dot != std::string::npos && order.field.substr(0, dot) == "metrics") {
      order_by_metric(select, order.field.substr(dot + 1), order);
      continue;
    }
    const Attribute* attribute = find_attribute(order.field);
    if (attribute == nullptr) throw invalid_argument("Invalid order by field name: ", order.field);
    const SortKey::Kind kind = attribute->is_time ? SortKey::Kind::kInteger : SortKey::Kind::kText;
    select.order_missing_last({std::string(attribute->column), kind, order.ascending});
  }
  select.order({"l.created_ms", SortKey::Kind::kInteger, false});
  select.order({"l.model_id", SortKey::Kind::kText});
}

}  // namespace slipway::tracking
