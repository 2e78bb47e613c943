// dvc.yaml: its stages, with what dvc.lock recorded about each.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "domains/data/file_source.h"
#include "domains/data/lockfile.h"
#include "domains/data/resolve.h"
#include "domains/data/stage.h"

namespace slipway::data {

// One dvc.yaml: its stages and what it declares besides them, with every ${} replaced.
struct PipelineFile {
  std::string path;
  std::vector<Stage> stages;
  std::vector<std::string> metrics;  // paths as the file says them
  std::vector<std::string> params;
  Value plots = Value::list();  // paths, or maps of one id to settings
  Value artifacts = Value::map();
  Value datasets = Value::list();
};

// Throws invalid_argument with the path and the place of the fault.
PipelineFile parse_pipeline_file(std::string_view text, const std::string& path, const LockFile& lock,
                                 const FlagStyle& style = {}, const FileSource& source = disk());
PipelineFile read_pipeline_file(const std::string& path, const FlagStyle& style = {},
                                const FileSource& source = disk());
// "x/dvc.yaml" -> "x/dvc.lock"
std::string lock_path_of(const std::string& pipeline_path);
// Takes a stage out of dvc.yaml; its lines go, everything else stays as it is.
void remove_stage(const std::string& pipeline_path, const std::string& name);

}  // namespace slipway::data
