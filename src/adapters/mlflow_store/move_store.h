// Moves everything from one store into another. It may be stopped at any moment and run again: ids are the key, what is
// there already is compared and passed, and what is there with other content is reported and left alone.
#pragma once

#include <functional>
#include <string>

#include "adapters/mlflow_store/store.h"

namespace slipway::mlflow_store {

struct MoveOptions {
  bool only_look = false;
  // For experiments and registered models whose name or number means something else in the target; empty: refuse to
  // begin when there are such experiments.
  std::string rename_prefix;
  bool with_artifacts = true;
  // Told once, before anything is moved: what the source counts, see total_items.
  std::function<void(const Tally&)> on_counted = [](const Tally&) {};
  // Told after every portion: how many rows and files are done.
  std::function<void(int64_t items)> on_progress = [](int64_t) {};
};

// Throws failed_precondition, before anything is written, when experiments collide and there is no prefix.
Report move_store(Source& source, Target& target, const MoveOptions& options);

// Rows and files that the source has; what on_progress counts up to.
int64_t total_items(const Tally& tally);

}  // namespace slipway::mlflow_store
