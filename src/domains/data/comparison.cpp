#include "domains/data/comparison.h"

#include <algorithm>
#include <set>
#include <unordered_map>

#include "domains/data/parallel.h"
#include "domains/data/paths.h"
#include "foundation/base/text.h"

namespace slipway::data {

namespace {

// As if '/' came before every other character, so that a folder is followed by all that it holds.
bool path_less(std::string_view a, std::string_view b) {
  const auto [at_a, at_b] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  if (at_b == b.end()) return false;
  if (at_a == a.end()) return true;
  if (*at_a == '/' || *at_b == '/') return *at_a == '/';
  return static_cast<unsigned char>(*at_a) < static_cast<unsigned char>(*at_b);
}

bool is_wanted(const std::string& path, const ListingOptions& options) {
  return options.only.empty() || std::any_of(options.only.begin(), options.only.end(),
                                             [&](const std::string& one) { return paths::inside(path, one); });
}

bool may_hold_wanted(const std::string& path, const ListingOptions& options) {
  return options.only.empty() || std::any_of(options.only.begin(), options.only.end(),
                                             [&](const std::string& one) { return paths::overlap(path, one); });
}

// Calls `take` for each output that the cache holds, with its path from the root.
template <typename Take>
void for_each_output(const Repository& repository, const StageIndex& index, const ListingOptions& options,
                     const Take& take) {
  for (const Stage& stage : index.stages()) {
    for (const Output& output : stage.outs) {
      if (!output.cache || !paths::inside(output.absolute, repository.root())) continue;
      const std::string path = paths::relative(output.absolute, repository.root());
      if (may_hold_wanted(path, options)) take(output, path);
    }
  }
}

void add_files(const std::string& folder, const Tree& tree, ObjectKind kind, const ListingOptions& options,
               DataListing& out) {
  for (const TreeEntry& entry : tree.entries) {
    std::string path = text::concat(folder, "/", entry.path);
    if (is_wanted(path, options)) out.entries.push_back({std::move(path), entry.md5, kind, false});
  }
}

void sort(DataListing& listing) {
  std::sort(listing.entries.begin(), listing.entries.end(),
            [](const DataEntry& a, const DataEntry& b) { return path_less(a.path, b.path); });
}

bool same_hash(const DataEntry& a, const DataEntry& b) { return a.hash == b.hash && a.kind == b.kind; }

bool has_content_below(const std::vector<DataEntry>& entries, size_t at, const std::string& path) {
  return at < entries.size() && entries[at].path.size() > path.size() && paths::inside(entries[at].path, path);
}

// Walks both listings side by side.
class Comparison {
 public:
  Comparison(const DataListing& before, const DataListing& after, CompareBy by) : before_(before), after_(after) {
    by_ = by;
    unknown_.insert(before.unknown.begin(), before.unknown.end());
    unknown_.insert(after.unknown.begin(), after.unknown.end());
  }

  std::vector<DataChange> run() {
    size_t i = 0;
    size_t j = 0;
    const auto& old = before_.entries;
    const auto& now = after_.entries;
    while (i < old.size() || j < now.size()) {
      if (j == now.size() || (i < old.size() && path_less(old[i].path, now[j].path))) {
        // A file whose place a folder took: its files say so.
        if (by_ == CompareBy::kHashes || !has_content_below(now, j, old[i].path)) add(&old[i], nullptr);
        ++i;
      } else if (i == old.size() || path_less(now[j].path, old[i].path)) {
        if (by_ == CompareBy::kHashes || !has_content_below(old, i, now[j].path)) add(nullptr, &now[j]);
        ++j;
      } else {
        add(&old[i++], &now[j++]);
      }
    }
    find_renames();
    return std::move(out_);
  }

 private:
  bool is_unknown(const std::string& path) const {
    if (unknown_.empty()) return false;
    for (std::string at = paths::parent(path); !at.empty() && at != "."; at = paths::parent(at)) {
      if (unknown_.contains(at)) return true;
    }
    return false;
  }

  void add(const DataEntry* before, const DataEntry* after) {
    const std::string& path = before != nullptr ? before->path : after->path;
    ChangeKind kind = ChangeKind::kUnchanged;
    if (is_unknown(path)) {
      kind = ChangeKind::kUnknown;
    } else {
      const bool there = before != nullptr && (by_ == CompareBy::kPaths || !before->hash.empty());
      const bool here = after != nullptr && (by_ == CompareBy::kPaths || !after->hash.empty());
      if (!there && !here) return;
      if (!there || !here) {
        kind = here ? ChangeKind::kAdded : ChangeKind::kDeleted;
      } else if (!same_hash(*before, *after)) {
        kind = ChangeKind::kModified;
      }
    }
    out_.push_back({kind, before, after});
  }

  void find_renames() {
    // The first that is left of each content.
    std::unordered_map<std::string_view, std::vector<size_t>> deleted;
    for (size_t i = out_.size(); i > 0; --i) {
      const DataChange& change = out_[i - 1];
      if (change.kind == ChangeKind::kDeleted && !change.before->hash.empty())
        deleted[change.before->hash].push_back(i - 1);
    }
    if (deleted.empty()) return;
    std::vector<char> gone(out_.size(), 0);
    for (DataChange& change : out_) {
      if (change.kind != ChangeKind::kAdded) continue;
      const auto found = deleted.find(change.after->hash);
      if (found == deleted.end() || found->second.empty()) continue;
      const size_t from = found->second.back();
      if (!same_hash(*out_[from].before, *change.after)) continue;
      found->second.pop_back();
      gone[from] = 1;
      change.kind = ChangeKind::kRenamed;
      change.before = out_[from].before;
    }
    size_t kept = 0;
    for (size_t i = 0; i < out_.size(); ++i) {
      if (gone[i] == 0) out_[kept++] = out_[i];
    }
    out_.resize(kept);
  }

  const DataListing& before_;
  const DataListing& after_;
  CompareBy by_ = CompareBy::kPaths;
  std::set<std::string, std::less<>> unknown_;
  std::vector<DataChange> out_;
};

}  // namespace

DataListing recorded_data(const Repository& repository, const StageIndex& index, const ListingOptions& options) {
  DataListing out;
  for_each_output(repository, index, options, [&](const Output& output, const std::string& path) {
    const Record& record = output.record;
    if (is_wanted(path, options)) out.entries.push_back({path, record.hash, record.kind(), record.is_folder()});
    if (!options.granular || !record.is_folder()) return;
    if (repository.store().contains(record.hash, record.kind())) {
      add_files(path, repository.store().read_tree(record.hash, record.kind()), record.kind(), options, out);
    } else {
      out.unknown.push_back(path);
    }
  });
  sort(out);
  return out;
}

DataListing present_data(Repository& repository, const StageIndex& index, const ListingOptions& options) {
  DataListing out;
  for_each_output(repository, index, options, [&](const Output& output, const std::string& path) {
    const auto found = repository.look(output.absolute, output.record);
    if (!found) return;
    const ObjectKind kind = output.record.kind();
    if (is_wanted(path, options)) out.entries.push_back({path, found->hash, kind, found->file_count.has_value()});
    if (options.granular) add_files(path, found->tree, kind, options, out);
  });
  sort(out);
  return out;
}

std::vector<DataChange> compare(const DataListing& before, const DataListing& after, CompareBy by) {
  return Comparison(before, after, by).run();
}

std::vector<const DataEntry*> missing_in_cache(const ObjectStore& store, const std::vector<const DataEntry*>& entries) {
  std::vector<char> found(entries.size(), 0);
  parallel_for(entries.size(), default_jobs(), [&](size_t i) {
    found[i] = static_cast<char>(entries[i]->hash.empty() || store.contains(entries[i]->hash, entries[i]->kind));
  });
  std::vector<const DataEntry*> out;
  for (size_t i = 0; i < entries.size(); ++i) {
    if (found[i] == 0) out.push_back(entries[i]);
  }
  return out;
}

}  // namespace slipway::data
