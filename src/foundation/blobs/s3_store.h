// Blobs in a bucket of S3 or of what speaks like it, below a prefix. Made by open_blob_store.
#pragma once

#include <memory>
#include <string>

#include "foundation/blobs/blob_store.h"
#include "foundation/blobs/s3_client.h"

namespace slipway::blobs {

class S3Store final : public BlobStore {
 public:
  // Throws not_found, permission_denied or unavailable when the bucket does not answer.
  S3Store(S3Location location, std::shared_ptr<http::Client> http, const S3Retries& retries = {});
  std::unique_ptr<BlobWriter> create(const std::string& key) override;
  std::unique_ptr<BlobReader> open(const std::string& key, uint64_t offset, std::optional<uint64_t> length) override;
  std::optional<BlobInfo> find(const std::string& key) override;
  void remove(const std::string& key) override;
  ListPage list(const ListOptions& options) override;
  std::optional<std::string> local_path(const std::string& key) override;
  std::string begin_parts(const std::string& key, int count) override;
  std::string write_part(const PartedUpload& upload, int number, uint64_t size_bytes, BlobReader& content) override;
  void finish_parts(const PartedUpload& upload, const std::vector<UploadedPart>& parts) override;
  void abort_parts(const PartedUpload& upload) override;
  bool has_direct_urls() const override { return true; }
  std::optional<std::string> direct_url(const std::string& key, int64_t seconds) override;

 private:
  bool list_some(const ListOptions& options, std::string& after, ListPage& page);

  S3Client client_;
};

}  // namespace slipway::blobs
