// Takes the objects and records of DVC 2 over into the present form.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "domains/data/repository.h"

namespace slipway::data {

// Gives each object of DVC 2 its present name too, as a second name for the same file where that works; how many got
// one.
size_t migrate_objects(const ObjectStore& store);

// .dvc and dvc.lock files that record something in the way of DVC 2, as shown.
std::vector<std::string> legacy_files(Repository& repository);
// Records the present hashes in them of what lies in the workspace; the files that were changed, as shown. What is not
// in the workspace keeps its record.
std::vector<std::string> migrate_files(Repository& repository);

}  // namespace slipway::data
