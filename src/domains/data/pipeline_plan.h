// Which stages a run looks at, and in which order. Used by repro.
#pragma once

#include <string>
#include <vector>

#include "domains/data/repository.h"

namespace slipway::data {

struct PlanOptions {
  bool single_item = false;    // not what the targets need
  bool downstream = false;     // the targets and what needs them
  bool pipeline = false;       // everything that hangs together with the targets
  bool all_pipelines = false;  // every stage of the repository
  bool recursive = false;      // a folder means all stages below it
  bool glob = false;           // a target is a pattern of stage names
};

// Positions in the index, each after what it needs. Throws not_found for unknown targets.
std::vector<size_t> plan_stages(Repository& repository, const StageIndex& index,
                                const std::vector<std::string>& targets, const PlanOptions& options);

}  // namespace slipway::data
