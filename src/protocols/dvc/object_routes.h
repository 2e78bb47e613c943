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

namespace slipway::dvc {

std::vector<http::Route> object_routes(blobs::BlobStore& blobs);

}  // namespace slipway::dvc
