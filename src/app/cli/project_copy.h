// The project that a model was trained in, as far as it is not data: code, parameters and the files that record data
// versions. `slipway train` keeps a copy beside the model; `slipway reproduce` rebuilds from it.
#pragma once

#include <string>

namespace slipway::cli {

// The one name for the versions of all tracked data of the repository around the current folder, "" outside of one.
std::string project_data_commit();

// Copies what Git tracks or would track (nothing ignored) below the root of the data repository around the current
// folder; outside of a repository, or without Git, copies nothing. Files over 1 MiB are left out: they are data.
void copy_project(const std::string& target_folder);

}  // namespace slipway::cli
