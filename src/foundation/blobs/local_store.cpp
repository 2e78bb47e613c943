#include "foundation/blobs/local_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "foundation/base/blocking.h"
#include "foundation/base/error.h"
#include "foundation/base/text.h"
#include "foundation/blobs/background_hasher.h"

namespace slipway::blobs {

namespace {

// The disk starts on each window of a large blob while the next one is being written, so that the fsync at the end has
// little left to do and dirty pages do not pile up.
constexpr uint64_t kWindowBytes = uint64_t{8} << 20U;
constexpr size_t kBufferBytes = size_t{512} << 10U;

class LocalWriter final : public BlobWriter {
 public:
  LocalWriter(const RootedFolder& root, Staging& staging, std::string key)
      : root_(root), staging_(staging), key_(std::move(key)), file_(staging.create()) {}
  LocalWriter(const LocalWriter&) = delete;
  LocalWriter& operator=(const LocalWriter&) = delete;
  ~LocalWriter() override {
    if (!moved_) staging_.drop(file_);
  }

  void write(std::string_view bytes) override {
    while (!bytes.empty()) {
      std::string& buffer = buffers_[filling_];
      if (buffer.size() == kBufferBytes) {
        send_buffer();
        continue;
      }
      const std::string_view taken = bytes.substr(0, kBufferBytes - buffer.size());
      buffer += taken;
      bytes.remove_prefix(taken.size());
    }
  }

  std::string commit(const std::optional<std::string>& expected_sha256) override {
    const std::string_view rest = buffers_[filling_];
    files::write_all(file_.descriptor.get(), rest, key_);
    std::string sha256 = hasher_.finish_hex(rest);
    if (expected_sha256 && *expected_sha256 != sha256) {
      throw data_loss("blob ", key_, " arrived damaged: SHA-256 is ", sha256, ", expected ", *expected_sha256,
                      "; send it again");
    }
    const BlockingSection blocking;
    if (::fsync(file_.descriptor.get()) != 0) throw system_error(text::concat("sync blob ", key_));
    staging_.place(file_, root_, key_);
    moved_ = true;
    return sha256;
  }

 private:
  // One buffer is written while it and those before it are hashed; the next is free, for the hasher holds kDepth at
  // most.
  void send_buffer() {
    const std::string& buffer = buffers_[filling_];
    hasher_.start(buffer);
    files::write_all(file_.descriptor.get(), buffer, key_);
    written_ += buffer.size();
    while (written_ - started_ >= kWindowBytes) start_window();
    filling_ = (filling_ + 1) % buffers_.size();
    buffers_[filling_].clear();
  }

  void start_window() {
    const int descriptor = file_.descriptor.get();
    ::sync_file_range(descriptor, static_cast<off64_t>(started_), kWindowBytes, SYNC_FILE_RANGE_WRITE);
    if (started_ >= 2 * kWindowBytes) {
      // Failures of the disk show at the fsync; this only holds back a writer that is faster than the disk.
      const BlockingSection blocking;
      ::sync_file_range(descriptor, static_cast<off64_t>(started_ - 2 * kWindowBytes), kWindowBytes,
                        SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER);
    }
    started_ += kWindowBytes;
  }

  const RootedFolder& root_;
  Staging& staging_;
  const std::string key_;
  Staging::File file_;
  std::array<std::string, BackgroundHasher::kDepth + 1> buffers_;
  size_t filling_ = 0;
  BackgroundHasher hasher_;  // behind the buffers it reads, so that it ends first
  uint64_t written_ = 0;
  uint64_t started_ = 0;  // up to here the disk was asked to write
  bool moved_ = false;
};

class LocalReader final : public BlobReader {
 public:
  LocalReader(files::Descriptor file, std::string key, uint64_t offset, uint64_t length)
      : file_(std::move(file)), key_(std::move(key)), offset_(offset), left_(length) {}

  size_t read(char* buffer, size_t capacity) override {
    const size_t wanted = static_cast<size_t>(std::min<uint64_t>(capacity, left_));
    if (wanted == 0) return 0;
    for (;;) {
      const ssize_t got = ::pread(file_.get(), buffer, wanted, static_cast<off_t>(offset_));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) throw system_error(text::concat("read blob ", key_));
      if (got == 0) throw data_loss("blob ", key_, " became shorter while it was read");
      offset_ += static_cast<uint64_t>(got);
      left_ -= static_cast<uint64_t>(got);
      return static_cast<size_t>(got);
    }
  }

 private:
  const files::Descriptor file_;
  const std::string key_;
  uint64_t offset_;
  uint64_t left_;
};

bool means_absent(int error) { return error == ENOENT || error == ENOTDIR; }

struct OpenBlob {
  files::Descriptor file;
  struct stat info;
};

// Nothing for what is no regular file.
std::optional<OpenBlob> open_blob(const RootedFolder& root, const std::string& key) {
  // Non-blocking, so that a pipe that somebody put there cannot hold the program.
  OpenBlob out{root.open(key, O_RDONLY | O_NONBLOCK), {}};
  if (!out.file.valid() && means_absent(errno)) return std::nullopt;
  if (!out.file.valid() || ::fstat(out.file.get(), &out.info) != 0) throw system_error(text::concat("open blob ", key));
  if (!S_ISREG(out.info.st_mode)) return std::nullopt;
  return out;
}

}  // namespace

LocalStore::LocalStore(const std::string& folder) : root_(folder), staging_(root_), uploads_(root_, staging_) {}

std::unique_ptr<BlobWriter> LocalStore::create(const std::string& key) {
  check_key(key);
  return std::make_unique<LocalWriter>(root_, staging_, key);
}

std::unique_ptr<BlobReader> LocalStore::open(const std::string& key, uint64_t offset, std::optional<uint64_t> length) {
  check_key(key);
  auto blob = open_blob(root_, key);
  if (!blob) throw not_found("blob ", key, " does not exist");
  const auto size = static_cast<uint64_t>(blob->info.st_size);
  const uint64_t start = std::min(offset, size);
  return std::make_unique<LocalReader>(std::move(blob->file), key, start,
                                       std::min(length.value_or(size), size - start));
}

std::optional<BlobInfo> LocalStore::find(const std::string& key) {
  check_key(key);
  const auto blob = open_blob(root_, key);
  if (!blob) return std::nullopt;
  const auto& modified = blob->info.st_mtim;
  return BlobInfo{key, static_cast<uint64_t>(blob->info.st_size),
                  modified.tv_sec * 1000 + modified.tv_nsec / 1'000'000};
}

void LocalStore::remove(const std::string& key) {
  check_key(key);
  const files::Descriptor folder = root_.open(parent_of(key), O_RDONLY | O_DIRECTORY);
  if (!folder.valid() && means_absent(errno)) return;
  if (!folder.valid()) throw system_error(text::concat("remove blob ", key));
  const BlockingSection blocking;
  if (::unlinkat(folder.get(), name_of(key).c_str(), 0) != 0) {
    // A folder is no blob, so there is nothing to remove.
    if (errno == ENOENT || errno == EISDIR) return;
    throw system_error(text::concat("remove blob ", key));
  }
  if (::fsync(folder.get()) != 0) throw system_error(text::concat("sync the folder of blob ", key));
  root_.remove_empty_parents(key);
}

ListPage LocalStore::list(const ListOptions& options) { return list_files(root_, options); }

std::optional<std::string> LocalStore::local_path(const std::string& key) {
  check_key(key);
  if (!open_blob(root_, key)) return std::nullopt;
  return root_.path() + "/" + key;
}

std::string LocalStore::begin_parts(const std::string& key, int count) {
  check_key(key);
  check_part_count(count);
  return uploads_.begin(key, count);
}

std::string LocalStore::write_part(const PartedUpload& upload, int number, uint64_t size_bytes, BlobReader& content) {
  return uploads_.write_part(upload, number, size_bytes, content);
}

void LocalStore::finish_parts(const PartedUpload& upload, const std::vector<UploadedPart>& parts) {
  uploads_.finish(upload, parts);
}

void LocalStore::abort_parts(const PartedUpload& upload) { uploads_.abort(upload); }

std::optional<std::string> LocalStore::direct_url(const std::string& key, int64_t /*seconds*/) {
  check_key(key);
  return std::nullopt;
}

}  // namespace slipway::blobs
