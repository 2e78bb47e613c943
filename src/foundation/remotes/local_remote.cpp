#include "foundation/remotes/local_remote.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <filesystem>

#include "foundation/base/error.h"
#include "foundation/base/files.h"
#include "foundation/remotes/options.h"

namespace slipway::remotes {

namespace {

// Drafts lie here until they are renamed, so that no listing takes them for files.
constexpr std::string_view kDrafts = "/.slipway";
constexpr size_t kBufferBytes = size_t{256} << 10U;
std::atomic<uint64_t> draft_number = 0;

class FileReader final : public blobs::BlobReader {
 public:
  explicit FileReader(const std::string& path) : content_(path) {}
  size_t read(char* buffer, size_t capacity) override {
    const size_t got = content_.read_at(offset_, buffer, capacity);
    offset_ += got;
    return got;
  }

 private:
  FileContent content_;
  uint64_t offset_ = 0;
};

FileInfo info_of(std::string path, const struct stat& info) {
  FileInfo out;
  out.path = std::move(path);
  out.size = static_cast<uint64_t>(info.st_size);
  out.modified_ms = info.st_mtim.tv_sec * 1000 + info.st_mtim.tv_nsec / 1'000'000;
  return out;
}

class LocalRemote final : public RemoteStore {
 public:
  LocalRemote(std::string root, bool group_shared) : root_(std::move(root)), group_shared_(group_shared) {}
  ~LocalRemote() override {
    // Gone when nobody else has a draft in it.
    if (used_drafts_) ::rmdir((root_ + std::string(kDrafts)).c_str());
  }

  std::string url(std::string_view path) const override { return full(path); }

  std::optional<FileInfo> find(const std::string& path) override {
    struct stat info {};
    if (::stat(full(path).c_str(), &info) != 0) {
      if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
      throw system_error(text::concat("read ", full(path)));
    }
    if (!S_ISREG(info.st_mode)) return std::nullopt;
    return info_of(path, info);
  }

  Listing listing() const override { return Listing::kByFolder; }
  void list(const std::string& folder, const std::function<bool(const FileInfo&)>& on_file) override {
    namespace fs = std::filesystem;
    std::error_code failed;
    fs::recursive_directory_iterator at(full(folder), fs::directory_options::follow_directory_symlink, failed);
    if (failed) return;
    for (const fs::recursive_directory_iterator end; at != end;) {
      const std::string path = at->path().string();
      struct stat info {};
      if (at.depth() > kDeepest || (at.depth() == 0 && folder.empty() && at->path().filename() == ".slipway")) {
        at.disable_recursion_pending();
      } else if (::stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode)) {
        if (!on_file(info_of(path.substr(std::min(path.size(), full("").size() + 1)), info))) return;
      }
      at.increment(failed);
      if (failed) throw unavailable("cannot list '", full(folder), "': ", failed.message());
    }
  }

  std::unique_ptr<blobs::BlobReader> open(const std::string& path) override {
    return std::make_unique<FileReader>(full(path));
  }

  void write(const std::string& path, Content& content, const WriteOptions& options) override;
  using RemoteStore::write;

  void remove(const std::string& path) override {
    if (::unlink(full(path).c_str()) != 0 && errno != ENOENT) throw system_error(text::concat("remove ", full(path)));
  }

 private:
  // A link that leads back to a folder above it would have no end.
  static constexpr int kDeepest = 64;

  std::string full(std::string_view path) const { return path.empty() ? root_ : text::concat(root_, "/", path); }

  void make_folders(const std::string& folder) const {
    if (::mkdir(folder.c_str(), group_shared_ ? 02775 : 0777) == 0) {
      if (group_shared_) ::chmod(folder.c_str(), 02775);
      return;
    }
    if (errno == EEXIST) return;
    if (errno != ENOENT) throw system_error(text::concat("create ", folder));
    make_folders(std::filesystem::path(folder).parent_path().string());
    if (::mkdir(folder.c_str(), group_shared_ ? 02775 : 0777) != 0 && errno != EEXIST) {
      throw system_error(text::concat("create ", folder));
    }
    if (group_shared_) ::chmod(folder.c_str(), 02775);
  }

  files::Descriptor create_draft(const std::string& draft) {
    const auto open_it = [&] {
      return files::Descriptor(::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
    };
    files::Descriptor file = open_it();
    if (!file.valid() && errno == ENOENT) {
      make_folders(root_ + std::string(kDrafts));
      file = open_it();
    }
    if (!file.valid()) throw system_error(text::concat("create ", draft));
    if (!used_drafts_.exchange(true)) remove_old_drafts();
    return file;
  }

  // What a program that was killed has left; a day is longer than any one file takes.
  void remove_old_drafts() const {
    namespace fs = std::filesystem;
    std::error_code failed;
    for (const auto& entry : fs::directory_iterator(root_ + std::string(kDrafts), failed)) {
      const auto age = fs::file_time_type::clock::now() - entry.last_write_time(failed);
      if (!failed && age > std::chrono::hours(24)) fs::remove(entry.path(), failed);
    }
  }

  const std::string root_;
  const bool group_shared_;
  std::atomic<bool> used_drafts_ = false;
};

void LocalRemote::write(const std::string& path, Content& content, const WriteOptions& options) {
  const std::string target = full(path);
  const std::string draft = text::concat(root_, kDrafts, "/", ::getpid(), "-", draft_number++);
  const files::Descriptor file = create_draft(draft);
  try {
    thread_local std::string buffer(kBufferBytes, '\0');
    uint64_t offset = 0;
    while (const size_t got = content.read_at(offset, buffer.data(), buffer.size())) {
      files::write_all(file.get(), {buffer.data(), got}, draft);
      offset += got;
      if (options.on_sent) options.on_sent(got);
    }
    if (options.read_only) ::fchmod(file.get(), 0444);
    if (::rename(draft.c_str(), target.c_str()) != 0) {
      if (errno != ENOENT) throw system_error(text::concat("create ", target));
      make_folders(std::filesystem::path(target).parent_path().string());
      if (::rename(draft.c_str(), target.c_str()) != 0) throw system_error(text::concat("create ", target));
    }
  } catch (...) {
    ::unlink(draft.c_str());
    throw;
  }
}

}  // namespace

std::unique_ptr<RemoteStore> open_local(const RemoteAddress& address) {
  std::string root = address.url.starts_with("file://") ? address.url.substr(7) : address.url;
  while (root.size() > 1 && root.ends_with('/')) root.pop_back();
  return std::make_unique<LocalRemote>(std::move(root), Options(address.options).get("shared") == "group");
}

}  // namespace slipway::remotes
