#include "domains/genai/datasets.h"

#include <algorithm>
#include <functional>
#include <span>
#include <unordered_map>

#include "domains/genai/dataset_store.h"
#include "domains/genai/record_content.h"
#include "domains/genai/record_store.h"
#include "domains/tracking/experiment_store.h"
#include "domains/tracking/limits.h"
#include "domains/tracking/select.h"
#include "foundation/base/error.h"
#include "foundation/base/hash.h"

namespace slipway::genai {

namespace {

constexpr size_t kMaxName = 255;
constexpr size_t kMaxTagKey = 255;
constexpr size_t kMaxTagValue = 5000;
constexpr int64_t kMaxResults = 50'000;
// Records that are looked up, or read, at once.
constexpr size_t kPortion = 200;
constexpr size_t kMaxPageBytes = size_t{16} << 20U;

std::string digest_of(const Dataset& dataset) {
  constexpr size_t kDigits = 8;
  return hash_hex(HashKind::kSha256, text::concat(dataset.name, ":", dataset.updated_ms)).substr(0, kDigits);
}

void check_tag(const Tag& tag) {
  if (tag.key.empty()) throw invalid_argument("a tag of a dataset needs a key");
  tracking::check_length(tag.key, kMaxTagKey, "key");
  tracking::check_length(tag.value, kMaxTagValue, "value");
}

void add_experiments(sql::Transaction& transaction, int64_t row, const std::vector<ExperimentId>& experiments) {
  for (const ExperimentId& id : experiments) {
    tracking::ExperimentStore(transaction).get(id);
    DatasetStore(transaction).add_experiment(row, id);
  }
}

size_t size_of(const Record& record) {
  return record.inputs.size() + record.outputs.value_or("").size() + record.expectations.value_or("").size() +
         record.tags.size() + (record.source ? record.source->data.size() : 0);
}

std::optional<std::string> user_of(const NewRecord& record) {
  return record.tags ? text_member(*record.tags, kUserTag) : std::nullopt;
}

std::string source_id_of(const RecordSource& source) {
  return text_member(source.data, source.type == "TRACE" ? "trace_id" : "source_id").value_or("");
}

std::optional<std::string> unless_null(std::optional<std::string> json) {
  if (json && *json == "null") json.reset();
  return json;
}

// Puts records in, portion by portion, so that a batch of small ones does not pull all their large namesakes at once.
class Upsert {
 public:
  Upsert(sql::Transaction& transaction, int64_t dataset, int64_t now_ms, const std::function<RecordId()>& new_id)
      : store_(transaction, dataset), now_ms_(now_ms), new_id_(new_id) {}

  void add(std::span<const NewRecord> records) {
    std::vector<std::string> hashes;
    for (const NewRecord& record : records) hashes.push_back(hash_of(record.inputs));
    known_ = store_.find(hashes);
    std::unordered_map<std::string, size_t> places;  // of new ones
    std::vector<RecordStore::Hashed> fresh;
    std::unordered_map<std::string, bool> changed;
    for (size_t i = 0; i < records.size(); ++i) {
      if (auto known = known_.find(hashes[i]); known != known_.end()) {
        change(known->second, records[i]);
        changed[hashes[i]] = true;
      } else if (auto place = places.find(hashes[i]); place != places.end()) {
        change(fresh[place->second].record, records[i]);
      } else {
        places.emplace(hashes[i], fresh.size());
        fresh.push_back({hashes[i], made_of(records[i])});
      }
    }
    for (const auto& [hash, yes] : changed) store_.update(known_.at(hash));
    store_.insert(fresh);
    counts_.inserted += static_cast<int64_t>(fresh.size());
    counts_.updated += static_cast<int64_t>(records.size() - fresh.size());
  }

  const UpsertCounts& counts() const { return counts_; }

 private:
  Record made_of(const NewRecord& from) {
    Record out;
    out.id = new_id_();
    out.inputs = from.inputs;
    out.outputs = from.outputs ? unless_null(from.outputs) : "{}";
    out.expectations = from.expectations;
    out.tags = from.tags.value_or("{}");
    out.source = from.source;
    if (from.source) out.source_id = source_id_of(*from.source);
    out.created_ms = out.updated_ms = now_ms_;
    out.created_by = out.updated_by = user_of(from);
    return out;
  }

  void change(Record& record, const NewRecord& with) {
    if (with.outputs) record.outputs = unless_null(with.outputs);
    if (with.expectations) record.expectations = merged(record.expectations.value_or("{}"), *with.expectations);
    if (with.tags) record.tags = merged(record.tags, *with.tags);
    if (const auto user = user_of(with)) record.updated_by = user;
    record.updated_ms = now_ms_;
  }

  RecordStore store_;
  const int64_t now_ms_;
  const std::function<RecordId()>& new_id_;
  std::unordered_map<std::string, Record> known_;
  UpsertCounts counts_;
};

// Behind which row of a dataset a page of records begins.
int64_t row_after(const tracking::PageRequest& request) {
  if (!request.after()) return 0;
  const auto* row = request.after()->size() == 1 ? std::get_if<int64_t>(request.after()->data()) : nullptr;
  if (row == nullptr) throw invalid_argument("Invalid page token: it holds no record");
  return *row;
}

}  // namespace

Dataset Datasets::create(const NewDataset& wanted) {
  if (text::trim(wanted.name).empty()) throw invalid_argument("Missing value for required parameter 'name'.");
  tracking::check_length(wanted.name, kMaxName, "name");
  Dataset dataset;
  dataset.id = DatasetId("d-" + ids_.hex(32));
  dataset.name = wanted.name;
  dataset.created_ms = dataset.updated_ms = clock_.now_ms();
  dataset.digest = digest_of(dataset);
  for (const Tag& tag : wanted.tags) {
    check_tag(tag);
    if (tag.key == kUserTag) dataset.created_by = dataset.updated_by = tag.value;
  }
  return database_.write_value<Dataset>([&](sql::Transaction& transaction) {
    DatasetStore store(transaction);
    const int64_t row = store.insert(dataset);
    for (const Tag& tag : wanted.tags) store.set_tag(row, tag);
    add_experiments(transaction, row, wanted.experiments);
    return store.get(dataset.id).dataset;
  });
}

Dataset Datasets::get(const DatasetId& id) {
  return database_.read_value<Dataset>(
      [&](sql::Transaction& transaction) { return DatasetStore(transaction).get(id).dataset; });
}

void Datasets::remove(const DatasetId& id) {
  database_.write([&](sql::Transaction& transaction) {
    DatasetStore store(transaction);
    if (const auto row = store.find_row(id)) store.remove(*row);
  });
}

Page<Dataset> Datasets::search(const std::vector<ExperimentId>& experiments, const Search& search) {
  tracking::check_max_results(search.max_results, kMaxResults);
  const tracking::PageRequest request(search.max_results, search.page_token,
                                      tracking::Question::of("evaluation datasets", experiments, search));
  return database_.read_value<Page<Dataset>>(
      [&](sql::Transaction& transaction) { return DatasetStore(transaction).search(experiments, search, request); });
}

void Datasets::set_tags(const DatasetId& id, const std::vector<Tag>& tags) {
  for (const Tag& tag : tags) check_tag(tag);
  database_.write([&](sql::Transaction& transaction) {
    DatasetStore store(transaction);
    const int64_t row = store.get(id).row;
    for (const Tag& tag : tags) store.set_tag(row, tag);
  });
}

void Datasets::delete_tag(const DatasetId& id, const std::string& key) {
  database_.write([&](sql::Transaction& transaction) {
    DatasetStore store(transaction);
    if (const auto row = store.find_row(id)) store.remove_tag(*row, key);
  });
}

std::vector<ExperimentId> Datasets::experiments_of(const DatasetId& id) {
  return database_.read_value<std::vector<ExperimentId>>([&](sql::Transaction& transaction) {
    DatasetStore store(transaction);
    const auto row = store.find_row(id);
    return row ? store.experiments_of(*row) : std::vector<ExperimentId>();
  });
}

Dataset Datasets::add_to_experiments(const DatasetId& id, const std::vector<ExperimentId>& experiments) {
  return database_.write_value<Dataset>([&](sql::Transaction& transaction) {
    DatasetStore store(transaction);
    auto found = store.get(id);
    add_experiments(transaction, found.row, experiments);
    found.dataset.updated_ms = std::max(clock_.now_ms(), found.dataset.updated_ms);
    store.update(found);
    return found.dataset;
  });
}

Dataset Datasets::remove_from_experiments(const DatasetId& id, const std::vector<ExperimentId>& experiments) {
  return database_.write_value<Dataset>([&](sql::Transaction& transaction) {
    DatasetStore store(transaction);
    auto found = store.get(id);
    bool changed = false;
    for (const ExperimentId& experiment : experiments)
      changed = store.remove_experiment(found.row, experiment) || changed;
    if (!changed) return found.dataset;
    found.dataset.updated_ms = std::max(clock_.now_ms(), found.dataset.updated_ms);
    store.update(found);
    return found.dataset;
  });
}

UpsertCounts Datasets::upsert(const DatasetId& id, std::vector<NewRecord> records) {
  for (NewRecord& record : records) complete(record);
  const std::function<RecordId()> new_id = [this] { return RecordId("dr-" + ids_.hex(32)); };
  return database_.write_value<UpsertCounts>([&](sql::Transaction& transaction) {
    DatasetStore store(transaction);
    auto found = store.get(id);
    Dataset& dataset = found.dataset;
    // Every change gets a time of its own, since the digest is made of it.
    dataset.updated_ms = std::max(clock_.now_ms(), dataset.updated_ms + 1);
    Upsert upsert(transaction, found.row, dataset.updated_ms, new_id);
    const std::span<const NewRecord> all(records);
    for (size_t start = 0; start < all.size(); start += kPortion)
      upsert.add(all.subspan(start, std::min(kPortion, all.size() - start)));
    dataset.record_count += upsert.counts().inserted;
    dataset.schema = extended_schema(dataset.schema, records);
    dataset.digest = digest_of(dataset);
    dataset.updated_by.reset();
    for (const NewRecord& record : records) {
      if (auto user = user_of(record)) dataset.updated_by = std::move(user);
    }
    store.update(found);
    return upsert.counts();
  });
}

Page<Record> Datasets::records(const DatasetId& id, int64_t max_results, const std::string& page_token) {
  tracking::check_max_results(max_results, kMaxResults);
  tracking::Question question("records");
  question.add("The dataset", "does", {id.value});
  const tracking::PageRequest request(max_results, page_token, question);
  int64_t after = row_after(request);
  return database_.read_value<Page<Record>>([&](sql::Transaction& transaction) {
    Page<Record> out;
    const auto dataset = DatasetStore(transaction).find_row(id);
    if (!dataset) return out;
    RecordStore store(transaction, *dataset);
    size_t bytes = 0;
    bool has_more = true;
    while (has_more && !out.next) {
      has_more = false;
      store.read_after(after, int64_t{kPortion}, [&](int64_t row, Record record) {
        has_more = true;
        if (out.next) return;
        const bool is_full = static_cast<int64_t>(out.items.size()) == max_results || bytes > kMaxPageBytes;
        if (is_full) {
          out.next = request.token_after({after});
          return;
        }
        bytes += size_of(record);
        after = row;
        out.items.push_back(std::move(record));
      });
    }
    return out;
  });
}

int64_t Datasets::remove_records(const DatasetId& id, const std::vector<RecordId>& records) {
  return database_.write_value<int64_t>([&](sql::Transaction& transaction) -> int64_t {
    DatasetStore store(transaction);
    auto found = store.find(id);
    if (!found) return 0;
    const int64_t removed = RecordStore(transaction, found->row).remove(records);
    found->dataset.record_count -= removed;
    if (removed > 0) store.update(*found);
    return removed;
  });
}

void Datasets::forget_experiment(sql::Transaction& transaction, const ExperimentId& experiment) {
  DatasetStore(transaction).forget_experiment(tracking::number_of(experiment));
}

}  // namespace slipway::genai
