// The conformance suite of every blob store. A test program links store_conformance.cpp and defines where its stores
// come from.
#pragma once

#include <memory>

#include "foundation/base/error.h"
#include "foundation/blobs/blob_store.h"

namespace slipway::blobs {

// An empty store; everything it needs lives as long as the pointer.
std::shared_ptr<BlobStore> make_store_under_test();
// A blob as large as the store's way of sending large ones needs to show itself.
size_t large_blob_bytes();
// What an upload in parts that is over is answered with. kNotFound, unless the server behind the store cannot say so.
ErrorCode code_of_gone_upload();

}  // namespace slipway::blobs
