// Artifacts on their way to a client, as files and never as pages of this server. Used by every call that gives one
// out.
#pragma once

#include <string>
#include <string_view>

#include "protocols/mlflow/mount.h"

namespace slipway::mlflow {

// Bytes that are moved at once between a connection and the blob store.
inline constexpr size_t kPieceBytes = size_t{256} << 10U;

// The artifact at `path` below the root of all artifacts. Throws not_found, or invalid_argument for a folder and for a
// path that leads elsewhere.
http::Response download(const Services& services, const http::Request& request, std::string_view path);

// The file `relative` below the place that `location` ("mlflow-artifacts:/3/abc/artifacts") names, as a path below the
// root of all artifacts. Both parts are checked by themselves, so that neither leads out of the other.
std::string path_below(std::string_view location, std::string_view relative);

}  // namespace slipway::mlflow
