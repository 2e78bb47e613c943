// dvc.yaml: its stages, with what dvc.lock recorded about each.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "domains/data/lockfile.h"
#include "domains/data/resolve.h"
#include "domains/data/stage.h"

namespace slipway::data {

// Throws invalid_argument with the path and the place of the fault.
std::vector<Stage> parse_pipeline(std::string_view text, const std::string& path, const LockFile& lock,
                                  const FlagStyle& style = {}, const FileSource& source = disk());
std::vector<Stage> read_pipeline(const std::string& path, const FlagStyle& style = {},
                                 const FileSource& source = disk());
// "x/dvc.yaml" -> "x/dvc.lock"
std::string lock_path_of(const std::string& pipeline_path);
// Takes a stage out of dvc.yaml; its lines go, everything else stays as it is.
void remove_stage(const std::string& pipeline_path, const std::string& name);

}  // namespace slipway::data
