// A blob on its way into a bucket: small ones in one request, larger ones part by part, with one part in memory. Used
// by s3_store.
#pragma once

#include <string>
#include <vector>

#include "foundation/base/hash.h"
#include "foundation/blobs/blob_store.h"
#include "foundation/blobs/s3_client.h"

namespace slipway::blobs {

class S3Writer final : public BlobWriter {
 public:
  S3Writer(S3Client& client, std::string key);
  ~S3Writer() override;
  S3Writer(const S3Writer&) = delete;
  S3Writer& operator=(const S3Writer&) = delete;
  void write(std::string_view bytes) override;
  std::string commit(const std::optional<std::string>& expected_sha256) override;

 private:
  size_t part_bytes() const;
  void send_part();
  void abort();

  S3Client& client_;
  const std::string key_;
  Hasher hasher_;
  std::string buffer_;
  std::string upload_;              // id of the multipart upload; empty: none
  std::vector<std::string> etags_;  // of the parts sent
};

}  // namespace slipway::blobs
