#include "domains/tracking/run_filter.h"

#include <array>
#include <optional>
#include <set>

#include "foundation/base/error.h"

namespace slipway::tracking {

namespace {

struct EntityName {
  std::string_view name;
  RunField field;
};
constexpr std::array<EntityName, 15> kEntities = {{{"", RunField::kAttribute},
                                                   {"attribute", RunField::kAttribute},
                                                   {"attributes", RunField::kAttribute},
                                                   {"attr", RunField::kAttribute},
                                                   {"run", RunField::kAttribute},
                                                   {"metric", RunField::kMetric},
                                                   {"metrics", RunField::kMetric},
                                                   {"param", RunField::kParam},
                                                   {"params", RunField::kParam},
                                                   {"parameter", RunField::kParam},
                                                   {"parameters", RunField::kParam},
                                                   {"tag", RunField::kTag},
                                                   {"tags", RunField::kTag},
                                                   {"dataset", RunField::kDataset},
                                                   {"datasets", RunField::kDataset}}};

RunField field_of(const std::string& name) {
  for (const EntityName& known : kEntities) {
    if (known.name == name) return known.field;
  }
  throw invalid_argument("Invalid entity type '", name,
                         "'. Valid values are metric, parameter, tag, attribute, dataset");
}

enum class AttributeKind { kText, kId, kTime };
struct Attribute {
  std::string_view name;
  std::string_view column;
  AttributeKind kind;
};
// Several names are those of columns in the web page, which people copy into filters.
constexpr std::array<Attribute, 12> kAttributes = {{{"run_id", "r.run_id", AttributeKind::kId},
                                                    {"run_name", "r.name", AttributeKind::kText},
                                                    {"run name", "r.name", AttributeKind::kText},
                                                    {"Run name", "r.name", AttributeKind::kText},
                                                    {"Run Name", "r.name", AttributeKind::kText},
                                                    {"status", "r.status", AttributeKind::kText},
                                                    {"artifact_uri", "r.artifact_uri", AttributeKind::kText},
                                                    {"user_id", "r.user_id", AttributeKind::kText},
                                                    {"start_time", "r.start_ms", AttributeKind::kTime},
                                                    {"end_time", "r.end_ms", AttributeKind::kTime},
                                                    {"created", "r.start_ms", AttributeKind::kTime},
                                                    {"Created", "r.start_ms", AttributeKind::kTime}}};

const Attribute& attribute_of(const std::string& key) {
  for (const Attribute& known : kAttributes) {
    if (known.name == key) return known;
  }
  throw invalid_argument(
      "Invalid attribute key '", key,
      "' specified. Valid keys are run_id, run_name, status, artifact_uri, user_id, start_time, end_time, created");
}

// Gives the rows of other tables names of their own: f0, f1, ...
class ConditionReader {
 public:
  explicit ConditionReader(sql::Dialect dialect) : dialect_(dialect) {}

  std::vector<RunCondition> take() { return std::move(out_); }

  void add(const Comparison& comparison) {
    switch (field_of(comparison.entity)) {
      case RunField::kAttribute:
        return add_attribute(comparison);
      case RunField::kMetric:
        return add_metric(comparison);
      case RunField::kParam:
        return add_text("run_params", comparison, "param");
      case RunField::kTag:
        return add_text("run_tags", comparison, "tag");
      case RunField::kDataset:
        return add_dataset(comparison);
    }
  }

 private:
  void add_attribute(const Comparison& comparison) {
    const Attribute& attribute = attribute_of(comparison.key);
    const std::string column(attribute.column);
    const std::string name = "attribute " + comparison.key;
    if (attribute.kind == AttributeKind::kTime) return of_run(integer_condition(column, comparison, name));
    if (attribute.kind == AttributeKind::kText) {
      return of_run(text_condition(dialect_, column, comparison,
                                   {Operator::kEqual, Operator::kNotEqual, Operator::kLike, Operator::kILike}, name));
    }
    of_run(text_condition(
        dialect_, column, comparison,
        {Operator::kEqual, Operator::kNotEqual, Operator::kLike, Operator::kILike, Operator::kIn, Operator::kNotIn},
        name));
  }

  // NaN is no number: it answers to != alone.
  void add_metric(const Comparison& comparison) {
    const std::string alias = next_alias();
    const Condition value = number_condition(alias + ".value", comparison, "metric");
    if (comparison.op == Operator::kNotEqual) {
      add_row("metric_series", alias, comparison.key,
              {text::concat("(", value.text, " OR ", alias, ".is_nan = 1)"), value.values}, false);
    } else {
      add_row("metric_series", alias, comparison.key,
              {text::concat(alias, ".is_nan = 0 AND ", value.text), value.values}, true);
    }
  }

  void add_text(const std::string& table, const Comparison& comparison, std::string_view name) {
    const std::string alias = next_alias();
    if (comparison.op == Operator::kIsNull || comparison.op == Operator::kIsNotNull) {
      const std::string verb = comparison.op == Operator::kIsNull ? "NOT EXISTS" : "EXISTS";
      return of_run(
          {text::concat(verb, " (SELECT 1 FROM ", table, " x WHERE x.run = r.id AND x.key = ?)"), {comparison.key}});
    }
    const Condition checked =
        text_condition(dialect_, alias + ".value", comparison,
                       {Operator::kEqual, Operator::kNotEqual, Operator::kLike, Operator::kILike}, name);
    const bool by_index = comparison.op == Operator::kEqual;
    add_row(table, alias, comparison.key,
            by_index ? indexed_text_equal(alias + ".value", comparison.values[0].text) : checked, by_index);
    out_.back().is_text_equal = by_index;
  }

  void add_dataset(const Comparison& comparison) {
    const bool by_context = comparison.key == "context";
    if (!by_context && comparison.key != "name" && comparison.key != "digest") {
      throw invalid_argument("Invalid dataset key '", comparison.key,
                             "' specified. Valid keys are name, digest, context");
    }
    const std::string column = by_context ? "t.value" : "d." + comparison.key;
    Condition inner = text_condition(
        dialect_, column, comparison,
        {Operator::kEqual, Operator::kNotEqual, Operator::kLike, Operator::kILike, Operator::kIn, Operator::kNotIn},
        "dataset");
    const std::string from = by_context ? "run_dataset_tags t WHERE t.run = r.id AND t.key = 'mlflow.data.context'"
                                        : "run_datasets i JOIN datasets d ON d.id = i.dataset WHERE i.run = r.id";
    of_run({text::concat("EXISTS (SELECT 1 FROM ", from, " AND ", inner.text, ")"), inner.values});
  }

  void of_run(Condition condition) { out_.push_back({"", "", "", std::move(condition)}); }

  void add_row(const std::string& table, const std::string& alias, const std::string& key, Condition condition,
               bool by_index) {
    out_.push_back({table, alias, key, std::move(condition), by_index});
  }

  std::string next_alias() { return text::concat("f", named_++); }

  sql::Dialect dialect_;
  int named_ = 0;
  std::vector<RunCondition> out_;
};

void order_by_metric(SelectBuilder& select, const RunOrder& key, const std::string& alias) {
  select.join(text::concat("LEFT JOIN metric_series ", alias, " ON ", alias, ".run = r.id AND ", alias, ".key = ?"),
              {key.key});
  select.order({text::concat("CASE WHEN ", alias, ".id IS NULL THEN 2 ELSE ", alias, ".is_nan END")});
  select.order({alias + ".value", SortKey::Kind::kNumber, key.ascending});
}

void order_by_text(SelectBuilder& select, std::string_view table, const RunOrder& key, const std::string& alias) {
  select.join(text::concat("LEFT JOIN ", table, " ", alias, " ON ", alias, ".run = r.id AND ", alias, ".key = ?"),
              {key.key});
  select.order_missing_last({alias + ".value", SortKey::Kind::kText, key.ascending});
}

void order_by_attribute(SelectBuilder& select, const RunOrder& key) {
  const SortKey by{key.key, key.is_number ? SortKey::Kind::kInteger : SortKey::Kind::kText, key.ascending};
  key.key == "r.end_ms" ? select.order_missing_last(by) : select.order(by);
}

}  // namespace

std::vector<RunCondition> run_conditions(sql::Dialect dialect, const std::vector<Comparison>& comparisons) {
  ConditionReader reader(dialect);
  for (const Comparison& comparison : comparisons) reader.add(comparison);
  return reader.take();
}

std::vector<RunOrder> parse_run_order(const std::vector<std::string>& order_by) {
  std::vector<RunOrder> out;
  std::set<std::pair<RunField, std::string>> seen;
  for (const std::string& text : order_by) {
    const OrderKey key = parse_order_key(text);
    const RunField field = field_of(key.entity);
    if (!seen.insert({field, key.key}).second)
      throw invalid_argument("`order_by` contains duplicate fields: '", text, "'");
    if (field == RunField::kDataset)
      throw invalid_argument("Invalid order_by clause '", text, "': runs have no order by dataset");
    if (field != RunField::kAttribute) {
      out.push_back({field, key.key, key.ascending});
      continue;
    }
    const Attribute& attribute = attribute_of(key.key);
    out.push_back({field, std::string(attribute.column), key.ascending, attribute.kind == AttributeKind::kTime});
  }
  return out;
}

void add_run_order(SelectBuilder& select, std::span<const RunOrder> order_by) {
  int joined = 0;
  for (const RunOrder& key : order_by) {
    const std::string alias = text::concat("o", joined++);
    if (key.field == RunField::kAttribute) order_by_attribute(select, key);
    if (key.field == RunField::kMetric) order_by_metric(select, key, alias);
    if (key.field == RunField::kParam) order_by_text(select, "run_params", key, alias);
    if (key.field == RunField::kTag) order_by_text(select, "run_tags", key, alias);
  }
  select.order({"r.start_ms", SortKey::Kind::kInteger, false});
  select.order({"r.run_id", SortKey::Kind::kText});
}

}  // namespace slipway::tracking
