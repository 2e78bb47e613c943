// Changes to dvc.yaml that commands make: a stage added, a stage frozen. Comments and everything else stay.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "domains/data/repository.h"

namespace slipway::data {

struct NewOutput {
  std::string path;
  bool cache = true;
  bool persist = false;
};

struct NewStage {
  std::string name;
  std::string command;
  std::string folder;  // working folder, seen from where the user is; empty: there
  std::string description;
  std::vector<std::string> deps;
  std::map<std::string, std::vector<std::string>> params;  // by file; no keys: the whole file
  std::vector<NewOutput> outs;
  std::vector<NewOutput> metrics;
  std::vector<NewOutput> plots;
  bool always_changed = false;
};

// Writes the stage into the dvc.yaml of the folder that the repository is seen from. Throws already_exists for a name
// that is taken (unless `force`: then it is replaced), and failed_precondition when it does not fit to the other
// stages.
void add_stage(Repository& repository, const NewStage& stage, bool force);

// A frozen stage is not run again when what it needs changes. Throws not_found, and failed_precondition for a stage
// that foreach or matrix makes.
void set_frozen(Repository& repository, const std::string& target, bool frozen);

}  // namespace slipway::data
