#include "domains/genai/dataset_store.h"

#include <array>
#include <unordered_map>

#include "domains/tracking/experiment_store.h"
#include "domains/tracking/select.h"
#include "foundation/base/error.h"

namespace slipway::genai {

namespace {

using tracking::Comparison;
using tracking::Condition;
using tracking::Operator;
using tracking::SortKey;

constexpr std::string_view kSelect =
    "SELECT d.id, d.dataset_id, d.name, d.digest, d.field_types, d.record_count, d.created_ms, d.updated_ms, "
    "d.created_by, d.updated_by FROM evaluation_datasets d";

DatasetStore::Found found_of(const sql::Row& row) {
  DatasetStore::Found out;
  out.row = row.get_int(0);
  out.dataset.id = DatasetId(row.get_text(1));
  out.dataset.name = row.get_text(2);
  out.dataset.digest = row.get_text(3);
  out.dataset.schema = row.find_text(4);
  out.dataset.record_count = row.get_int(5);
  out.dataset.created_ms = row.get_int(6);
  out.dataset.updated_ms = row.get_int(7);
  out.dataset.created_by = row.find_text(8);
  out.dataset.updated_by = row.find_text(9);
  return out;
}

struct Attribute {
  std::string_view name;
  std::string column;
  bool is_time;
  bool can_order;
};
const std::array<Attribute, 5> kAttributes = {{{"name", "d.name", false, true},
                                               {"created_time", "d.created_ms", true, true},
                                               {"last_update_time", "d.updated_ms", true, true},
                                               {"created_by", "d.created_by", false, false},
                                               {"last_updated_by", "d.updated_by", false, false}}};

const Attribute& attribute_of(const std::string& entity, const std::string& key, bool to_order) {
  if (entity.empty()) {
    for (const Attribute& known : kAttributes) {
      if (known.name == key && (known.can_order || !to_order)) return known;
    }
    throw invalid_argument("Invalid attribute key '", key, "' specified. Valid keys are: name, created_time, ",
                           to_order ? "last_update_time" : "last_update_time, created_by, last_updated_by");
  }
  throw invalid_argument("Invalid identifier token '", entity, "' specified");
}

constexpr auto kTextOperators = {Operator::kEqual, Operator::kNotEqual, Operator::kLike, Operator::kILike};
constexpr auto kNameOperators = {Operator::kEqual, Operator::kNotEqual, Operator::kLike, Operator::kILike,
                                 Operator::kIn};

Condition condition_of(sql::Dialect dialect, const Comparison& comparison) {
  if (comparison.entity == "tags") {
    Condition out = tracking::text_condition(dialect, "t.value", comparison, kTextOperators, "tag");
    out.text = text::concat("EXISTS (SELECT 1 FROM evaluation_dataset_tags t WHERE t.dataset = d.id AND t.key = ? AND ",
                            out.text, ")");
    out.values.insert(out.values.begin(), comparison.key);
    return out;
  }
  const Attribute& attribute = attribute_of(comparison.entity, comparison.key, false);
  if (attribute.is_time) return tracking::integer_condition(attribute.column, comparison, attribute.name);
  return tracking::text_condition(dialect, attribute.column, comparison,
                                  attribute.name == "name" ? kNameOperators : kTextOperators, attribute.name);
}

void add_order(tracking::SelectBuilder& select, const std::vector<std::string>& order_by) {
  for (const std::string& text : order_by) {
    const tracking::OrderKey key = tracking::parse_order_key(text);
    const Attribute& attribute = attribute_of(key.entity, key.key, true);
    select.order({attribute.column, attribute.is_time ? SortKey::Kind::kInteger : SortKey::Kind::kText, key.ascending});
  }
  if (order_by.empty()) select.order({"d.created_ms", SortKey::Kind::kInteger, false});
  select.order({"d.id", SortKey::Kind::kInteger, false});
}

}  // namespace

int64_t DatasetStore::insert(const Dataset& dataset) {
  transaction_.execute(
      "INSERT INTO evaluation_datasets (dataset_id, name, digest, record_count, created_ms, updated_ms, created_by, "
      "updated_by) VALUES (?, ?, ?, 0, ?, ?, ?, ?)",
      {dataset.id.value, dataset.name, dataset.digest, dataset.created_ms, dataset.updated_ms,
       sql::optional_value(dataset.created_by), sql::optional_value(dataset.updated_by)});
  return *find_row(dataset.id);
}

std::optional<DatasetStore::Found> DatasetStore::find(const DatasetId& id) {
  auto found = transaction_.query_all<Found>(text::concat(kSelect, " WHERE d.dataset_id = ?"), {id.value}, found_of);
  if (found.empty()) return std::nullopt;
  load_tags(found);
  return std::move(found[0]);
}

DatasetStore::Found DatasetStore::get(const DatasetId& id) {
  if (auto found = find(id)) return *std::move(found);
  throw not_found("Evaluation dataset with id '", id.value, "' not found");
}

std::optional<int64_t> DatasetStore::find_row(const DatasetId& id) {
  return transaction_.query_int("SELECT id FROM evaluation_datasets WHERE dataset_id = ?", {id.value});
}

Page<Dataset> DatasetStore::search(const std::vector<ExperimentId>& experiments, const Search& search,
                                   const tracking::PageRequest& request) {
  tracking::SelectBuilder select{std::string(kSelect)};
  if (!experiments.empty()) {
    sql::Values numbers;
    for (const ExperimentId& id : experiments) numbers.emplace_back(tracking::number_of(id));
    Condition inside = tracking::in_condition("l.experiment", numbers);
    inside.text = text::concat("EXISTS (SELECT 1 FROM evaluation_dataset_experiments l WHERE l.dataset = d.id AND ",
                               inside.text, ")");
    select.where(inside);
  }
  for (const Comparison& comparison : tracking::parse_filter(search.filter))
    select.where(condition_of(transaction_.dialect(), comparison));
  add_order(select, search.order_by);
  auto found = tracking::read_page<Found>(transaction_, select, request, found_of);
  load_tags(found.items);
  Page<Dataset> out;
  out.next = found.next;
  for (Found& one : found.items) out.items.push_back(std::move(one.dataset));
  return out;
}

void DatasetStore::update(const Found& found) {
  const Dataset& dataset = found.dataset;
  transaction_.execute(
      "UPDATE evaluation_datasets SET digest = ?, field_types = ?, record_count = ?, updated_ms = ?, updated_by = ? "
      "WHERE id = ?",
      {dataset.digest, sql::optional_value(dataset.schema), dataset.record_count, dataset.updated_ms,
       sql::optional_value(dataset.updated_by), found.row});
}

void DatasetStore::remove(int64_t row) {
  for (const std::string_view statement :
       {"DELETE FROM evaluation_records WHERE dataset = ?", "DELETE FROM evaluation_dataset_tags WHERE dataset = ?",
        "DELETE FROM evaluation_dataset_experiments WHERE dataset = ?",
        "DELETE FROM evaluation_datasets WHERE id = ?"}) {
    transaction_.execute(statement, {row});
  }
}

void DatasetStore::set_tag(int64_t row, const Tag& tag) {
  transaction_.execute(
      "INSERT INTO evaluation_dataset_tags (dataset, key, value) VALUES (?, ?, ?) ON CONFLICT (dataset, key) DO UPDATE "
      "SET value = excluded.value",
      {row, tag.key, tag.value});
}

void DatasetStore::remove_tag(int64_t row, const std::string& key) {
  transaction_.execute("DELETE FROM evaluation_dataset_tags WHERE dataset = ? AND key = ?", {row, key});
}

std::vector<ExperimentId> DatasetStore::experiments_of(int64_t row) {
  return transaction_.query_all<ExperimentId>(
      "SELECT experiment FROM evaluation_dataset_experiments WHERE dataset = ? ORDER BY experiment", {row},
      [](const sql::Row& found) { return ExperimentId(std::to_string(found.get_int(0))); });
}

void DatasetStore::add_experiment(int64_t row, const ExperimentId& experiment) {
  transaction_.execute(
      "INSERT INTO evaluation_dataset_experiments (dataset, experiment) VALUES (?, ?) ON CONFLICT DO NOTHING",
      {row, tracking::number_of(experiment)});
}

bool DatasetStore::remove_experiment(int64_t row, const ExperimentId& experiment) {
  return transaction_.execute("DELETE FROM evaluation_dataset_experiments WHERE dataset = ? AND experiment = ?",
                              {row, tracking::number_of(experiment)}) > 0;
}

void DatasetStore::forget_experiment(int64_t experiment) {
  transaction_.execute("DELETE FROM evaluation_dataset_experiments WHERE experiment = ?", {experiment});
}

void DatasetStore::load_tags(std::vector<Found>& found) {
  std::unordered_map<int64_t, Dataset*> by_row;
  sql::Values rows;
  for (Found& one : found) {
    by_row[one.row] = &one.dataset;
    rows.emplace_back(one.row);
  }
  tracking::query_in(transaction_, "SELECT dataset, key, value FROM evaluation_dataset_tags", "dataset", rows,
                     " ORDER BY dataset, key", [&](const sql::Row& row) {
                       by_row.at(row.get_int(0))->tags.push_back({row.get_text(1), row.get_text(2)});
                     });
}

}  // namespace slipway::genai
