// The steps of Mover for evaluation datasets, scorers and issues.
#include "adapters/mlflow_store/mover.h"

namespace slipway::mlflow_store {

using genai::Issue;
using genai::Record;
using genai::StoredDataset;
using genai::StoredScorer;
using tracking::Arrival;
using tracking::Fate;

void Mover::move_datasets(std::vector<StoredDataset> datasets) {
  for (StoredDataset& one : datasets) {
    for (tracking::ExperimentId& id : one.experiments) id = experiment_of(id);
  }
  const std::vector<Arrival> arrivals = take<StoredDataset>(
      datasets, [](const StoredDataset& one) { return text::concat("evaluation dataset '", one.dataset.name, "'"); });
  for (size_t i = 0; i < datasets.size(); ++i) {
    const StoredDataset& one = datasets[i];
    const Fate fate = arrivals[i].fate;
    book(Kind::kEvaluationDatasets, fate, 1);
    book(Kind::kEvaluationDatasetTags, fate, one.dataset.tags.size());
    book(Kind::kEvaluationDatasetLinks, fate, one.experiments.size());
    advance(1);
    if (fate == Fate::kDifferent) {
      if (!arrivals[i].difference.empty())
        complain(text::concat("evaluation dataset '", one.dataset.name, "'"), arrivals[i]);
      continue;
    }
    move_records(one.dataset.id);
    if (options_.only_look) continue;
    const genai::DatasetRowCounts counts = target_.count(one.dataset.id);
    row(Kind::kEvaluationDatasets).in_target += counts.datasets;
    row(Kind::kEvaluationDatasetTags).in_target += counts.tags;
    row(Kind::kEvaluationDatasetLinks).in_target += counts.experiments;
    row(Kind::kEvaluationRecords).in_target += counts.records;
  }
}

void Mover::move_records(const genai::DatasetId& dataset) {
  const std::function<std::string(const Record&)> name = [](const Record& one) { return "record " + one.id.value; };
  source_.records(dataset, [&](const std::vector<Record>& records) {
    const std::vector<Arrival> arrivals =
        take(records, name, [&](const std::vector<Record>& some) { return target_.take(dataset, some); });
    for (size_t i = 0; i < records.size(); ++i) {
      book(Kind::kEvaluationRecords, arrivals[i].fate, 1);
      if (!arrivals[i].difference.empty()) complain(name(records[i]), arrivals[i]);
    }
    advance(static_cast<int64_t>(records.size()));
  });
}

void Mover::move_scorers(std::vector<StoredScorer> scorers) {
  for (StoredScorer& one : scorers) {
    one.experiment_id = experiment_of(one.experiment_id);
    if (one.online) one.online->experiment_id = one.experiment_id;
  }
  const std::vector<Arrival> arrivals =
      take<StoredScorer>(scorers, [](const StoredScorer& one) { return text::concat("scorer '", one.name, "'"); });
  for (size_t i = 0; i < scorers.size(); ++i) {
    const Fate fate = arrivals[i].fate;
    book(Kind::kScorers, fate, 1);
    book(Kind::kScorerVersions, fate, scorers[i].versions.size());
    book(Kind::kOnlineScorings, fate, scorers[i].online ? 1 : 0);
    advance(1);
    if (!arrivals[i].difference.empty()) complain(text::concat("scorer '", scorers[i].name, "'"), arrivals[i]);
    if (options_.only_look || fate == Fate::kDifferent) continue;
    const genai::ScorerRowCounts counts = target_.count(scorers[i].id);
    row(Kind::kScorers).in_target += counts.scorers;
    row(Kind::kScorerVersions).in_target += counts.versions;
    row(Kind::kOnlineScorings).in_target += counts.online;
  }
}

void Mover::move_issues(std::vector<Issue> issues) {
  std::vector<genai::IssueId> taken;
  for (Issue& one : issues) one.experiment_id = experiment_of(one.experiment_id);
  const std::vector<Arrival> arrivals = take<Issue>(issues, [](const Issue& one) { return "issue " + one.id.value; });
  for (size_t i = 0; i < issues.size(); ++i) {
    book(Kind::kIssues, arrivals[i].fate, 1);
    if (!arrivals[i].difference.empty()) complain("issue " + issues[i].id.value, arrivals[i]);
    if (arrivals[i].fate != Fate::kDifferent) taken.push_back(issues[i].id);
  }
  advance(static_cast<int64_t>(issues.size()));
  if (!options_.only_look) row(Kind::kIssues).in_target += target_.count(taken);
}

}  // namespace slipway::mlflow_store
