// Removes from the cache what no version that is to be kept records.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "domains/data/repository.h"

namespace slipway::data {

// What the workspace records is always kept.
struct GarbageOptions {
  bool all_branches = false;
  bool all_tags = false;
  bool all_commits = false;
  bool all_experiments = false;
  std::string rev;                    // a revision to keep too
  size_t commits = 1;                 // of `rev` and of branches: so many from the tip
  std::optional<int64_t> since_s;     // commits from this time on
  std::vector<std::string> projects;  // folders of other repositories that use the same cache
  bool skip_failed = false;           // pass over versions that cannot be read
  bool dry = false;                   // count only
  // When nobody has the list of what a folder holds: go on, and lose its files from the cache.
  bool force = false;
  // Asked about each such folder without `force`; empty: it is refused.
  std::function<bool(const std::string& question)> confirm;
};

struct GarbageResult {
  size_t current = 0;  // objects removed
  size_t legacy = 0;   // of DVC 2
};

// Throws not_found for an unknown revision, failed_precondition for a folder whose list is nowhere, and what reading a
// version throws.
GarbageResult collect_garbage(Repository& repository, const GarbageOptions& options);

}  // namespace slipway::data
