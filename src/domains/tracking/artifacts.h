// Files of runs and models: names below one root, bytes in the blob store. Used by the protocols that move artifacts.
//
// A file is kept under its name ("artifacts/" + path). Keeping equal contents once, under their digest, changes only
// this class.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/blobs/blob_store.h"

namespace slipway::tracking {

struct ArtifactEntry {
  std::string path;  // below the folder that was listed: one name, no slash
  bool is_folder = false;
  uint64_t size_bytes = 0;
};

class Artifacts {
 public:
  explicit Artifacts(blobs::BlobStore& blobs) : blobs_(blobs) {}

  // What lies directly in the folder, by name; nothing for a file or an unknown path. Every path goes through
  // checked_artifact_path first.
  std::vector<ArtifactEntry> list(std::string_view folder);
  // Throws not_found, or invalid_argument for a folder.
  blobs::BlobInfo get(std::string_view path);
  std::unique_ptr<blobs::BlobReader> open(const blobs::BlobInfo& blob);
  // Where it lies as an ordinary file, if it does.
  std::optional<std::string> local_path(const blobs::BlobInfo& blob);
  // Visible only after commit.
  std::unique_ptr<blobs::BlobWriter> create(std::string_view path);
  // Uploads in parts, see blobs::BlobStore; a part's reader is whatever the protocol has.
  std::string begin_parts(std::string_view path, int count);
  std::string write_part(std::string_view path, const std::string& upload, int number, uint64_t size_bytes,
                         blobs::BlobReader& content);
  void finish_parts(std::string_view path, const std::string& upload, const std::vector<blobs::UploadedPart>& parts);
  void abort_parts(std::string_view path, const std::string& upload);
  // An address at which the store itself gives out the file for so many seconds, if it has any.
  bool has_direct_urls() const { return blobs_.has_direct_urls(); }
  std::optional<std::string> direct_url(const blobs::BlobInfo& blob, int64_t seconds);
  // A file, or a folder with all below it. Removing what is not there is fine.
  void remove(std::string_view path);

 private:
  std::vector<ArtifactEntry> list_below(const std::string& prefix);

  blobs::BlobStore& blobs_;
};

}  // namespace slipway::tracking
