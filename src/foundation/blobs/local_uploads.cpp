#include "foundation/blobs/local_uploads.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "foundation/base/blocking.h"
#include "foundation/base/error.h"
#include "foundation/base/hash.h"
#include "foundation/base/text.h"

namespace slipway::blobs {

namespace {

constexpr int64_t kLifetimeMs = int64_t{24} * 3600 * 1000;
// Each holds two open files.
constexpr size_t kMaxUploads = 500;
constexpr size_t kPieceBytes = size_t{256} << 10U;

void write_at(int descriptor, std::string_view bytes, uint64_t offset) {
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(descriptor, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw system_error("write a part of an upload");
    bytes.remove_prefix(static_cast<size_t>(written));
    offset += static_cast<uint64_t>(written);
  }
}

// Inside the kernel, and without copying where the file system can share blocks.
void append_file(int from, int to, uint64_t offset, uint64_t size) {
  auto source = off64_t{0};
  auto target = static_cast<off64_t>(offset);
  const BlockingSection blocking;
  while (size > 0) {
    const ssize_t moved = ::copy_file_range(from, &source, to, &target, size, 0);
    if (moved < 0 && errno == EINTR) continue;
    if (moved <= 0) throw system_error("put the last part of an upload in its place");
    size -= static_cast<uint64_t>(moved);
  }
}

}  // namespace

class LocalUploads::Upload {
 public:
  Upload(Staging& staging, std::string key, int count, int64_t begun_ms)
      : staging_(staging),
        key_(std::move(key)),
        begun_ms_(begun_ms),
        file_(staging.create()),
        last_(staging.create()),
        parts_(static_cast<size_t>(count)) {}
  Upload(const Upload&) = delete;
  Upload& operator=(const Upload&) = delete;
  ~Upload() {
    if (!placed_) staging_.drop(file_);
    staging_.drop(last_);
  }

  const std::string& key() const { return key_; }
  int64_t begun_ms() const { return begun_ms_; }

  std::string write(int number, uint64_t size, BlobReader& content) {
    Part& part = claim(number, size);
    try {
      const std::string etag = store(number, size, content);
      const std::lock_guard lock(mutex_);
      part.busy = false;
      part.size = size;
      part.etag = etag;
      return etag;
    } catch (...) {
      const std::lock_guard lock(mutex_);
      part.busy = false;
      throw;
    }
  }

  void finish(const RootedFolder& root, const std::vector<UploadedPart>& sent) {
    const std::lock_guard lock(mutex_);
    if (placed_) throw failed_precondition("the upload of ", key_, " is finished already");
    check_complete(sent);
    append_file(last_.descriptor.get(), file_.descriptor.get(), (parts_.size() - 1) * part_size_, parts_.back().size);
    const BlockingSection blocking;
    if (::fsync(file_.descriptor.get()) != 0) throw system_error(text::concat("sync blob ", key_));
    staging_.place(file_, root, key_);
    placed_ = true;
  }

 private:
  struct Part {
    std::string etag;  // empty: not there yet
    uint64_t size = 0;
    bool busy = false;
  };

  bool is_last(int number) const { return static_cast<size_t>(number) == parts_.size(); }

  // Nobody else writes this part until it is given back.
  Part& claim(int number, uint64_t size) {
    if (number < 1 || static_cast<size_t>(number) > parts_.size()) {
      throw invalid_argument("part ", number, " is not among the ", parts_.size(), " of this upload");
    }
    const std::lock_guard lock(mutex_);
    Part& part = parts_[static_cast<size_t>(number) - 1];
    if (part.busy) throw conflict("part ", number, " of ", key_, " is being written by another request");
    if (!is_last(number)) {
      if (part_size_ == 0) part_size_ = size;
      if (size == 0 || size != part_size_) {
        throw invalid_argument("part ", number, " has ", size, " bytes, but another one has ", part_size_,
                               ": all parts but the last are of one size");
      }
    }
    part.busy = true;
    part.etag.clear();
    return part;
  }

  std::string store(int number, uint64_t size, BlobReader& content) {
    const int descriptor = is_last(number) ? last_.descriptor.get() : file_.descriptor.get();
    const uint64_t start = is_last(number) ? 0 : static_cast<uint64_t>(number - 1) * part_size_;
    Hasher hasher(HashKind::kSha256);
    std::string buffer(kPieceBytes, '\0');
    uint64_t received = 0;
    while (const size_t got = content.read(buffer.data(), buffer.size())) {
      if (received + got > size) throw invalid_argument("part ", number, " is longer than it was announced");
      const std::string_view piece(buffer.data(), got);
      hasher.update(piece);
      write_at(descriptor, piece, start + received);
      received += got;
    }
    if (received < size) throw invalid_argument("part ", number, " ended after ", received, " of ", size, " bytes");
    // The disk starts now, so that little is left to do at the end.
    ::sync_file_range(descriptor, static_cast<off64_t>(start), static_cast<off64_t>(size), SYNC_FILE_RANGE_WRITE);
    return text::concat("\"", hasher.finish_hex(), "\"");
  }

  void check_complete(const std::vector<UploadedPart>& sent) const {
    if (sent.size() != parts_.size()) {
      throw invalid_argument("the upload of ", key_, " has ", parts_.size(), " parts, not ", sent.size());
    }
    for (size_t i = 0; i < parts_.size(); ++i) {
      const Part& part = parts_[i];
      if (part.busy || part.etag.empty()) throw invalid_argument("part ", i + 1, " of ", key_, " has not arrived");
      if (sent[i].number != static_cast<int>(i) + 1 || sent[i].etag != part.etag) {
        throw invalid_argument("part ", i + 1, " of ", key_, " is another one than the request names; send it again");
      }
    }
  }

  Staging& staging_;
  const std::string key_;
  const int64_t begun_ms_;
  Staging::File file_;
  Staging::File last_;
  std::mutex mutex_;  // guards the members below
  std::vector<Part> parts_;
  uint64_t part_size_ = 0;  // 0: no part has come yet; it never changes afterwards
  bool placed_ = false;
};

std::string LocalUploads::begin(const std::string& key, int count) {
  const std::lock_guard lock(mutex_);
  forget_old();
  if (uploads_.size() >= kMaxUploads) {
    throw Error(ErrorCode::kResourceExhausted, "too many uploads in parts are under way; finish or abort some");
  }
  std::string id = ids_.hex(32);
  uploads_[id] = std::make_shared<Upload>(staging_, key, count, clock_.now_ms());
  return id;
}

void LocalUploads::forget_old() {
  const int64_t oldest_ms = clock_.now_ms() - kLifetimeMs;
  std::erase_if(uploads_, [&](const auto& entry) { return entry.second->begun_ms() < oldest_ms; });
}

std::shared_ptr<LocalUploads::Upload> LocalUploads::get(const PartedUpload& upload) {
  const std::lock_guard lock(mutex_);
  const auto found = uploads_.find(upload.id);
  if (found != uploads_.end() && found->second->key() == upload.key) return found->second;
  throw not_found("no upload ", upload.id, " of ", upload.key, " is under way; begin it again");
}

std::string LocalUploads::write_part(const PartedUpload& upload, int number, uint64_t size_bytes, BlobReader& content) {
  return get(upload)->write(number, size_bytes, content);
}

void LocalUploads::finish(const PartedUpload& upload, const std::vector<UploadedPart>& parts) {
  get(upload)->finish(root_, parts);
  const std::lock_guard lock(mutex_);
  uploads_.erase(upload.id);
}

void LocalUploads::abort(const PartedUpload& upload) {
  const std::lock_guard lock(mutex_);
  const auto found = uploads_.find(upload.id);
  if (found != uploads_.end() && found->second->key() == upload.key) uploads_.erase(found);
}

}  // namespace slipway::blobs
