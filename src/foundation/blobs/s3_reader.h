// A blob on its way out of a bucket, in pieces of which one is in memory. Used by s3_store.
#pragma once

#include <optional>
#include <string>

#include "foundation/blobs/blob_store.h"
#include "foundation/blobs/s3_client.h"

namespace slipway::blobs {

class S3Reader final : public BlobReader {
 public:
  // Fetches the first piece, so that a missing blob is told now: not_found.
  S3Reader(S3Client& client, std::string key, uint64_t offset, std::optional<uint64_t> length);
  size_t read(char* buffer, size_t capacity) override;

 private:
  void fetch();
  void check_exists();

  S3Client& client_;
  const std::string key_;
  uint64_t offset_;   // of the next piece
  uint64_t end_;      // exclusive; at most that of the blob once that is known
  std::string etag_;  // all pieces are of one version of the blob
  std::string piece_;
  size_t used_ = 0;  // of the piece
};

}  // namespace slipway::blobs
