#include "domains/tracking/run_filter.h"

#include <array>
#include <optional>
#include <set>

#include "foundation/base/error.h"

namespace slipway::tracking {

namespace {

enum class Entity { kAttribute, kMetric, kParam, kTag, kDataset };

struct EntityName {
  std::string_view name;
  Entity entity;
};
constexpr std::array<EntityName, 15> kEntities = {{{"", Entity::kAttribute},
                                                   {"attribute", Entity::kAttribute},
                                                   {"attributes", Entity::kAttribute},
                                                   {"attr", Entity::kAttribute},
                                                   {"run", Entity::kAttribute},
                                                   {"metric", Entity::kMetric},
                                                   {"metrics", Entity::kMetric},
                                                   {"param", Entity::kParam},
                                                   {"params", Entity::kParam},
                                                   {"parameter", Entity::kParam},
                                                   {"parameters", Entity::kParam},
                                                   {"tag", Entity::kTag},
                                                   {"tags", Entity::kTag},
                                                   {"dataset", Entity::kDataset},
                                                   {"datasets", Entity::kDataset}}};

Entity entity_of(const std::string& name) {
  for (const EntityName& known : kEntities) {
    if (known.name == name) return known.entity;
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

// Collects joins under names of their own: f0, f1, ...
class RunConditions {
 public:
  RunConditions(SelectBuilder& select, sql::Dialect dialect) : select_(select), dialect_(dialect) {}

  void add(const Comparison& comparison) {
    switch (entity_of(comparison.entity)) {
      case Entity::kAttribute:
        return add_attribute(comparison);
      case Entity::kMetric:
        return add_metric(comparison);
      case Entity::kParam:
        return add_text("run_params", comparison, "param");
      case Entity::kTag:
        return add_text("run_tags", comparison, "tag");
      case Entity::kDataset:
        return add_dataset(comparison);
    }
  }

 private:
  void add_attribute(const Comparison& comparison) {
    const Attribute& attribute = attribute_of(comparison.key);
    const std::string column(attribute.column);
    const std::string name = "attribute " + comparison.key;
    if (attribute.kind == AttributeKind::kTime) return select_.where(integer_condition(column, comparison, name));
    if (attribute.kind == AttributeKind::kText) {
      return select_.where(text_condition(dialect_, column, comparison,
                                          {Operator::kEqual, Operator::kNotEqual, Operator::kLike, Operator::kILike},
                                          name));
    }
    select_.where(text_condition(
        dialect_, column, comparison,
        {Operator::kEqual, Operator::kNotEqual, Operator::kLike, Operator::kILike, Operator::kIn, Operator::kNotIn},
        name));
  }

  // NaN is no number: it answers to != alone.
  void add_metric(const Comparison& comparison) {
    const std::string alias = next_alias();
    const Condition value = number_condition(alias + ".value", comparison, "metric");
    const std::string not_a_number =
        comparison.op == Operator::kNotEqual ? " OR " + alias + ".is_nan = 1)" : " AND " + alias + ".is_nan = 0)";
    join("metric_series", alias, comparison.key, {"(" + value.text + not_a_number, value.values});
  }

  void add_text(const std::string& table, const Comparison& comparison, std::string_view name) {
    const std::string alias = next_alias();
    if (comparison.op == Operator::kIsNull || comparison.op == Operator::kIsNotNull) {
      const std::string verb = comparison.op == Operator::kIsNull ? "NOT EXISTS" : "EXISTS";
      return select_.where(
          {text::concat(verb, " (SELECT 1 FROM ", table, " x WHERE x.run = r.id AND x.key = ?)"), {comparison.key}});
    }
    const Condition checked =
        text_condition(dialect_, alias + ".value", comparison,
                       {Operator::kEqual, Operator::kNotEqual, Operator::kLike, Operator::kILike}, name);
    const bool by_index = comparison.op == Operator::kEqual;
    join(table, alias, comparison.key,
         by_index ? indexed_text_equal(alias + ".value", comparison.values[0].text) : checked);
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
    select_.where({text::concat("EXISTS (SELECT 1 FROM ", from, " AND ", inner.text, ")"), inner.values});
  }

  void join(const std::string& table, const std::string& alias, const std::string& key, const Condition& condition) {
    sql::Values values = {key};
    values.insert(values.end(), condition.values.begin(), condition.values.end());
    select_.join(text::concat("JOIN ", table, " ", alias, " ON ", alias, ".run = r.id AND ", alias, ".key = ? AND ",
                              condition.text),
                 values);
  }

  std::string next_alias() { return text::concat("f", joined_++); }

  SelectBuilder& select_;
  sql::Dialect dialect_;
  int joined_ = 0;
};

void order_by_metric(SelectBuilder& select, const OrderKey& key, const std::string& alias, std::string_view direction) {
  select.join(text::concat("LEFT JOIN metric_series ", alias, " ON ", alias, ".run = r.id AND ", alias, ".key = ?"),
              {key.key});
  select.order(text::concat("CASE WHEN ", alias, ".id IS NULL THEN 2 ELSE ", alias, ".is_nan END"));
  select.order(text::concat(alias, ".value ", direction));
}

void order_by_text(SelectBuilder& select, std::string_view table, const OrderKey& key, const std::string& alias,
                   std::string_view direction) {
  select.join(text::concat("LEFT JOIN ", table, " ", alias, " ON ", alias, ".run = r.id AND ", alias, ".key = ?"),
              {key.key});
  select.order(text::concat("CASE WHEN ", alias, ".value IS NULL THEN 1 ELSE 0 END"));
  select.order(text::concat(alias, ".value ", direction));
}

void order_by_attribute(SelectBuilder& select, const OrderKey& key, std::string_view direction) {
  const Attribute& attribute = attribute_of(key.key);
  if (attribute.column == "r.end_ms") select.order("CASE WHEN r.end_ms IS NULL THEN 1 ELSE 0 END");
  select.order(text::concat(attribute.column, " ", direction));
}

}  // namespace

void add_run_conditions(SelectBuilder& select, sql::Dialect dialect, const std::vector<Comparison>& comparisons) {
  RunConditions conditions(select, dialect);
  for (const Comparison& comparison : comparisons) conditions.add(comparison);
}

void add_run_order(SelectBuilder& select, const std::vector<std::string>& order_by) {
  std::set<std::pair<Entity, std::string>> seen;
  int joined = 0;
  for (const std::string& text : order_by) {
    const OrderKey key = parse_order_key(text);
    const Entity entity = entity_of(key.entity);
    if (!seen.insert({entity, key.key}).second)
      throw invalid_argument("`order_by` contains duplicate fields: '", text, "'");
    const std::string alias = text::concat("o", joined++);
    const std::string_view direction = key.ascending ? "ASC" : "DESC";
    if (entity == Entity::kAttribute) order_by_attribute(select, key, direction);
    if (entity == Entity::kMetric) order_by_metric(select, key, alias, direction);
    if (entity == Entity::kParam) order_by_text(select, "run_params", key, alias, direction);
    if (entity == Entity::kTag) order_by_text(select, "run_tags", key, alias, direction);
    if (entity == Entity::kDataset)
      throw invalid_argument("Invalid order_by clause '", text, "': runs have no order by dataset");
  }
  select.order("r.start_ms DESC");
  select.order("r.run_id ASC");
}

}  // namespace slipway::tracking
