// What add, commit, move and repro share: may this path be tracked, what is there now, and writing it down.
#pragma once

#include <string>

#include "domains/data/repository.h"

namespace slipway::data {

// Throws invalid_argument when a path cannot be tracked because of where it lies or what it is.
void check_place(Repository& repository, const std::string& path);
// Throws failed_precondition when Git tracks the path, or would not see the .dvc file.
void check_git(Repository& repository, const std::string& path, const std::string& dvc_file);

// `store`: keep the content in the cache; `relink`: turn the workspace into links as cache.type says.
ScanOptions scan_options(Repository& repository, bool store, bool relink);
// Throws not_found when there is nothing.
Fingerprint scan_present(Repository& repository, const std::string& path, const ScanOptions& options);
// Records what lies at `path`, which is the output or something in its folder. Throws not_found when the list of what
// the folder holds besides is nowhere to be had.
void record_one(Repository& repository, Output& output, const std::string& path, const ScanOptions& options);
// Into its .dvc file or dvc.lock.
void save_stage(Repository& repository, const Stage& stage);

}  // namespace slipway::data
