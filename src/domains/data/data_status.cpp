#include "domains/data/data_status.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

#include "domains/data/paths.h"
#include "domains/data/remote_objects.h"
#include "domains/data/reports.h"
#include "foundation/base/error.h"

namespace slipway::data {

namespace {

// Sorted names of what did not change.
struct Sorted {
  DataChanges changes;
  std::vector<std::string> unchanged;
};

// Folders in a folder that nobody could look into, which are no entries of their own.
void add_folders_between(const DataEntry& entry, const DataListing& listing, std::set<std::string>& out) {
  for (std::string at = paths::parent(entry.path); at != "."; at = paths::parent(at)) {
    if (std::find(listing.unknown.begin(), listing.unknown.end(), at) != listing.unknown.end()) return;
    out.insert(at + "/");
  }
}

Sorted sort_changes(const DataListing& before, const DataListing& after) {
  Sorted out;
  std::set<std::string> unknown;
  for (const DataChange& change : compare(before, after, CompareBy::kHashes)) {
    const DataEntry& shown = change.after != nullptr ? *change.after : *change.before;
    switch (change.kind) {
      case ChangeKind::kAdded:
        out.changes.added.push_back(shown.shown());
        break;
      case ChangeKind::kDeleted:
        out.changes.deleted.push_back(shown.shown());
        break;
      case ChangeKind::kModified:
        out.changes.modified.push_back(shown.shown());
        break;
      case ChangeKind::kRenamed:
        out.changes.renamed.emplace_back(change.before->shown(), change.after->shown());
        break;
      case ChangeKind::kUnchanged:
        out.unchanged.push_back(shown.shown());
        break;
      case ChangeKind::kUnknown:
        if (change.after == nullptr) break;
        unknown.insert(shown.shown());
        add_folders_between(shown, before, unknown);
        break;
    }
  }
  out.changes.unknown.assign(unknown.begin(), unknown.end());
  std::sort(out.unchanged.begin(), out.unchanged.end());
  return out;
}

std::vector<std::string> shown_all(const std::vector<const DataEntry*>& entries) {
  std::vector<std::string> out;
  for (const DataEntry* entry : entries) out.push_back(entry->shown());
  return out;
}

std::vector<std::string> missing_in_remote(Repository& repository, const StageIndex& index, const DataListing& recorded,
                                           const TransferOptions& options) {
  // Outputs that name a remote are looked for there, those that are never pushed nowhere.
  std::map<std::string, std::string> remotes;
  std::set<std::string> kept_here;
  for (const Stage& stage : index.stages()) {
    for (const Output& output : stage.outs) {
      const std::string path = paths::relative(output.absolute, repository.root());
      if (!output.push) kept_here.insert(path);
      if (!output.remote.empty()) remotes[path] = output.remote;
    }
  }
  std::map<std::string, std::vector<const DataEntry*>> wanted;
  for (const DataEntry& entry : recorded.entries) {
    if (entry.hash.empty()) continue;
    std::string remote;
    bool is_pushed = true;
    for (std::string at = entry.path; !at.empty() && at != "."; at = paths::parent(at)) {
      is_pushed = is_pushed && !kept_here.contains(at);
      if (const auto own = remotes.find(at); own != remotes.end()) remote = own->second;
    }
    if (is_pushed) wanted[options.remote.empty() ? remote : options.remote].push_back(&entry);
  }
  std::vector<std::string> out;
  for (const auto& [remote, entries] : wanted) {
    const std::string name = remote.empty() ? repository.config().default_remote().value_or("") : remote;
    // Without any remote there is nothing to lack.
    const auto settings = name.empty() ? std::nullopt : repository.config().find_remote(name);
    if (!name.empty() && !settings) throw invalid_argument("config file error: remote '", name, "' doesn't exist");
    std::set<ObjectName> there;
    if (settings) {
      const RemoteObjects objects(*settings, transfer_jobs(*settings, options.jobs));
      std::vector<ObjectName> names;
      for (const DataEntry* entry : entries) names.push_back({entry->hash, entry->kind});
      there = objects.existing(names);
    }
    for (const DataEntry* entry : entries) {
      if (!there.contains({entry->hash, entry->kind})) out.push_back(entry->shown());
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<std::string> untracked_files(const git::WorkStatus& status, const Repository& repository,
                                         const std::string& git_root, const std::vector<std::string>& only) {
  std::vector<std::string> out;
  for (const std::string& file : status.untracked) {
    const std::string path = paths::join(git_root, file);
    if (!paths::inside(path, repository.root())) continue;
    const std::string name = paths::relative(path, repository.root());
    const auto holds = [&](const std::string& one) { return paths::inside(name, one); };
    if (only.empty() || std::any_of(only.begin(), only.end(), holds))
      out.push_back(paths::relative(path, repository.seen_from()));
  }
  return out;
}

void look_at_git(Repository& repository, const DataStatusOptions& options, const std::vector<std::string>& only,
                 DataStatus& out) {
  out.has_git = repository.git() != nullptr;
  if (!out.has_git) return;
  out.has_commits = has_commits(repository);
  const git::WorkStatus status = repository.history().status();
  if (options.with_untracked) {
    out.untracked = untracked_files(status, repository, repository.git()->root(), only);
  }
  out.git_changes =
      !status.staged.empty() || !status.unstaged.empty() || (options.with_untracked && !status.untracked.empty());
}

}  // namespace

DataStatus data_status(Repository& repository, const DataStatusOptions& options) {
  const RepositoryLock lock = repository.lock();
  ListingOptions listing;
  listing.granular = options.granular;
  for (const std::string& target : options.targets) {
    listing.only.push_back(paths::relative(paths::join(repository.seen_from(), target), repository.root()));
  }
  const bool everything = std::find(listing.only.begin(), listing.only.end(), ".") != listing.only.end();
  if (everything) listing.only.clear();
  const StageIndex index = repository.load_index();
  const DataListing recorded = recorded_data(repository, index, listing);
  DataStatus out;
  {
    const DataListing present = present_data(repository, index, listing);
    Sorted sorted = sort_changes(recorded, present);
    out.uncommitted = std::move(sorted.changes);
    out.unchanged = std::move(sorted.unchanged);
  }
  std::vector<const DataEntry*> entries;
  for (const DataEntry& entry : recorded.entries) entries.push_back(&entry);
  out.not_in_cache = shown_all(missing_in_cache(repository.store(), entries));
  if (options.with_remote) out.not_in_remote = missing_in_remote(repository, index, recorded, options.transfer);
  look_at_git(repository, options, listing.only, out);
  if (!out.has_git) return out;
  DataListing head;
  if (const auto commit = repository.history().find_commit("HEAD")) {
    head = recorded_data(repository, repository.load_index(*commit), listing);
  }
  Sorted sorted = sort_changes(head, recorded);
  out.committed = std::move(sorted.changes);
  std::vector<std::string> both;
  std::set_intersection(out.unchanged.begin(), out.unchanged.end(), sorted.unchanged.begin(), sorted.unchanged.end(),
                        std::back_inserter(both));
  out.unchanged = std::move(both);
  return out;
}

}  // namespace slipway::data
