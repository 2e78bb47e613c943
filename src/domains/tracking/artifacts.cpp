#include "domains/tracking/artifacts.h"

#include <algorithm>

#include "domains/tracking/artifact_path.h"
#include "foundation/base/error.h"

namespace slipway::tracking {

namespace {

constexpr std::string_view kRoot = "artifacts/";

std::string key_of(std::string_view path) {
  const std::string checked = checked_artifact_path(path);
  if (checked.empty()) throw invalid_argument("Invalid path: an artifact needs a name");
  return std::string(kRoot) + checked;
}

}  // namespace

std::vector<ArtifactEntry> Artifacts::list_below(const std::string& prefix) {
  std::vector<ArtifactEntry> out;
  blobs::ListOptions options;
  options.prefix = prefix;
  options.by_folder = true;
  while (true) {
    const blobs::ListPage page = blobs_.list(options);
    for (const blobs::BlobInfo& blob : page.blobs)
      out.push_back({blob.key.substr(prefix.size()), false, blob.size_bytes});
    for (const std::string& folder : page.folders) {
      out.push_back({folder.substr(prefix.size(), folder.size() - prefix.size() - 1), true, 0});
    }
    if (!page.next) break;
    options.after = *page.next;
  }
  std::sort(out.begin(), out.end(), [](const ArtifactEntry& a, const ArtifactEntry& b) { return a.path < b.path; });
  return out;
}

std::vector<ArtifactEntry> Artifacts::list(std::string_view folder) {
  const std::string checked = checked_artifact_path(folder);
  return list_below(std::string(kRoot) + checked + (checked.empty() ? "" : "/"));
}

blobs::BlobInfo Artifacts::get(std::string_view path) {
  const std::string key = key_of(path);
  if (auto found = blobs_.find(key)) return *std::move(found);
  blobs::ListOptions below;
  below.prefix = key + "/";
  below.limit = 1;
  if (!blobs_.list(below).blobs.empty())
    throw invalid_argument("artifact '", path, "' is a directory; list it and get its files");
  throw not_found("artifact '", path, "' does not exist");
}

std::unique_ptr<blobs::BlobReader> Artifacts::open(const blobs::BlobInfo& blob) { return blobs_.open(blob.key); }

std::optional<std::string> Artifacts::local_path(const blobs::BlobInfo& blob) { return blobs_.local_path(blob.key); }

std::unique_ptr<blobs::BlobWriter> Artifacts::create(std::string_view path) { return blobs_.create(key_of(path)); }

std::string Artifacts::begin_parts(std::string_view path, int count) { return blobs_.begin_parts(key_of(path), count); }

std::string Artifacts::write_part(std::string_view path, const std::string& upload, int number, uint64_t size_bytes,
                                  blobs::BlobReader& content) {
  return blobs_.write_part({key_of(path), upload}, number, size_bytes, content);
}

void Artifacts::finish_parts(std::string_view path, const std::string& upload,
                             const std::vector<blobs::UploadedPart>& parts) {
  blobs_.finish_parts({key_of(path), upload}, parts);
}

void Artifacts::abort_parts(std::string_view path, const std::string& upload) {
  blobs_.abort_parts({key_of(path), upload});
}

std::optional<std::string> Artifacts::direct_url(const blobs::BlobInfo& blob, int64_t seconds) {
  return blobs_.direct_url(blob.key, seconds);
}

void Artifacts::remove(std::string_view path) {
  const std::string key = key_of(path);
  blobs_.remove(key);
  blobs::ListOptions below;
  below.prefix = key + "/";
  while (true) {
    const blobs::ListPage page = blobs_.list(below);
    for (const blobs::BlobInfo& blob : page.blobs) blobs_.remove(blob.key);
    if (!page.next) return;
    below.after = *page.next;
  }
}

}  // namespace slipway::tracking
