// Bytes by key: artifacts, models, cached data. Local disk and S3 implement it under one conformance suite.
//
// Keys are relative paths of UTF-8 text with `/` between parts ("12/3f.../artifacts/model.txt"): no empty part, no `.`
// or `..`, no backslash, no control character, at most 1024 bytes and 255 in a part, nothing below `.staging`.
// check_key rejects the rest with invalid_argument, so no key reaches outside the store. A key that is the folder of
// another ("a" beside "a/b") is refused with failed_precondition on local disk.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::blobs {

inline constexpr std::string_view kReservedFolder = ".staging";

void check_key(std::string_view key);

struct BlobInfo {
  std::string key;
  uint64_t size_bytes = 0;
  int64_t modified_ms = 0;
};

// A stream of one blob's bytes.
class BlobReader {
 public:
  virtual ~BlobReader() = default;
  // Up to `capacity` bytes into `buffer`; 0 at the end.
  virtual size_t read(char* buffer, size_t capacity) = 0;
};

// A blob that is being written; visible under its key only after commit.
class BlobWriter {
 public:
  // Without a commit the bytes are dropped.
  virtual ~BlobWriter() = default;
  virtual void write(std::string_view bytes) = 0;
  // Makes the blob durable and visible in one step, replacing an older one. When `expected_sha256` (lower-case hex) is
  // given and differs from what was written, throws data_loss and keeps nothing. Returns the SHA-256 of the content.
  virtual std::string commit(const std::optional<std::string>& expected_sha256 = std::nullopt) = 0;
};

struct ListPage {
  std::vector<BlobInfo> blobs;       // sorted by key, bytewise
  std::vector<std::string> folders;  // with a delimiter: the prefixes below, each ending in `/`, sorted
  std::optional<std::string> next;   // pass as `after` to go on
};

struct ListOptions {
  std::string prefix;      // "" or a part of a key; need not end at a `/`
  bool by_folder = false;  // true: keys below the next `/` are folded into `folders`
  std::string after;       // exclusive; with by_folder, one that ends in `/` is past that whole folder
  size_t limit = 1000;     // of blobs and folders together
};

// invalid_argument for a count that no upload can have; each store's begin_parts begins with it.
void check_part_count(int count);

// invalid_argument for a prefix that no key can have and for a limit of 0; each store's list begins with it.
void check_list_options(const ListOptions& options);

// A blob that arrives in numbered parts, in any order and several at once, from whoever knows its id.
struct PartedUpload {
  std::string key;
  std::string id;
};

struct UploadedPart {
  int number = 0;    // from 1
  std::string etag;  // what write_part gave for it
};

inline constexpr int kMaxParts = 10'000;

class BlobStore {
 public:
  virtual ~BlobStore() = default;
  virtual std::unique_ptr<BlobWriter> create(const std::string& key) = 0;
  // Throws not_found. `offset` past the end reads nothing; `length` is cut at the end.
  virtual std::unique_ptr<BlobReader> open(const std::string& key, uint64_t offset = 0,
                                           std::optional<uint64_t> length = std::nullopt) = 0;
  virtual std::optional<BlobInfo> find(const std::string& key) = 0;
  // Removing what is not there is fine.
  virtual void remove(const std::string& key) = 0;
  virtual ListPage list(const ListOptions& options) = 0;
  // Where the blob lies as an ordinary file, so that it can be sent without copying; nothing if it does not.
  virtual std::optional<std::string> local_path(const std::string& key) = 0;

  // Uploads in `count` parts, all but the last of one size (and of at least 5 MiB, where S3 keeps them). begin returns
  // the id. A part that is sent again replaces itself. finish makes the blob durable and visible in one step; parts
  // must be listed by number, with their etags. An unknown id is not_found, but aborting one is fine.
  virtual std::string begin_parts(const std::string& key, int count) = 0;
  virtual std::string write_part(const PartedUpload& upload, int number, uint64_t size_bytes, BlobReader& content) = 0;
  virtual void finish_parts(const PartedUpload& upload, const std::vector<UploadedPart>& parts) = 0;
  virtual void abort_parts(const PartedUpload& upload) = 0;

  // An address at which anybody may fetch the blob from the store itself for so many seconds; nothing where the store
  // has none to give.
  virtual bool has_direct_urls() const = 0;
  virtual std::optional<std::string> direct_url(const std::string& key, int64_t seconds) = 0;

  // Whole small blobs.
  void put(const std::string& key, std::string_view content);
  std::string get(const std::string& key);
};

// "file:///absolute/folder", a plain folder path, or "s3://bucket/prefix?endpoint=http://host:port&region=..."
// (credentials from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, endpoint also from AWS_ENDPOINT_URL). Creates a local
// folder; checks that a bucket answers.
std::unique_ptr<BlobStore> open_blob_store(const std::string& url);

}  // namespace slipway::blobs
