// The work tree as a commit of an experiment. Shared by running and saving.
#pragma once

#include <string>
#include <vector>

#include "domains/data/repository.h"
#include "domains/experiments/references.h"

namespace slipway::experiments {

// What the files of stages and of dvc.yaml name that Git keeps, relative to the Git work tree.
std::vector<std::string> files_of_stages(const data::StageIndex& index, const std::vector<size_t>& stages,
                                         const std::string& git_root);
std::vector<std::string> declared_files(const data::StageIndex& index, const std::string& git_root);
std::vector<std::string> lock_files(const data::StageIndex& index, const std::string& git_root);

// One name for what stages gave: the SHA-256 over their entries in dvc.lock, as dvc has it.
std::string hash_of(const std::vector<data::Stage>& stages);

struct NewExperiment {
  std::string baseline;
  std::string name;
  std::string message;
  bool replace = false;
};
// Keeps a tree as an experiment. Throws already_exists when one of this name holds something else.
Experiment keep(const git::Repository& git, const std::string& tree, const NewExperiment& wanted);

}  // namespace slipway::experiments
