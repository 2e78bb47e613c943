#include "foundation/blobs/blob_store.h"

#include <array>
#include <cstdlib>

#include "foundation/base/error.h"
#include "foundation/blobs/local_store.h"
#include "foundation/blobs/s3_location.h"
#include "foundation/blobs/s3_store.h"
#include "foundation/http/client.h"

namespace slipway::blobs {

namespace {

std::optional<std::string> process_environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

}  // namespace

void check_part_count(int count) {
  if (count >= 1 && count <= kMaxParts) return;
  throw invalid_argument("an upload has at least 1 and at most ", kMaxParts, " parts, not ", count);
}

void BlobStore::put(const std::string& key, std::string_view content) {
  const auto writer = create(key);
  writer->write(content);
  writer->commit();
}

std::string BlobStore::get(const std::string& key) {
  const auto reader = open(key);
  std::string out;
  std::array<char, 65536> buffer;
  while (const size_t got = reader->read(buffer.data(), buffer.size())) out.append(buffer.data(), got);
  return out;
}

std::unique_ptr<BlobStore> open_blob_store(const std::string& url) {
  constexpr std::string_view kFileScheme = "file://";
  if (url.empty())
    throw invalid_argument("the blob store's url is empty: use a folder, file:///folder or s3://bucket/prefix");
  if (url.starts_with(kFileScheme)) {
    const std::string path = url.substr(kFileScheme.size());
    if (!path.starts_with("/")) throw invalid_argument("blob store url ", url, ": write file:///absolute/folder");
    return std::make_unique<LocalStore>(path);
  }
  if (url.starts_with("s3://")) {
    return std::make_unique<S3Store>(parse_s3_location(url, process_environment), http::make_client());
  }
  if (url.find("://") != std::string::npos) {
    throw invalid_argument("blob store url scheme ", url.substr(0, url.find("://")), " is not known: use file or s3");
  }
  return std::make_unique<LocalStore>(url);
}

}  // namespace slipway::blobs
