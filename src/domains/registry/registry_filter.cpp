#include "domains/registry/registry_filter.h"

#include <set>

#include "domains/registry/model_store.h"
#include "domains/tracking/filter.h"
#include "foundation/base/error.h"
#include "foundation/identity/grant_store.h"

namespace slipway::registry {

namespace {

using tracking::Comparison;
using tracking::Condition;
using tracking::Operator;
using tracking::SelectBuilder;
using tracking::SortKey;

constexpr auto kTextOperators = {Operator::kEqual, Operator::kNotEqual, Operator::kLike, Operator::kILike};
constexpr auto kListOperators = {Operator::kEqual, Operator::kNotEqual, Operator::kLike, Operator::kILike,
                                 Operator::kIn};

bool is_attribute(const std::string& entity) {
  return entity.empty() || entity == "attribute" || entity == "attributes";
}
bool is_tag(const std::string& entity) { return entity == "tag" || entity == "tags"; }

// `table` has the columns `owner`, key and value; `owner_column` is what `owner` must equal.
Condition tag_condition(sql::Dialect dialect, std::string_view table, std::string_view owner,
                        std::string_view owner_column, const Comparison& comparison) {
  Condition inner = tracking::text_condition(dialect, "t.value", comparison, kTextOperators, "tag");
  inner.values.insert(inner.values.begin(), comparison.key);
  return {text::concat("EXISTS (SELECT 1 FROM ", table, " t WHERE t.", owner, " = ", owner_column,
                       " AND t.key = ? AND ", inner.text, ")"),
          inner.values};
}

// Prompts are registered models to clients, but only to those that ask for them.
Condition no_prompts(std::string_view table, std::string_view owner, std::string_view owner_column) {
  return {text::concat("NOT EXISTS (SELECT 1 FROM ", table, " t WHERE t.", owner, " = ", owner_column, " AND t.key = '",
                       kPromptTag, "')"),
          {}};
}

bool names_prompts(const std::vector<Comparison>& comparisons) {
  for (const Comparison& comparison : comparisons) {
    if (is_tag(comparison.entity) && comparison.key == kPromptTag) return true;
  }
  return false;
}

// `tags.x != 'true'` on the prompt tag asks for what is no prompt, missing tags included.
bool excludes_prompts(const Comparison& comparison) {
  return is_tag(comparison.entity) && comparison.key == kPromptTag && comparison.op == Operator::kNotEqual;
}

Condition model_condition(sql::Dialect dialect, const Comparison& comparison) {
  if (excludes_prompts(comparison)) return no_prompts("registered_model_tags", "model", "m.id");
  if (is_tag(comparison.entity)) return tag_condition(dialect, "registered_model_tags", "model", "m.id", comparison);
  if (!is_attribute(comparison.entity)) {
    throw invalid_argument("Invalid entity type '", comparison.entity, "'. Valid entity types are attribute, tag");
  }
  if (comparison.key != "name")
    throw invalid_argument("Invalid attribute key '", comparison.key, "' specified. Valid keys are name, or tags.KEY");
  return tracking::text_condition(dialect, "m.name", comparison, kListOperators, "attribute name");
}

Condition version_condition(sql::Dialect dialect, const Comparison& comparison) {
  if (excludes_prompts(comparison)) return no_prompts("model_version_tags", "version", "v.id");
  if (is_tag(comparison.entity)) return tag_condition(dialect, "model_version_tags", "version", "v.id", comparison);
  if (!is_attribute(comparison.entity)) {
    throw invalid_argument("Invalid entity type '", comparison.entity, "'. Valid entity types are attribute, tag");
  }
  const std::string& key = comparison.key;
  if (key == "name") return tracking::text_condition(dialect, "m.name", comparison, kListOperators, "attribute name");
  if (key == "run_id")
    return tracking::text_condition(dialect, "v.run_id", comparison, kListOperators, "attribute run_id");
  if (key == "source_path")
    return tracking::text_condition(dialect, "v.source", comparison, kTextOperators, "attribute source_path");
  if (key == "version_number") return tracking::integer_condition("v.version", comparison, "attribute version_number");
  throw invalid_argument("Invalid attribute key '", key,
                         "' specified. Valid keys are name, version_number, run_id, source_path, or tags.KEY");
}

// To clients a model's timestamp is that of its last change.
std::string model_column(const std::string& key) {
  if (key == "name") return "m.name";
  if (key == "timestamp" || key == "last_updated_timestamp") return "m.updated_ms";
  throw invalid_argument("Invalid order by key '", key,
                         "' specified. Valid keys are name, timestamp, last_updated_timestamp");
}

std::string version_column(const std::string& key) {
  if (key == "name") return "m.name";
  if (key == "version_number") return "v.version";
  if (key == "creation_timestamp") return "v.created_ms";
  if (key == "last_updated_timestamp") return "v.updated_ms";
  throw invalid_argument(
      "Invalid attribute key '", key,
      "' specified. Valid keys are name, version_number, creation_timestamp, last_updated_timestamp");
}

void add_orders(SelectBuilder& select, const Search& search, std::string (*column_of)(const std::string&)) {
  std::set<std::string> seen;
  for (const std::string& text : search.order_by) {
    const tracking::OrderKey key = tracking::parse_order_key(text);
    if (!is_attribute(key.entity))
      throw invalid_argument("Invalid order_by clause '", text, "': only attributes order");
    const std::string column = column_of(key.key);
    if (!seen.insert(column).second) throw invalid_argument("`order_by` contains duplicate fields: '", text, "'");
    const bool is_text = column == "m.name";
    select.order({column, is_text ? SortKey::Kind::kText : SortKey::Kind::kInteger, key.ascending});
  }
}

void add_scope(SelectBuilder& select, const Search& search) {
  identity::ScopeCondition seen = identity::condition_of(search.scope, identity::ResourceKind::kModel, "m.name");
  if (!seen.text.empty()) select.where({std::move(seen.text), std::move(seen.values)});
}

}  // namespace

void add_model_search(SelectBuilder& select, sql::Dialect dialect, const Search& search) {
  const std::vector<Comparison> comparisons = tracking::parse_filter(search.filter);
  for (const Comparison& comparison : comparisons) select.where(model_condition(dialect, comparison));
  if (!names_prompts(comparisons)) select.where(no_prompts("registered_model_tags", "model", "m.id"));
  add_scope(select, search);
  add_orders(select, search, model_column);
  select.order({"m.name", SortKey::Kind::kText});
}

void add_version_search(SelectBuilder& select, sql::Dialect dialect, const Search& search) {
  select.where({"v.deleted = 0", {}});
  const std::vector<Comparison> comparisons = tracking::parse_filter(search.filter);
  for (const Comparison& comparison : comparisons) select.where(version_condition(dialect, comparison));
  if (!names_prompts(comparisons)) select.where(no_prompts("model_version_tags", "version", "v.id"));
  add_scope(select, search);
  add_orders(select, search, version_column);
  if (search.order_by.empty()) select.order({"v.updated_ms", SortKey::Kind::kInteger, false});
  select.order({"m.name", SortKey::Kind::kText});
  select.order({"v.version", SortKey::Kind::kInteger, false});
}

}  // namespace slipway::registry
