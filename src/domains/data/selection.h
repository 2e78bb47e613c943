// Which recorded data a command over remotes means: of the workspace and of other versions, by targets and filters.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domains/data/repository.h"

namespace slipway::data {

struct Selection {
  std::vector<std::string> targets;  // empty: everything
  bool all_branches = false;
  bool all_tags = false;
  bool all_commits = false;
  bool with_deps = false;            // what the targets are made from too
  bool recursive = false;            // targets may be folders with tracked data anywhere below
  bool glob = false;                 // targets are patterns
  std::optional<uint64_t> max_size;  // only what is recorded as smaller
  std::vector<std::string> types;    // "metrics", "plots": only those
};

// One output as some version records it.
struct SelectedData {
  std::string shown;
  std::string only;    // path in a tracked folder when only that is meant
  std::string remote;  // its own, else empty
  Record record;
  bool push = true;
  // The stage when it is an import whose content may have to come from where it was imported.
  std::optional<Stage> import;
  bool from_repository = false;  // another repository keeps it
};

struct Selected {
  std::vector<SelectedData> data;
  // Versions that could not be read.
  std::vector<std::string> skipped;
};

// Throws not_found for unknown targets and what loading throws, when no version at all could be read.
Selected select(Repository& repository, const Selection& selection);

// The stages of the workspace that the targets mean, each once.
std::vector<size_t> select_stages(Repository& repository, const StageIndex& index, const Selection& selection);

}  // namespace slipway::data
