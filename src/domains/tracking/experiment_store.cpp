#include "domains/tracking/experiment_store.h"

#include <set>
#include <unordered_map>

#include "domains/tracking/limits.h"
#include "foundation/base/error.h"
#include "foundation/identity/grant_store.h"

namespace slipway::tracking {

namespace {

constexpr std::string_view kColumns =
    "SELECT e.id, e.name, e.artifact_location, e.lifecycle, e.created_ms, e.updated_ms FROM experiments e";

Experiment experiment_of(const sql::Row& row) {
  Experiment out;
  out.id = ExperimentId(std::to_string(row.get_int(0)));
  out.name = row.get_text(1);
  out.artifact_location = row.get_text(2);
  out.lifecycle = parse_lifecycle(row.get_text(3));
  out.created_ms = row.get_int(4);
  out.updated_ms = row.get_int(5);
  return out;
}

// The column behind an attribute's name, or nothing.
std::string column_of(const std::string& key) {
  if (key == "name") return "e.name";
  if (key == "experiment_id") return "e.id";
  if (key == "creation_time") return "e.created_ms";
  if (key == "last_update_time") return "e.updated_ms";
  throw invalid_argument("Invalid attribute key '", key,
                         "' specified. Valid keys are name, experiment_id, creation_time, last_update_time");
}

bool is_attribute(const std::string& entity) {
  return entity.empty() || entity == "attribute" || entity == "attributes" || entity == "attr";
}

Error invalid_entity(const std::string& entity) {
  return invalid_argument("Invalid entity type '", entity, "'. Valid values are attribute, tag");
}

// Ids are numbers in the table and text to clients.
Condition id_condition(const Comparison& comparison) {
  sql::Values values;
  for (const Literal& literal : comparison.values) values.emplace_back(number_of(ExperimentId(literal.text)));
  switch (comparison.op) {
    case Operator::kEqual:
    case Operator::kIn:
      return in_condition("e.id", values);
    case Operator::kNotEqual:
      return {"e.id != ?", values};
    default:
      throw invalid_argument("Invalid comparison operator '", symbol_of(comparison.op),
                             "' for attribute experiment_id");
  }
}

Condition tag_condition(sql::Dialect dialect, const Comparison& comparison) {
  const std::string from = "EXISTS (SELECT 1 FROM experiment_tags t WHERE t.experiment = e.id AND t.key = ?";
  if (comparison.op == Operator::kIsNull) return {"NOT " + from + ")", {comparison.key}};
  if (comparison.op == Operator::kIsNotNull) return {from + ")", {comparison.key}};
  Condition inner = text_condition(dialect, "t.value", comparison,
                                   {Operator::kEqual, Operator::kNotEqual, Operator::kLike, Operator::kILike}, "tag");
  inner.values.insert(inner.values.begin(), comparison.key);
  return {from + " AND " + inner.text + ")", inner.values};
}

Condition condition_of(sql::Dialect dialect, const Comparison& comparison) {
  if (comparison.entity == "tag" || comparison.entity == "tags") return tag_condition(dialect, comparison);
  if (comparison.op == Operator::kIsNull || comparison.op == Operator::kIsNotNull)
    throw invalid_argument("IS NULL / IS NOT NULL is only supported for tags, not for attribute '", comparison.key,
                           "'");
  if (!is_attribute(comparison.entity)) throw invalid_entity(comparison.entity);
  const std::string column = column_of(comparison.key);
  if (comparison.key == "experiment_id") return id_condition(comparison);
  if (comparison.key == "name") {
    return text_condition(dialect, column, comparison,
                          {Operator::kEqual, Operator::kNotEqual, Operator::kLike, Operator::kILike}, "attribute name");
  }
  return integer_condition(column, comparison, "attribute " + comparison.key);
}

void add_order(SelectBuilder& select, const std::vector<std::string>& order_by) {
  for (const std::string& text : order_by) {
    const OrderKey key = parse_order_key(text);
    if (!is_attribute(key.entity)) throw invalid_entity(key.entity);
    const bool is_text = key.key == "name";
    select.order({column_of(key.key), is_text ? SortKey::Kind::kText : SortKey::Kind::kInteger, key.ascending});
  }
  if (order_by.empty()) {
    select.order({"e.created_ms", SortKey::Kind::kInteger, false});
    select.order({"e.id"});
  } else {
    select.order({"e.id", SortKey::Kind::kInteger, false});
  }
}

}  // namespace

int64_t number_of(const ExperimentId& id) {
  if (const auto number = text::parse_int(id.value)) return *number;
  throw invalid_argument("Invalid experiment ID '", id.value, "'. Experiment ID must be a valid integer.");
}

std::string_view name_of(Lifecycle lifecycle) { return lifecycle == Lifecycle::kActive ? "active" : "deleted"; }
Lifecycle parse_lifecycle(std::string_view name) { return name == "active" ? Lifecycle::kActive : Lifecycle::kDeleted; }

void filter_lifecycle(SelectBuilder& select, const std::string& column, Visibility visibility) {
  if (visibility == Visibility::kAll) return;
  const Lifecycle wanted = visibility == Visibility::kActive ? Lifecycle::kActive : Lifecycle::kDeleted;
  select.where({column + " = ?", {std::string(name_of(wanted))}});
}

std::vector<ExperimentId> experiments_in(sql::Transaction& transaction, std::string_view table,
                                         const std::string& column, const sql::Values& ids) {
  std::set<int64_t> found;
  query_in(transaction, text::concat("SELECT DISTINCT experiment FROM ", table), column, ids, "",
           [&](const sql::Row& row) { found.insert(row.get_int(0)); });
  std::vector<ExperimentId> out;
  for (const int64_t id : found) out.emplace_back(std::to_string(id));
  return out;
}

std::vector<ExperimentId> ExperimentStore::find_at(const std::string& root, const std::string& path, bool with_below) {
  constexpr size_t kIndexed = 100;
  std::set<std::string> locations = {root, root + path};
  for (size_t slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1))
    locations.insert(root + path.substr(0, slash));
  sql::Values heads;
  for (const std::string& location : locations) heads.emplace_back(first_characters(location, kIndexed));
  std::vector<ExperimentId> out;
  query_in(transaction_, "SELECT id, artifact_location FROM experiments", "substr(artifact_location, 1, 100)", heads,
           "", [&](const sql::Row& row) {
             if (locations.count(row.get_text(1)) > 0) out.emplace_back(std::to_string(row.get_int(0)));
           });
  if (!with_below) return out;
  const std::string below = path.empty() ? root : text::concat(root, path, "/");
  transaction_.query("SELECT id FROM experiments WHERE substr(artifact_location, 1, length(CAST(? AS TEXT))) = ?",
                     {below, below}, [&](const sql::Row& row) { out.emplace_back(std::to_string(row.get_int(0))); });
  return out;
}

int64_t ExperimentStore::next_id() {
  return transaction_
      .query_int(
          "SELECT coalesce(max(id), 0) + 1 FROM (SELECT max(id) AS id FROM experiments UNION ALL SELECT max(id) FROM "
          "purged_experiments) AS known")
      .value_or(1);
}

void ExperimentStore::insert(int64_t id, const NewExperiment& experiment, int64_t now_ms) {
  const int64_t added = transaction_.execute(
      "INSERT INTO experiments (id, name, artifact_location, lifecycle, created_ms, updated_ms) VALUES (?, ?, ?, "
      "'active', ?, ?) "
      "ON CONFLICT (name) DO NOTHING",
      {id, experiment.name, experiment.artifact_location, now_ms, now_ms});
  if (added == 0)
    throw already_exists("Experiment(name=", experiment.name,
                         ") already exists. Perhaps it is deleted: restore it or give another name");
  for (const Tag& tag : experiment.tags) set_tag(ExperimentId(std::to_string(id)), tag);
}

std::optional<Experiment> ExperimentStore::find_where(std::string_view condition, const sql::Value& value) {
  auto found = transaction_.query_all<Experiment>(text::concat(kColumns, " WHERE ", condition), {value}, experiment_of);
  if (found.empty()) return std::nullopt;
  load_tags(found);
  return std::move(found[0]);
}

std::optional<Experiment> ExperimentStore::find(const ExperimentId& id) {
  return find_where("e.id = ?", number_of(id));
}

std::optional<Experiment> ExperimentStore::find_by_name(const std::string& name) {
  return find_where("e.name = ?", name);
}

Experiment ExperimentStore::get(const ExperimentId& id) {
  if (auto found = find(id)) return *std::move(found);
  throw not_found("No Experiment with id=", id.value, " exists");
}

Experiment ExperimentStore::get_active(const ExperimentId& id) {
  Experiment out = get(id);
  if (out.lifecycle == Lifecycle::kActive) return out;
  throw invalid_argument("The experiment ", id.value, " must be in the 'active' state. Current state is deleted.");
}

Page<Experiment> ExperimentStore::search(const Search& search, const PageRequest& request) {
  SelectBuilder select{std::string(kColumns)};
  filter_lifecycle(select, "e.lifecycle", search.visibility);
  for (const Comparison& comparison : parse_filter(search.filter)) {
    select.where(condition_of(transaction_.dialect(), comparison));
  }
  identity::ScopeCondition seen =
      identity::condition_of(search.scope, identity::ResourceKind::kExperiment, "CAST(e.id AS TEXT)");
  if (!seen.text.empty()) select.where({std::move(seen.text), std::move(seen.values)});
  add_order(select, search.order_by);
  auto out = read_page<Experiment>(transaction_, select, request, experiment_of);
  load_tags(out.items);
  return out;
}

void ExperimentStore::load_tags(std::vector<Experiment>& experiments) {
  std::unordered_map<std::string, Experiment*> by_id;
  sql::Values ids;
  for (Experiment& experiment : experiments) {
    by_id[experiment.id.value] = &experiment;
    ids.emplace_back(number_of(experiment.id));
  }
  query_in(transaction_, "SELECT experiment, key, value FROM experiment_tags", "experiment", ids,
           " ORDER BY experiment, key", [&](const sql::Row& row) {
             by_id.at(std::to_string(row.get_int(0)))->tags.push_back({row.get_text(1), row.get_text(2)});
           });
}

void ExperimentStore::rename(const ExperimentId& id, const std::string& name, int64_t now_ms) {
  const auto other = find_by_name(name);
  if (other && other->id != id) throw already_exists("Experiment(name=", name, ") already exists");
  transaction_.execute("UPDATE experiments SET name = ?, updated_ms = ? WHERE id = ?", {name, now_ms, number_of(id)});
}

void ExperimentStore::set_lifecycle(const ExperimentId& id, Lifecycle lifecycle, int64_t now_ms) {
  transaction_.execute("UPDATE experiments SET lifecycle = ?, updated_ms = ? WHERE id = ?",
                       {std::string(name_of(lifecycle)), now_ms, number_of(id)});
}

void ExperimentStore::set_tag(const ExperimentId& id, const Tag& tag) {
  transaction_.execute(
      "INSERT INTO experiment_tags (experiment, key, value) VALUES (?, ?, ?) "
      "ON CONFLICT (experiment, key) DO UPDATE SET value = excluded.value",
      {number_of(id), tag.key, tag.value});
}

bool ExperimentStore::remove_tag(const ExperimentId& id, const std::string& key) {
  return transaction_.execute("DELETE FROM experiment_tags WHERE experiment = ? AND key = ?", {number_of(id), key}) > 0;
}

}  // namespace slipway::tracking
