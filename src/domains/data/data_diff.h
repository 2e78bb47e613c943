// How tracked data differs between two commits, or between a commit and the workspace.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domains/data/comparison.h"

namespace slipway::data {

struct DataDifference {
  // Nothing: there is none on that side.
  std::optional<DataEntry> before;
  std::optional<DataEntry> after;
};

// Each sorted by the older path.
struct DataDifferences {
  std::vector<DataDifference> added;
  std::vector<DataDifference> deleted;
  std::vector<DataDifference> modified;
  std::vector<DataDifference> renamed;
  // What the older commit records and the cache lacks; looked for when the workspace is compared only.
  std::vector<DataDifference> not_in_cache;

  bool empty() const {
    return added.empty() && deleted.empty() && modified.empty() && renamed.empty() && not_in_cache.empty();
  }
};

// An empty `newer` is the workspace. Throws not_found for an unknown revision, and for a target that neither side has.
DataDifferences data_diff(Repository& repository, const std::string& older, const std::string& newer,
                          const std::vector<std::string>& targets);

}  // namespace slipway::data
