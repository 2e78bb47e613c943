#include "adapters/mlflow_store/local_roots.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "domains/tracking/artifact_path.h"
#include "foundation/base/error.h"

namespace slipway::mlflow_store {

namespace {

constexpr size_t kMaxDepth = 64;

class FileReader final : public blobs::BlobReader {
 public:
  FileReader(const blobs::RootedFolder& root, const std::string& relative)
      : file_(root.open(relative, O_RDONLY | O_NONBLOCK)), name_(relative) {
    struct stat info {};
    if (!file_.valid()) throw system_error(text::concat("open ", name_));
    if (::fstat(file_.get(), &info) != 0 || !S_ISREG(info.st_mode))
      throw failed_precondition(name_, " is not a regular file");
  }
  size_t read(char* buffer, size_t capacity) override {
    for (;;) {
      const ssize_t got = ::read(file_.get(), buffer, capacity);
      if (got >= 0) return static_cast<size_t>(got);
      if (errno != EINTR) throw system_error(text::concat("read ", name_));
    }
  }

 private:
  files::Descriptor file_;
  const std::string name_;
};

std::string join(const std::string& folder, const std::string& name) {
  return folder.empty() ? name : folder + "/" + name;
}

// The part of `path` below `root`; nothing when it is not inside.
std::optional<std::string> below(const std::string& path, const std::string& root) {
  if (path == root) return "";
  const std::string prefix = root.ends_with('/') ? root : root + "/";
  if (!path.starts_with(prefix)) return std::nullopt;
  return path.substr(prefix.size());
}

}  // namespace

std::optional<std::string> local_path_of(const std::string& location, const std::string& base) {
  std::string path = location;
  if (path.starts_with("file:")) {
    path = tracking::decode_until_stable(path.substr(5));
    if (path.starts_with("//")) {
      const size_t slash = path.find('/', 2);
      if (slash == std::string::npos) return std::nullopt;
      path = path.substr(slash);
    }
  } else if (const size_t colon = path.find(':'); colon != std::string::npos && colon < path.find('/')) {
    return std::nullopt;
  }
  if (path.empty() || path.find('\0') != std::string::npos) return std::nullopt;
  std::filesystem::path whole(path);
  if (whole.is_relative()) whole = std::filesystem::path(base) / whole;
  std::string plain = whole.lexically_normal().string();
  while (plain.size() > 1 && plain.ends_with('/')) plain.pop_back();
  return plain;
}

void LocalRoots::add(const std::string& folder) {
  std::error_code failure;
  const std::filesystem::path path = std::filesystem::canonical(folder, failure);
  if (failure || !std::filesystem::is_directory(path, failure)) return;
  roots_.push_back({path.string(), std::make_unique<blobs::RootedFolder>(path.string())});
}

LocalRoots::Standing LocalRoots::standing_of(const std::string& path) const {
  std::error_code failure;
  const std::filesystem::path real = std::filesystem::canonical(path, failure);
  if (failure) return Standing::kMissing;
  for (const Root& root : roots_) {
    if (below(real.string(), root.path)) return Standing::kInside;
  }
  return Standing::kOutside;
}

bool LocalRoots::files(const std::string& path, const std::function<void(const ArtifactFile&)>& on_file) const {
  std::error_code failure;
  const std::filesystem::path real = std::filesystem::canonical(path, failure);
  if (failure || !std::filesystem::is_directory(real, failure)) return false;
  for (const Root& root : roots_) {
    if (const auto relative = below(real.string(), root.path)) {
      walk(*root.folder, *relative, on_file);
      return true;
    }
  }
  throw permission_denied(path, " lies outside of the store; name it with --artifacts if it belongs to it");
}

bool LocalRoots::files_below(const std::string& relative,
                             const std::function<void(const ArtifactFile&)>& on_file) const {
  for (const Root& root : roots_) {
    if (!root.folder->open(relative, O_RDONLY | O_DIRECTORY).valid()) continue;
    walk(*root.folder, relative, on_file);
    return true;
  }
  return false;
}

void LocalRoots::walk(const blobs::RootedFolder& root, const std::string& top,
                      const std::function<void(const ArtifactFile&)>& on_file) {
  std::vector<std::string> open = {""};
  while (!open.empty()) {
    const std::string folder = std::move(open.back());
    open.pop_back();
    if (std::count(folder.begin(), folder.end(), '/') > static_cast<ptrdiff_t>(kMaxDepth))
      throw invalid_argument("folders are nested over ", kMaxDepth, " deep");
    for (const FolderEntry& entry : list_folder(root, join(top, folder))) {
      const std::string path = join(folder, entry.name);
      if (entry.is_folder) {
        open.push_back(path);
        continue;
      }
      const std::string whole = join(top, path);
      on_file({path, entry.size_bytes, [&root, whole] { return std::make_unique<FileReader>(root, whole); }});
    }
  }
}

std::vector<FolderEntry> list_folder(const blobs::RootedFolder& root, const std::string& relative) {
  std::vector<FolderEntry> out;
  std::string path = relative;
  while (path.ends_with('/')) path.pop_back();
  files::Descriptor folder = root.open(path, O_RDONLY | O_DIRECTORY);
  if (!folder.valid()) {
    if (errno == ENOENT || errno == ENOTDIR) return out;
    throw system_error(text::concat("list ", root.path(), "/", path));
  }
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::fdopendir(folder.get()), ::closedir);
  if (!stream) throw system_error(text::concat("list ", root.path(), "/", path));
  folder.release();  // the stream closes it
  while (const dirent* entry = ::readdir(stream.get())) {
    const std::string name = entry->d_name;
    if (name == "." || name == "..") continue;
    struct stat info {};
    if (::fstatat(::dirfd(stream.get()), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) != 0) continue;
    if (S_ISDIR(info.st_mode)) out.push_back({name, true, 0});
    if (S_ISREG(info.st_mode)) out.push_back({name, false, static_cast<uint64_t>(info.st_size)});
  }
  std::sort(out.begin(), out.end(), [](const FolderEntry& a, const FolderEntry& b) { return a.name < b.name; });
  return out;
}

}  // namespace slipway::mlflow_store
