// The half of SqlTarget for evaluation datasets, scorers and issues.
#include "adapters/mlflow_store/settle.h"
#include "adapters/mlflow_store/sql_target.h"
#include "adapters/mlflow_store/sql_writer.h"

namespace slipway::mlflow_store {

using tracking::Arrival;
using tracking::Fate;

std::vector<Arrival> SqlTarget::no_place(size_t count) {
  return std::vector<Arrival>(
      count, {Fate::kDifferent, "this version of MLflow has no table for it; export to a database of MLflow 3.17"});
}

std::vector<Arrival> SqlTarget::take(const std::vector<genai::StoredDataset>& datasets) {
  if (!schema_->has("evaluation_datasets")) return no_place(datasets.size());
  sql::Values ids;
  for (const genai::StoredDataset& one : datasets) ids.emplace_back(one.dataset.id.value);
  std::vector<Arrival> out;
  run([&](sql::Transaction& transaction) {
    SqlWriter writer(transaction, *schema_);
    out = settle<genai::StoredDataset>(
        datasets, SqlReader(transaction, *schema_).datasets(ids), [](const auto& one) { return one.dataset.id.value; },
        [&](const genai::StoredDataset& one) {
          if (!options_.only_look) writer.insert(one);
        });
  });
  return out;
}

std::vector<Arrival> SqlTarget::take(const genai::DatasetId& dataset, const std::vector<genai::Record>& records) {
  sql::Values ids;
  for (const genai::Record& one : records) ids.emplace_back(one.id.value);
  std::vector<Arrival> out;
  run([&](sql::Transaction& transaction) {
    SqlWriter writer(transaction, *schema_);
    out = settle<genai::Record>(
        records, SqlReader(transaction, *schema_).records(ids), [](const auto& one) { return one.id.value; },
        [&](const genai::Record& one) {
          if (!options_.only_look) writer.insert(dataset, one);
        });
  });
  return out;
}

std::vector<Arrival> SqlTarget::take(const std::vector<genai::StoredScorer>& scorers) {
  if (!schema_->has("scorers")) return no_place(scorers.size());
  std::vector<Arrival> out;
  run([&](sql::Transaction& transaction) {
    out.clear();
    SqlReader reader(transaction, *schema_);
    SqlWriter writer(transaction, *schema_);
    for (const genai::StoredScorer& one : scorers) {
      const auto known = reader.scorers({one.id.value});
      const genai::StoredScorer* found = known.empty() ? nullptr : &known[0];
      out.push_back(found == nullptr ? Arrival{} : tracking::arrival_of(genai::difference(*found, one)));
      if (out.back().fate != Fate::kDifferent && !options_.only_look) writer.insert(one, found);
    }
  });
  return out;
}

std::vector<Arrival> SqlTarget::take(const std::vector<genai::Issue>& issues) {
  if (!schema_->has("issues")) return no_place(issues.size());
  sql::Values ids;
  for (const genai::Issue& one : issues) ids.emplace_back(one.id.value);
  std::vector<Arrival> out;
  run([&](sql::Transaction& transaction) {
    SqlWriter writer(transaction, *schema_);
    out = settle<genai::Issue>(
        issues, SqlReader(transaction, *schema_).issues(ids), [](const auto& one) { return one.id.value; },
        [&](const genai::Issue& one) {
          if (!options_.only_look) writer.insert(one);
        });
  });
  return out;
}

genai::DatasetRowCounts SqlTarget::count(const genai::DatasetId& dataset) {
  return database_.read_value<genai::DatasetRowCounts>([&](sql::Transaction& transaction) {
    genai::DatasetRowCounts out;
    for (const genai::StoredDataset& one : SqlReader(transaction, *schema_).datasets({dataset.value})) {
      ++out.datasets;
      out.tags += static_cast<int64_t>(one.dataset.tags.size());
      out.experiments += static_cast<int64_t>(one.experiments.size());
      out.records += one.dataset.record_count;
    }
    return out;
  });
}

genai::ScorerRowCounts SqlTarget::count(const genai::ScorerId& scorer) {
  return database_.read_value<genai::ScorerRowCounts>([&](sql::Transaction& transaction) {
    genai::ScorerRowCounts out;
    for (const genai::StoredScorer& one : SqlReader(transaction, *schema_).scorers({scorer.value})) {
      ++out.scorers;
      out.versions += static_cast<int64_t>(one.versions.size());
      out.online += one.online ? 1 : 0;
    }
    return out;
  });
}

int64_t SqlTarget::count(const std::vector<genai::IssueId>& issues) {
  sql::Values ids;
  for (const genai::IssueId& id : issues) ids.emplace_back(id.value);
  return database_.read_value<int64_t>([&](sql::Transaction& transaction) {
    return static_cast<int64_t>(SqlReader(transaction, *schema_).issues(ids).size());
  });
}

}  // namespace slipway::mlflow_store
