#include "domains/tracking/input_store.h"

#include <map>
#include <unordered_map>

#include "domains/tracking/experiment_store.h"

namespace slipway::tracking {

namespace {

sql::Values keys_of(const std::vector<RunRow>& rows) {
  sql::Values out;
  for (const RunRow& row : rows) out.emplace_back(row.row);
  return out;
}

}  // namespace

void InputStore::add_dataset(const RunRow& run, const DatasetInput& input) {
  const Dataset& dataset = input.dataset;
  const int64_t experiment = number_of(run.info.experiment_id);
  transaction_.execute(
      "INSERT INTO datasets (experiment, name, digest, source_type, source, schema_text, profile_text) VALUES (?, ?, "
      "?, ?, ?, ?, ?) "
      "ON CONFLICT (experiment, name, digest) DO NOTHING",
      {experiment, dataset.name, dataset.digest, dataset.source_type, dataset.source,
       sql::optional_value(dataset.schema), sql::optional_value(dataset.profile)});
  const int64_t id = transaction_
                         .query_int("SELECT id FROM datasets WHERE experiment = ? AND name = ? AND digest = ?",
                                    {experiment, dataset.name, dataset.digest})
                         .value();
  const int64_t added = transaction_.execute(
      "INSERT INTO run_datasets (run, dataset) VALUES (?, ?) ON CONFLICT (run, dataset) DO NOTHING", {run.row, id});
  if (added == 0) return;
  for (const Tag& tag : input.tags) {
    transaction_.execute(
        "INSERT INTO run_dataset_tags (run, dataset, key, value) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (run, dataset, key) DO UPDATE SET value = excluded.value",
        {run.row, id, tag.key, tag.value});
  }
}

void InputStore::add_model_input(int64_t run, const LoggedModelId& model) {
  transaction_.execute(
      "INSERT INTO run_models (run, direction, model_id, step) VALUES (?, 'input', ?, 0) "
      "ON CONFLICT (run, direction, model_id) DO NOTHING",
      {run, model.value});
}

void InputStore::add_model_output(int64_t run, const ModelOutput& output) {
  transaction_.execute(
      "INSERT INTO run_models (run, direction, model_id, step) VALUES (?, 'output', ?, ?) "
      "ON CONFLICT (run, direction, model_id) DO UPDATE SET step = excluded.step",
      {run, output.model_id.value, output.step});
}

std::vector<DatasetSummary> InputStore::summaries(const sql::Values& experiments, int64_t limit) {
  SelectBuilder select(
      "SELECT DISTINCT d.experiment, d.name, d.digest, coalesce(t.value, '') AS context FROM datasets d JOIN "
      "run_datasets i ON i.dataset = d.id");
  select.join("LEFT JOIN run_dataset_tags t ON t.run = i.run AND t.dataset = i.dataset AND t.key = ?",
              {std::string("mlflow.data.context")});
  select.where(in_condition("d.experiment", experiments));
  for (const char* column : {"d.experiment", "d.name", "d.digest", "context"}) select.order({column});
  return transaction_.query_all<DatasetSummary>(select.text(), select.values(limit), [](const sql::Row& row) {
    return DatasetSummary{ExperimentId(std::to_string(row.get_int(0))), row.get_text(1), row.get_text(2),
                          row.get_text(3)};
  });
}

void InputStore::load(const std::vector<RunRow>& rows, std::vector<Run>& runs) {
  load_datasets(rows, runs);
  std::unordered_map<int64_t, Run*> by_row;
  for (size_t i = 0; i < rows.size(); ++i) by_row[rows[i].row] = &runs[i];
  query_in(transaction_, "SELECT run, direction, model_id, step FROM run_models", "run", keys_of(rows),
           " ORDER BY run, direction, step, model_id", [&](const sql::Row& row) {
             Run& run = *by_row.at(row.get_int(0));
             const LoggedModelId model(row.get_text(2));
             if (row.get_text(1) == "input") {
               run.model_inputs.push_back(model);
             } else {
               run.model_outputs.push_back({model, row.get_int(3)});
             }
           });
}

void InputStore::load_datasets(const std::vector<RunRow>& rows, std::vector<Run>& runs) {
  std::map<std::pair<int64_t, int64_t>, std::vector<Tag>> tags;
  query_in(transaction_, "SELECT run, dataset, key, value FROM run_dataset_tags", "run", keys_of(rows),
           " ORDER BY run, dataset, key", [&](const sql::Row& row) {
             tags[{row.get_int(0), row.get_int(1)}].push_back({row.get_text(2), row.get_text(3)});
           });
  std::unordered_map<int64_t, Run*> by_row;
  for (size_t i = 0; i < rows.size(); ++i) by_row[rows[i].row] = &runs[i];
  query_in(transaction_,
           "SELECT i.run, d.id, d.name, d.digest, d.source_type, d.source, d.schema_text, d.profile_text FROM "
           "run_datasets i "
           "JOIN datasets d ON d.id = i.dataset",
           "i.run", keys_of(rows), " ORDER BY i.run, d.id", [&](const sql::Row& row) {
             DatasetInput input;
             input.dataset = {row.get_text(2), row.get_text(3),  row.get_text(4),
                              row.get_text(5), row.find_text(6), row.find_text(7)};
             input.tags = tags[{row.get_int(0), row.get_int(1)}];
             by_row.at(row.get_int(0))->dataset_inputs.push_back(std::move(input));
           });
}

}  // namespace slipway::tracking
