// Brings the workspace to what is recorded, from the cache. Nothing that is not in the cache is overwritten unasked.
#pragma once

#include <string>
#include <vector>

#include "domains/data/repository.h"

namespace slipway::data {

struct CheckoutOptions {
  bool force = false;
  bool relink = false;
  bool allow_missing = false;
};

// Paths as shown, folders with a slash at the end, folders first.
struct CheckoutResult {
  std::vector<std::string> modified;
  std::vector<std::string> added;
  std::vector<std::string> deleted;
  std::vector<std::string> failed;  // the cache lacks their content
  size_t modified_files = 0;
  size_t added_files = 0;
  size_t deleted_files = 0;
};

// Throws failed_precondition when unsaved files are in the way (naming them), not_found for unknown targets.
CheckoutResult checkout(Repository& repository, const std::vector<std::string>& targets,
                        const CheckoutOptions& options);

// One output, for repro: what is there is replaced.
void restore_output(Repository& repository, const Output& output);

}  // namespace slipway::data
