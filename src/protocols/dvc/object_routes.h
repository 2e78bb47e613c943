// The server as a remote of DVC: its HTTP remote as `dvc push` and `dvc pull` speak it. Mounted by app/server.
//
//   GET, HEAD   /api/slipway/v1/data/{repository}/files/md5/ab/cdef...[.dir]
//   PUT, POST   the same, with the content
//
// An object is kept only if its content has the hash that its name says. Objects of different repositories are apart.
#pragma once

#include <vector>

#include "foundation/blobs/blob_store.h"
#include "foundation/http/router.h"
#include "foundation/identity/permissions.h"

namespace slipway::dvc {

// Data belongs to no experiment: it takes READ, or EDIT, for all that the caller has no permission of its own for.
std::vector<http::Route> object_routes(blobs::BlobStore& blobs, identity::Permissions& permissions);

}  // namespace slipway::dvc
