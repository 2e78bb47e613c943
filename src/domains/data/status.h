// What differs between the workspace and what is recorded, in DVC's words.
#pragma once

#include <string>
#include <vector>

#include "domains/data/repository.h"

namespace slipway::data {

// How a recorded file or folder stands: "", "deleted", "modified" or "not in cache".
std::string output_status(Repository& repository, const Output& output);
// How it stands in the workspace, whatever the cache has: "", "deleted" or "modified".
std::string workspace_status(Repository& repository, const Output& output);
// Whether the stage's command, dependencies or outputs in the workspace are other ones than recorded.
bool is_changed(Repository& repository, const Stage& stage);
// Whether everything the record names is in the cache, each file of a folder too.
bool is_cached(const ObjectStore& store, const Record& record);

// A list of {"changed deps": {...}}, {"changed outs": {...}}, "changed command", "always changed"; empty: nothing.
// `only` limits the outputs to those at or below a path.
Value stage_status(Repository& repository, const Stage& stage, const std::string& only = "");

// A map from stage to its list, for stages that changed. Throws not_found for an unknown target.
Value status(Repository& repository, const StageIndex& index, const std::vector<std::string>& targets);

}  // namespace slipway::data
