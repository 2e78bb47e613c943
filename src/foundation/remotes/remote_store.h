// Files below an address: a folder, a bucket, a web server, a machine that speaks SFTP. One interface over every kind
// of storage that data is pushed to or imported from; one conformance suite (testing/) runs on each.
//
// Paths are relative to the address, with '/' between names; "" is the address itself, which may be a file. All calls
// may come from several threads at a time. What was written is there whole or not at all.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/blobs/blob_store.h"
#include "foundation/remotes/content.h"

namespace slipway::remotes {

struct FileInfo {
  std::string path;
  std::optional<uint64_t> size;
  // What the storage calls this content: an ETag without quotes, a checksum; empty where it has no such thing.
  std::string tag;
  int64_t modified_ms = 0;  // 0: not known
};

struct WriteOptions {
  // Nobody is to change the file afterwards; where files have modes it is 0444.
  bool read_only = false;
  // Told how many bytes have been sent.
  std::function<void(uint64_t)> on_sent;
};

// What a listing costs: nothing can be listed (a plain web server), a request for each folder, or one for so many files
// whatever folder they are in.
enum class Listing { kNone, kByFolder, kByPrefix };

class RemoteStore {
 public:
  virtual ~RemoteStore() = default;

  // The address of a file, as people write it; never with a secret.
  virtual std::string url(std::string_view path) const = 0;
  // Nothing when there is no such file. A folder is none.
  virtual std::optional<FileInfo> find(const std::string& path) = 0;
  virtual Listing listing() const = 0;
  // Every file below the folder, in no order, paths from the address on. A folder that is not there is empty. Returning
  // false ends it.
  virtual void list(const std::string& folder, const std::function<bool(const FileInfo&)>& on_file) = 0;
  // Throws not_found. A connection that breaks in the middle is made again where it broke.
  virtual std::unique_ptr<blobs::BlobReader> open(const std::string& path) = 0;
  virtual void write(const std::string& path, Content& content, const WriteOptions& options) = 0;
  // Removing what is not there is fine.
  virtual void remove(const std::string& path) = 0;

  void write(const std::string& path, std::string_view bytes) {
    MemoryContent content(bytes);
    write(path, content, {});
  }
};

// Where it is, and what the configuration says about it: the options of DVC's remotes by their names.
struct RemoteAddress {
  std::string url;  // "/folder", "s3://bucket/prefix", "https://host/path", "ssh://host/path", ...
  std::map<std::string, std::string> options;
  // How many calls come at a time.
  size_t jobs = 8;
};

// Throws invalid_argument for an address or an option that makes no sense, unauthenticated where keys are missing and
// unimplemented for a kind of storage that is not known. Nothing is asked of the storage yet.
std::unique_ptr<RemoteStore> open_remote(const RemoteAddress& address);

// The part before "://", in lower case; "" for a folder.
std::string scheme_of(std::string_view url);

}  // namespace slipway::remotes
