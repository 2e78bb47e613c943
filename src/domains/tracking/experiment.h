// What an experiment is, and the small values that experiments, runs and models share. Used by the whole tracking
// module, by the registry and by every protocol that shows experiments.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "foundation/base/id.h"
#include "foundation/identity/permission.h"

namespace slipway::tracking {

// A decimal number as text ("0" is the experiment "Default").
using ExperimentId = Id<struct ExperimentIdTag>;

struct Tag {
  std::string key;
  std::string value;
  bool operator==(const Tag&) const = default;
};

// Deleting is soft everywhere: what is deleted can be restored.
enum class Lifecycle { kActive, kDeleted };
// Which of them a search shows.
enum class Visibility { kActive, kDeleted, kAll };

struct Experiment {
  ExperimentId id;
  std::string name;
  std::string artifact_location;
  Lifecycle lifecycle = Lifecycle::kActive;
  int64_t created_ms = 0;
  int64_t updated_ms = 0;
  std::vector<Tag> tags;
};

struct NewExperiment {
  std::string name;
  std::string artifact_location;  // empty: below the server's own artifacts
  std::vector<Tag> tags;
  int64_t maker = 0;  // the account that may do everything with it; 0: none
};

// One page of a search; `next` is passed back as `page_token` to go on.
template <typename T>
struct Page {
  std::vector<T> items;
  std::optional<std::string> next;
};

// What every search takes: a filter and order keys in the grammar of filter.h.
struct Search {
  std::string filter;
  std::vector<std::string> order_by;
  Visibility visibility = Visibility::kActive;
  int64_t max_results = 1000;
  std::string page_token;
  identity::Scope scope{};  // of a search for experiments, models or versions: those that the caller may read
};

}  // namespace slipway::tracking
