#include "domains/data/file_source.h"

#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <memory>

#include "domains/data/paths.h"
#include "foundation/base/error.h"
#include "foundation/base/files.h"
#include "foundation/git/repository.h"

namespace slipway::data {

namespace {

class DiskFiles : public FileSource {
 public:
  std::optional<std::string> find(const std::string& path) const override {
    if (!files::exists(path)) return std::nullopt;
    return files::read(path);
  }
  bool exists(const std::string& path) const override { return files::exists(path); }
  bool is_folder(const std::string& path) const override { return paths::is_folder(path); }
  std::optional<Info> look(const std::string& path) const override {
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0) return std::nullopt;
    const bool is_folder = S_ISDIR(info.st_mode);
    return Info{is_folder, !is_folder && (info.st_mode & S_IXUSR) != 0, static_cast<uint64_t>(info.st_size)};
  }
  Listing list(const std::string& folder) const override {
    Listing out;
    const std::unique_ptr<DIR, int (*)(DIR*)> open(::opendir(folder.c_str()), &::closedir);
    if (!open) return out;
    while (const dirent* entry = ::readdir(open.get())) {
      const std::string_view name = entry->d_name;
      if (name == "." || name == "..") continue;
      bool is_folder = entry->d_type == DT_DIR;
      if (entry->d_type == DT_UNKNOWN) {
        struct stat info {};
        is_folder = ::lstat(text::concat(folder, "/", name).c_str(), &info) == 0 && S_ISDIR(info.st_mode);
      }
      (is_folder ? out.folders : out.files).emplace_back(name);
    }
    std::sort(out.files.begin(), out.files.end());
    std::sort(out.folders.begin(), out.folders.end());
    return out;
  }
};

}  // namespace

const FileSource& disk() {
  static const DiskFiles files;
  return files;
}

std::string FileSource::read(const std::string& path) const {
  auto content = find(path);
  if (!content) throw not_found("'", path, "' does not exist");
  return std::move(*content);
}

CommitFiles::CommitFiles(const git::Repository& repository, std::string commit, std::string root)
    : repository_(repository), commit_(std::move(commit)), root_(std::move(root)) {}

std::optional<std::string> CommitFiles::inside(const std::string& path) const {
  if (!paths::inside(path, root_)) return std::nullopt;
  return path == root_ ? "" : path.substr(root_.size() + (root_ == "/" ? 0 : 1));
}

std::optional<std::string> CommitFiles::find(const std::string& path) const {
  const auto name = inside(path);
  return name && !name->empty() ? repository_.find_file(commit_, *name) : std::nullopt;
}

bool CommitFiles::exists(const std::string& path) const {
  const auto name = inside(path);
  return name && (name->empty() || repository_.find_entry(commit_, *name));
}

bool CommitFiles::is_folder(const std::string& path) const {
  const auto name = inside(path);
  if (!name || name->empty()) return name.has_value();
  const auto entry = repository_.find_entry(commit_, *name);
  return entry && entry->kind == git::EntryKind::kFolder;
}

std::optional<FileSource::Info> CommitFiles::look(const std::string& path) const {
  const auto name = inside(path);
  if (!name) return std::nullopt;
  if (name->empty()) return Info{true, false, std::nullopt};
  const auto entry = repository_.find_entry(commit_, *name);
  if (!entry) return std::nullopt;
  if (entry->kind == git::EntryKind::kFolder || entry->kind == git::EntryKind::kSubmodule)
    return Info{true, false, std::nullopt};
  return Info{false, entry->kind == git::EntryKind::kExecutable, repository_.blob_size(entry->id)};
}

FileSource::Listing CommitFiles::list(const std::string& folder) const {
  Listing out;
  if (!is_folder(folder)) return out;
  for (const git::Entry& entry : repository_.list(commit_, *inside(folder))) {
    (entry.kind == git::EntryKind::kFolder ? out.folders : out.files).push_back(entry.name);
  }
  std::sort(out.files.begin(), out.files.end());
  std::sort(out.folders.begin(), out.folders.end());
  return out;
}

}  // namespace slipway::data
