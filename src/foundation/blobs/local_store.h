// Blobs as ordinary files below one folder: written beside and moved into place, durable before commit returns, hashed
// while they are written. Made by open_blob_store.
#pragma once

#include <memory>
#include <string>

#include "foundation/blobs/blob_store.h"
#include "foundation/blobs/local_uploads.h"
#include "foundation/blobs/rooted_folder.h"
#include "foundation/blobs/staging.h"

namespace slipway::blobs {

class LocalStore final : public BlobStore {
 public:
  explicit LocalStore(const std::string& folder);
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
  bool has_direct_urls() const override { return false; }
  std::optional<std::string> direct_url(const std::string& key, int64_t seconds) override;

 private:
  const RootedFolder root_;
  Staging staging_;
  LocalUploads uploads_;
};

// The page of `options` among the files below `root`.
ListPage list_files(const RootedFolder& root, const ListOptions& options);

}  // namespace slipway::blobs
