// The half of SqlReader for evaluation datasets, scorers and issues.
#include <unordered_map>

#include "adapters/mlflow_store/sql_reader.h"
#include "domains/traces/json_text.h"
#include "domains/tracking/select.h"
#include "foundation/base/json_stream.h"
#include "foundation/base/text.h"

namespace slipway::mlflow_store {

using genai::DatasetId;
using genai::Issue;
using genai::Record;
using genai::ScorerVersion;
using genai::StoredDataset;
using genai::StoredScorer;
using tracking::ExperimentId;

namespace {

// MLflow wraps outputs, so that every one of them is an object.
constexpr std::string_view kWrapped = "mlflow_wrapped";

std::string text_or_empty(const sql::Row& row, int column) { return row.find_text(column).value_or(""); }

// Nothing for NULL and for the JSON null, which MLflow writes in its place.
std::optional<std::string> find_json(const sql::Row& row, int column) {
  auto found = row.find_text(column);
  if (!found) return found;
  std::string json = traces::normal_json(*found);
  return json == "null" ? std::nullopt : std::optional(std::move(json));
}

std::optional<std::string> member_of(const std::optional<std::string>& object, std::string_view wanted) {
  if (!object) return std::nullopt;
  JsonReader reader(*object);
  std::string name;
  for (reader.begin_object(); reader.next_member(name);) {
    const std::string_view value = reader.skip();
    if (name == wanted && value != "null") return std::string(value);
  }
  return std::nullopt;
}

std::vector<std::string> texts_of(const sql::Row& row, int column) {
  std::vector<std::string> out;
  const auto json = find_json(row, column);
  if (!json) return out;
  JsonReader reader(*json);
  for (reader.begin_array(); reader.next_element();) out.emplace_back(reader.read_string());
  return out;
}

Record record_of(const sql::Row& row) {
  Record out;
  out.id = genai::RecordId(row.get_text(0));
  out.inputs = find_json(row, 1).value_or("{}");
  out.outputs = member_of(find_json(row, 2), kWrapped);
  out.expectations = find_json(row, 3);
  out.tags = find_json(row, 4).value_or("{}");
  const auto source = find_json(row, 5);
  if (const auto type = member_of(source, "source_type")) {
    out.source =
        genai::RecordSource{traces::text_of_json(*type).value_or(""), member_of(source, "source_data").value_or("{}")};
  }
  out.source_id = text_or_empty(row, 6);
  out.created_ms = row.find_int(7).value_or(0);
  out.updated_ms = row.find_int(8).value_or(out.created_ms);
  out.created_by = row.find_text(9);
  out.updated_by = row.find_text(10);
  return out;
}

}  // namespace

std::vector<StoredDataset> SqlReader::datasets() { return complete_datasets({"1 = 1", {}}); }

std::vector<StoredDataset> SqlReader::datasets(const sql::Values& ids) {
  return complete_datasets(tracking::in_condition("d.dataset_id", ids));
}

std::vector<StoredDataset> SqlReader::complete_datasets(const tracking::Condition& condition) {
  std::vector<StoredDataset> out;
  if (!schema_.has("evaluation_datasets")) return out;
  std::unordered_map<std::string, size_t> places;
  sql::Values ids;
  transaction_.query(
      text::concat("SELECT d.dataset_id, d.name, d.digest, d.\"schema\", d.created_time, d.last_update_time, "
                   "d.created_by, d.last_updated_by FROM evaluation_datasets d WHERE ",
                   condition.text, schema_.in_default_workspace("evaluation_datasets", "d"),
                   " ORDER BY d.created_time, d.dataset_id"),
      condition.values, [&](const sql::Row& row) {
        StoredDataset stored;
        genai::Dataset& dataset = stored.dataset;
        dataset.id = DatasetId(row.get_text(0));
        dataset.name = row.get_text(1);
        dataset.digest = text_or_empty(row, 2);
        dataset.schema = row.find_text(3);
        dataset.created_ms = row.find_int(4).value_or(0);
        dataset.updated_ms = row.find_int(5).value_or(dataset.created_ms);
        dataset.created_by = row.find_text(6);
        dataset.updated_by = row.find_text(7);
        places[dataset.id.value] = out.size();
        ids.emplace_back(dataset.id.value);
        out.push_back(std::move(stored));
      });
  const auto dataset_of = [&](const std::string& id) -> StoredDataset& { return out[places.at(id)]; };
  tracking::query_in(transaction_, "SELECT dataset_id, \"key\", value FROM evaluation_dataset_tags", "dataset_id", ids,
                     "", [&](const sql::Row& row) {
                       dataset_of(row.get_text(0)).dataset.tags.push_back({row.get_text(1), text_or_empty(row, 2)});
                     });
  tracking::query_in(
      transaction_, "SELECT c.source_id, c.destination_id FROM entity_associations c", "c.source_id", ids,
      text::concat(" AND ", kDatasetUse, " AND ", in_known_experiment("CAST(c.destination_id AS INTEGER)")),
      [&](const sql::Row& row) { dataset_of(row.get_text(0)).experiments.emplace_back(row.get_text(1)); });
  tracking::query_in(transaction_, "SELECT dataset_id, count(*) FROM evaluation_dataset_records", "dataset_id", ids,
                     " GROUP BY dataset_id",
                     [&](const sql::Row& row) { dataset_of(row.get_text(0)).dataset.record_count = row.get_int(1); });
  return out;
}

// As text, in which PostgreSQL's type for JSON is the same as SQLite's.
std::string SqlReader::select_records() const {
  std::string out = "SELECT r.dataset_record_id";
  for (const std::string_view column : {"inputs", "outputs", "expectations", "tags", "source"})
    out += text::concat(", CAST(r.", column, " AS TEXT)");
  return out +
         ", r.source_id, r.created_time, r.last_update_time, r.created_by, r.last_updated_by FROM "
         "evaluation_dataset_records r";
}

void SqlReader::records(const DatasetId& dataset, size_t portion,
                        const std::function<void(std::vector<Record>)>& on_records) {
  std::vector<Record> batch;
  const auto hand_over = [&] {
    if (!batch.empty()) on_records(std::exchange(batch, {}));
  };
  stream(select_records() + " WHERE r.dataset_id = ? ORDER BY r.created_time, r.dataset_record_id", {dataset.value},
         [&](const sql::Row& row) {
           batch.push_back(record_of(row));
           if (batch.size() >= portion) hand_over();
         });
  hand_over();
}

std::vector<Record> SqlReader::records(const sql::Values& ids) {
  std::vector<Record> out;
  tracking::query_in(transaction_, select_records(), "r.dataset_record_id", ids, "",
                     [&](const sql::Row& row) { out.push_back(record_of(row)); });
  return out;
}

std::vector<std::string> SqlReader::scorer_ids() {
  if (!schema_.has("scorers")) return {};
  return transaction_.query_all<std::string>(
      text::concat("SELECT c.scorer_id FROM scorers c WHERE ", in_known_experiment("c.experiment_id"),
                   " ORDER BY c.experiment_id, c.scorer_name"),
      {}, [](const sql::Row& row) { return row.get_text(0); });
}

std::vector<StoredScorer> SqlReader::scorers(const sql::Values& ids) {
  std::vector<StoredScorer> out;
  if (!schema_.has("scorers")) return out;
  std::unordered_map<std::string, size_t> places;
  tracking::query_in(
      transaction_, "SELECT scorer_id, experiment_id, scorer_name FROM scorers", "scorer_id", ids, "",
      [&](const sql::Row& row) {
        places[row.get_text(0)] = out.size();
        out.push_back(
            {genai::ScorerId(row.get_text(0)), ExperimentId(std::to_string(row.get_int(1))), row.get_text(2), {}, {}});
      });
  const auto scorer_of = [&](const sql::Row& row) -> StoredScorer& { return out[places.at(row.get_text(0))]; };
  tracking::query_in(transaction_,
                     "SELECT scorer_id, scorer_version, serialized_scorer, creation_time FROM scorer_versions",
                     "scorer_id", ids, " ORDER BY scorer_id, scorer_version", [&](const sql::Row& row) {
                       StoredScorer& scorer = scorer_of(row);
                       ScorerVersion version{scorer.id,      scorer.experiment_id, scorer.name,
                                             row.get_int(1), row.get_text(2),      row.find_int(3).value_or(0)};
                       scorer.versions.push_back(std::move(version));
                     });
  if (!schema_.has("online_scoring_configs")) return out;
  tracking::query_in(
      transaction_,
      "SELECT scorer_id, online_scoring_config_id, sample_rate, filter_string FROM online_scoring_configs", "scorer_id",
      ids, "", [&](const sql::Row& row) {
        StoredScorer& scorer = scorer_of(row);
        scorer.online = {row.get_text(1), scorer.id, scorer.experiment_id, row.get_double(2), row.find_text(3)};
      });
  return out;
}

std::vector<Issue> SqlReader::issues_after(const std::string& after, int64_t limit) {
  return select_issues({"i.issue_id > ?", {after}}, text::concat(" ORDER BY i.issue_id LIMIT ", limit));
}

std::vector<Issue> SqlReader::issues(const sql::Values& ids) {
  return select_issues(tracking::in_condition("i.issue_id", ids), "");
}

std::vector<Issue> SqlReader::select_issues(const tracking::Condition& condition, std::string_view tail) {
  if (!schema_.has("issues")) return {};
  return transaction_.query_all<Issue>(
      text::concat(
          "SELECT i.issue_id, i.experiment_id, i.name, i.description, i.status, i.severity, i.root_causes, ",
          schema_.column("issues", "i", "categories"),
          ", i.source_run_id, i.created_timestamp, i.last_updated_timestamp, i.created_by FROM issues i WHERE ",
          in_known_experiment("i.experiment_id"), " AND ", condition.text, tail),
      condition.values, [](const sql::Row& row) {
        Issue out;
        out.id = genai::IssueId(row.get_text(0));
        out.experiment_id = ExperimentId(std::to_string(row.get_int(1)));
        out.name = row.get_text(2);
        out.description = row.get_text(3);
        out.status = row.get_text(4);
        out.severity = row.find_text(5);
        out.root_causes = texts_of(row, 6);
        out.categories = texts_of(row, 7);
        out.source_run_id = row.find_text(8);
        out.created_ms = row.get_int(9);
        out.updated_ms = row.get_int(10);
        out.created_by = row.find_text(11);
        return out;
      });
}

}  // namespace slipway::mlflow_store
