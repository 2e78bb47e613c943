#include "domains/genai/intake.h"

#include <algorithm>
#include <map>

#include "domains/genai/dataset_store.h"
#include "domains/genai/issue_store.h"
#include "domains/genai/record_content.h"
#include "domains/genai/record_store.h"
#include "domains/genai/scorer_store.h"
#include "domains/tracking/difference.h"
#include "domains/tracking/experiment_store.h"
#include "foundation/base/text.h"

namespace slipway::genai {

namespace {

using tracking::Arrival;
using tracking::Fate;
using tracking::number_difference;
using tracking::text_difference;

std::string first_of(const std::initializer_list<std::string>& differences) {
  for (const std::string& one : differences) {
    if (!one.empty()) return one;
  }
  return "";
}

std::string optional_difference(std::string_view what, const std::optional<std::string>& here,
                                const std::optional<std::string>& there) {
  return text_difference(what, here.value_or(""), there.value_or(""));
}

std::string list_of(std::vector<ExperimentId> experiments) {
  std::vector<std::string> ids;
  for (const ExperimentId& id : experiments) ids.push_back(id.value);
  std::sort(ids.begin(), ids.end());
  return text::join(ids, ", ");
}

std::string source_text(const Record& record) {
  return record.source ? text::concat(record.source->type, " ", record.source->data) : "";
}

std::string online_text(const std::optional<OnlineScoring>& online) {
  return online ? text::concat(online->sample_rate, " of ", online->filter.value_or("all")) : "";
}

// Gives the versions that are not there yet, and the online settings where there are none.
void add_missing(ScorerStore& store, const ScorerStore::Found& scorer, const StoredScorer& arriving,
                 const std::optional<StoredScorer>& known) {
  for (const ScorerVersion& one : arriving.versions) {
    const auto same = [&](const ScorerVersion& other) { return other.version == one.version; };
    if (known && std::any_of(known->versions.begin(), known->versions.end(), same)) continue;
    store.restore_version(scorer.row, one);
  }
  if (arriving.online && (!known || !known->online)) store.put(scorer.row, *arriving.online);
}

}  // namespace

// The digest changes with every change of the records.
std::string difference(const StoredDataset& here, const StoredDataset& there) {
  const Dataset& a = here.dataset;
  const Dataset& b = there.dataset;
  return first_of({text_difference("name", a.name, b.name), text_difference("digest", a.digest, b.digest),
                   number_difference("creation time", a.created_ms, b.created_ms),
                   optional_difference("author", a.created_by, b.created_by),
                   tracking::tags_difference("tag", a.tags, b.tags),
                   text_difference("experiments", list_of(here.experiments), list_of(there.experiments))});
}

std::string difference(const Record& here, const Record& there) {
  return first_of(
      {text_difference("id", here.id.value, there.id.value), text_difference("inputs", here.inputs, there.inputs),
       optional_difference("outputs", here.outputs, there.outputs),
       optional_difference("expectations", here.expectations, there.expectations),
       text_difference("tags", here.tags, there.tags), text_difference("source", source_text(here), source_text(there)),
       number_difference("creation time", here.created_ms, there.created_ms),
       number_difference("time of the last change", here.updated_ms, there.updated_ms)});
}

std::string difference(const StoredScorer& here, const StoredScorer& there) {
  std::string out = first_of({text_difference("id", here.id.value, there.id.value),
                              text_difference("experiment", here.experiment_id.value, there.experiment_id.value),
                              text_difference("name", here.name, there.name)});
  std::map<int64_t, const ScorerVersion*> known;
  for (const ScorerVersion& one : here.versions) known[one.version] = &one;
  for (const ScorerVersion& one : there.versions) {
    const auto found = known.find(one.version);
    if (found == known.end() || !out.empty()) continue;
    out =
        text_difference(text::concat("definition of version ", one.version), found->second->definition, one.definition);
  }
  if (out.empty() && here.online && there.online)
    out = text_difference("online scoring", online_text(here.online), online_text(there.online));
  return out;
}

std::string difference(const Issue& here, const Issue& there) {
  return first_of(
      {text_difference("experiment", here.experiment_id.value, there.experiment_id.value),
       text_difference("name", here.name, there.name),
       text_difference("description", here.description, there.description),
       text_difference("status", here.status, there.status),
       optional_difference("severity", here.severity, there.severity),
       text_difference("root causes", text::join(here.root_causes, ", "), text::join(there.root_causes, ", ")),
       text_difference("categories", text::join(here.categories, ", "), text::join(there.categories, ", ")),
       optional_difference("run", here.source_run_id, there.source_run_id),
       number_difference("creation time", here.created_ms, there.created_ms)});
}

void Intake::run(const std::function<void(sql::Transaction&)>& work) {
  only_look_ ? database_.read(work) : database_.write(work);
}

std::vector<Arrival> Intake::take(const std::vector<StoredDataset>& datasets) {
  std::vector<Arrival> out;
  run([&](sql::Transaction& transaction) {
    out.clear();
    DatasetStore store(transaction);
    for (const StoredDataset& one : datasets) {
      const auto known = Outlet(transaction).find(one.dataset.id);
      out.push_back(known ? tracking::arrival_of(difference(*known, one)) : Arrival{});
      if (known || only_look_) continue;
      DatasetStore::Found fresh{store.insert(one.dataset), one.dataset};
      fresh.dataset.record_count = 0;
      store.update(fresh);
      for (const Tag& tag : one.dataset.tags) store.set_tag(fresh.row, tag);
      for (const ExperimentId& experiment : one.experiments) store.add_experiment(fresh.row, experiment);
    }
  });
  return out;
}

std::vector<Arrival> Intake::take(const DatasetId& dataset, const std::vector<Record>& records) {
  std::vector<Arrival> out;
  run([&](sql::Transaction& transaction) {
    out.assign(records.size(), {});
    DatasetStore datasets(transaction);
    auto found = datasets.find(dataset);
    if (!found && only_look_) return;
    if (!found) found = datasets.get(dataset);
    RecordStore store(transaction, found->row);
    std::vector<std::string> hashes;
    for (const Record& one : records) hashes.push_back(hash_of(one.inputs));
    const auto known = store.find(hashes);
    std::vector<RecordStore::Hashed> fresh;
    for (size_t i = 0; i < records.size(); ++i) {
      const auto place = known.find(hashes[i]);
      if (place == known.end()) {
        fresh.push_back({hashes[i], records[i]});
      } else {
        out[i] = tracking::arrival_of(difference(place->second, records[i]));
      }
    }
    if (fresh.empty() || only_look_) return;
    store.insert(fresh);
    found->dataset.record_count += static_cast<int64_t>(fresh.size());
    datasets.update(*found);
  });
  return out;
}

std::vector<Arrival> Intake::take(const std::vector<StoredScorer>& scorers) {
  std::vector<Arrival> out;
  run([&](sql::Transaction& transaction) {
    out.clear();
    ScorerStore store(transaction);
    for (const StoredScorer& one : scorers) {
      auto row = store.find(tracking::number_of(one.experiment_id), one.name);
      const auto known = row ? Outlet(transaction).find(row->id) : std::nullopt;
      out.push_back(known ? tracking::arrival_of(difference(*known, one)) : Arrival{});
      if (only_look_ || out.back().fate == Fate::kDifferent) continue;
      if (!row) row = store.insert(tracking::number_of(one.experiment_id), one.name, one.id);
      add_missing(store, *row, one, known);
    }
  });
  return out;
}

std::vector<Arrival> Intake::take(const std::vector<Issue>& issues) {
  std::vector<Arrival> out;
  run([&](sql::Transaction& transaction) {
    out.clear();
    IssueStore store(transaction);
    for (const Issue& one : issues) {
      const auto known = store.find(one.id);
      out.push_back(known ? tracking::arrival_of(difference(*known, one)) : Arrival{});
      if (!known && !only_look_) store.insert(one);
    }
  });
  return out;
}

DatasetRowCounts Intake::count(const DatasetId& dataset) {
  return database_.read_value<DatasetRowCounts>([&](sql::Transaction& transaction) {
    DatasetRowCounts out;
    const auto row = DatasetStore(transaction).find_row(dataset);
    if (!row) return out;
    const auto count = [&](std::string_view table) {
      return transaction.query_int(text::concat("SELECT count(*) FROM ", table, " WHERE dataset = ?"), {*row})
          .value_or(0);
    };
    out.datasets = 1;
    out.tags = count("evaluation_dataset_tags");
    out.experiments = count("evaluation_dataset_experiments");
    out.records = count("evaluation_records");
    return out;
  });
}

ScorerRowCounts Intake::count(const ScorerId& scorer) {
  return database_.read_value<ScorerRowCounts>([&](sql::Transaction& transaction) {
    const auto found = Outlet(transaction).find(scorer);
    if (!found) return ScorerRowCounts{};
    return ScorerRowCounts{1, static_cast<int64_t>(found->versions.size()), found->online ? 1 : 0};
  });
}

int64_t Intake::count(const std::vector<IssueId>& issues) {
  return database_.read_value<int64_t>([&](sql::Transaction& transaction) {
    IssueStore store(transaction);
    int64_t out = 0;
    for (const IssueId& id : issues) out += store.find(id) ? 1 : 0;
    return out;
  });
}

std::vector<DatasetId> Outlet::datasets() {
  return transaction_.query_all<DatasetId>("SELECT dataset_id FROM evaluation_datasets ORDER BY id", {},
                                           [](const sql::Row& row) { return DatasetId(row.get_text(0)); });
}

std::optional<StoredDataset> Outlet::find(const DatasetId& id) {
  DatasetStore store(transaction_);
  auto found = store.find(id);
  if (!found) return std::nullopt;
  return StoredDataset{std::move(found->dataset), store.experiments_of(found->row)};
}

void Outlet::records(const DatasetId& id, int64_t portion, const std::function<void(std::vector<Record>)>& on_records) {
  const auto row = DatasetStore(transaction_).find_row(id);
  if (!row) return;
  RecordStore store(transaction_, *row);
  int64_t after = 0;
  for (;;) {
    std::vector<Record> records;
    store.read_after(after, portion, [&](int64_t read, Record record) {
      after = read;
      records.push_back(std::move(record));
    });
    if (records.empty()) return;
    on_records(std::move(records));
  }
}

std::vector<ScorerId> Outlet::scorers() {
  return transaction_.query_all<ScorerId>("SELECT scorer_id FROM scorers ORDER BY id", {},
                                          [](const sql::Row& row) { return ScorerId(row.get_text(0)); });
}

std::optional<StoredScorer> Outlet::find(const ScorerId& id) {
  int64_t row = 0;
  auto out = transaction_.query_one<StoredScorer>(
      "SELECT id, experiment, name FROM scorers WHERE scorer_id = ?", {id.value}, [&](const sql::Row& found) {
        row = found.get_int(0);
        return StoredScorer{id, ExperimentId(std::to_string(found.get_int(1))), found.get_text(2), {}, {}};
      });
  if (!out) return out;
  ScorerStore store(transaction_);
  out->versions = store.versions(row);
  for (OnlineScoring& one : store.online({id})) out->online = std::move(one);
  return out;
}

void Outlet::issues(int64_t portion, const std::function<void(std::vector<Issue>)>& on_issues) {
  IssueStore store(transaction_);
  int64_t after = 0;
  for (;;) {
    std::vector<Issue> issues;
    store.read_after(after, portion, [&](int64_t read, Issue issue) {
      after = read;
      issues.push_back(std::move(issue));
    });
    if (issues.empty()) return;
    on_issues(std::move(issues));
  }
}

}  // namespace slipway::genai
