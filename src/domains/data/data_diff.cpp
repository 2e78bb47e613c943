#include "domains/data/data_diff.h"

#include <algorithm>
#include <set>

#include "domains/data/paths.h"
#include "domains/data/reports.h"
#include "foundation/base/error.h"

namespace slipway::data {

namespace {

std::string commit_of(Repository& repository, const std::string& revision) {
  const auto found = repository.history().find_commit(revision);
  if (!found) throw not_found("unknown Git revision '", revision, "'");
  return *found;
}

// The paths that the targets mean there; those that mean nothing are taken into `missing`.
void resolve(Repository& repository, const StageIndex& index, const std::vector<std::string>& targets,
             std::set<std::string>& paths, std::set<std::string>& missing) {
  for (const std::string& target : targets) {
    try {
      for (const Target& found : index.find_targets(target, repository.seen_from())) {
        if (!found.only.empty()) {
          paths.insert(paths::relative(found.only, repository.root()));
          continue;
        }
        for (const Output& output : index.stages()[found.stage].outs) {
          paths.insert(paths::relative(output.absolute, repository.root()));
        }
      }
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kNotFound) throw;
      missing.insert(target);
    }
  }
}

void sort_by_path(std::vector<DataDifference>& list) {
  const auto key = [](const DataDifference& one) { return one.before ? one.before->shown() : one.after->shown(); };
  std::sort(list.begin(), list.end(),
            [&](const DataDifference& a, const DataDifference& b) { return key(a) < key(b); });
}

void collect(const DataChange& change, DataDifferences& out) {
  DataDifference one;
  if (change.before != nullptr) one.before = *change.before;
  if (change.after != nullptr) one.after = *change.after;
  switch (change.kind) {
    case ChangeKind::kAdded:
      return out.added.push_back(std::move(one));
    case ChangeKind::kDeleted:
      return out.deleted.push_back(std::move(one));
    case ChangeKind::kModified:
      return out.modified.push_back(std::move(one));
    case ChangeKind::kRenamed:
      return out.renamed.push_back(std::move(one));
    case ChangeKind::kUnchanged:
    case ChangeKind::kUnknown:
      return;
  }
}

}  // namespace

DataDifferences data_diff(Repository& repository, const std::string& older, const std::string& newer,
                          const std::vector<std::string>& targets) {
  const RepositoryLock lock = repository.lock();
  DataDifferences out;
  if (repository.git() != nullptr && !has_commits(repository)) return out;
  const bool with_workspace = newer.empty();
  const std::string before_commit = commit_of(repository, older);
  const std::string after_commit = with_workspace ? "" : commit_of(repository, newer);
  if (before_commit == after_commit) return out;
  const StageIndex before_index = repository.load_index(before_commit);
  const StageIndex after_index = with_workspace ? repository.load_index() : repository.load_index(after_commit);
  std::set<std::string> paths;
  std::set<std::string> missing_before;
  std::set<std::string> missing_after;
  resolve(repository, before_index, targets, paths, missing_before);
  resolve(repository, after_index, targets, paths, missing_after);
  for (const std::string& target : targets) {
    if (missing_before.contains(target) && missing_after.contains(target))
      throw invalid_argument("No such file or directory: '", target, "'");
  }
  ListingOptions listing;
  listing.only.assign(paths.begin(), paths.end());
  const DataListing before = recorded_data(repository, before_index, listing);
  const DataListing after =
      with_workspace ? present_data(repository, after_index, listing) : recorded_data(repository, after_index, listing);
  for (const DataChange& change : compare(before, after, CompareBy::kPaths)) collect(change, out);
  if (with_workspace) {
    std::vector<const DataEntry*> entries;
    for (const DataEntry& entry : before.entries) entries.push_back(&entry);
    for (const DataEntry* entry : missing_in_cache(repository.store(), entries))
      out.not_in_cache.push_back({*entry, std::nullopt});
  }
  for (auto* list : {&out.added, &out.deleted, &out.modified, &out.renamed, &out.not_in_cache}) sort_by_path(*list);
  return out;
}

}  // namespace slipway::data
