// Where tracked data stands: between the last commit, the .dvc files, the workspace, the cache and a remote.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "domains/data/comparison.h"
#include "domains/data/remote.h"

namespace slipway::data {

struct DataStatusOptions {
  std::vector<std::string> targets;  // paths as the user wrote them; empty: everything
  bool granular = false;             // the files in folders too
  bool with_untracked = false;
  bool with_remote = false;  // look for what the remote lacks
  TransferOptions transfer;  // which remote
};

// Paths from the root, folders with a slash at the end.
struct DataChanges {
  std::vector<std::string> modified;
  std::vector<std::string> added;
  std::vector<std::string> deleted;
  std::vector<std::pair<std::string, std::string>> renamed;
  std::vector<std::string> unknown;

  bool empty() const {
    return modified.empty() && added.empty() && deleted.empty() && renamed.empty() && unknown.empty();
  }
};

struct DataStatus {
  std::vector<std::string> not_in_cache;
  std::vector<std::string> not_in_remote;
  DataChanges committed;    // between the last commit and the .dvc files
  DataChanges uncommitted;  // between the .dvc files and the workspace
  std::vector<std::string> untracked;
  std::vector<std::string> unchanged;
  bool has_git = false;
  bool has_commits = false;
  bool git_changes = false;  // Git has something to commit, or files it does not know
};

DataStatus data_status(Repository& repository, const DataStatusOptions& options);

}  // namespace slipway::data
