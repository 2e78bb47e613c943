// Uploads in parts on local disk: each part is written at its place in one file that becomes the blob, so nothing is
// put together at the end. Used by local_store.
//
// Where a part belongs follows from its number, since all but the last are of one size; the last one waits in a file of
// its own, because it may come before that size is known. An upload lives as long as this program, a day at most.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "foundation/base/clock.h"
#include "foundation/blobs/blob_store.h"
#include "foundation/blobs/staging.h"

namespace slipway::blobs {

class LocalUploads {
 public:
  LocalUploads(const RootedFolder& root, Staging& staging) : root_(root), staging_(staging) {}

  std::string begin(const std::string& key, int count);
  std::string write_part(const PartedUpload& upload, int number, uint64_t size_bytes, BlobReader& content);
  void finish(const PartedUpload& upload, const std::vector<UploadedPart>& parts);
  void abort(const PartedUpload& upload);

 private:
  class Upload;

  std::shared_ptr<Upload> get(const PartedUpload& upload);
  void forget_old();

  const RootedFolder& root_;
  Staging& staging_;
  const SystemClock clock_;
  RandomIdSource ids_;
  std::mutex mutex_;                                        // guards the map
  std::map<std::string, std::shared_ptr<Upload>> uploads_;  // shared with the parts that are being written
};

}  // namespace slipway::blobs
