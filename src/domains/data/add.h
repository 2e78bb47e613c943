// Starts to track files and folders, records their new versions, and stops to track them.
#pragma once

#include <string>
#include <vector>

#include "domains/data/repository.h"

namespace slipway::data {

struct AddOptions {
  bool no_commit = false;  // record the hash, keep nothing in the cache
  bool glob = false;       // targets are patterns
  bool relink = true;      // turn the workspace into links when cache.type asks for them
};

struct Added {
  std::string path;  // as shown
  std::string file;  // the .dvc file, as shown
  Record record;
};

// Throws not_found, failed_precondition and friends; what was added before the fault stays added.
std::vector<Added> add(Repository& repository, const std::vector<std::string>& targets, const AddOptions& options);

struct CommitOptions {
  bool force = false;
  // Asked for each stage whose dependencies or outputs changed; empty: such a stage is refused.
  std::function<bool(const std::string& question)> confirm;
};
void commit(Repository& repository, const std::vector<std::string>& targets, const CommitOptions& options);

// Stops tracking what .dvc files and stages name; the data stays unless `with_outputs`.
void remove(Repository& repository, const std::vector<std::string>& targets, bool with_outputs);

// Keeps what is in the workspace at the stage's outputs, and records it in them. Shared with repro.
// `store`: keep in the cache also. Throws not_found for a missing output.
void record_outputs(Repository& repository, Stage& stage, bool store, bool relink = true);
// Records what the dependencies and parameters are now.
void record_dependencies(Repository& repository, Stage& stage);

}  // namespace slipway::data
