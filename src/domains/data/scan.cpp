#include "domains/data/scan.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "domains/data/parallel.h"
#include "domains/data/paths.h"
#include "foundation/base/error.h"
#include "foundation/base/hash.h"
#include "foundation/base/log.h"
#include "foundation/base/progress.h"

namespace slipway::data {

namespace {

// A symbolic link to an outer folder would never end.
constexpr int kMaxDepth = 128;

struct stat stat_of(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) throw system_error(text::concat("read ", path));
  return info;
}

bool wants_links(const ScanOptions& options) {
  return options.store != nullptr &&
         (options.links.front() == LinkKind::kHardlink || options.links.front() == LinkKind::kSymlink);
}

}  // namespace

struct Scanner::File {
  std::string path;      // absolute
  std::string relative;  // to the folder that is scanned
  FileStamp stamp;
  bool executable = false;
  std::string md5;
  bool known = false;  // md5 came from the state
};

Scanner::Scanner(std::string root, IgnoreTree& ignores, HashState& state)
    : root_(std::move(root)), ignores_(ignores), state_(state) {}

std::string Scanner::state_key(const std::string& path) const {
  return paths::inside(path, root_) && path.size() > root_.size() ? path.substr(root_.size() + 1) : path;
}

std::optional<Fingerprint> Scanner::scan(const std::string& path, const ScanOptions& options) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
    throw system_error(text::concat("read ", path));
  }
  if (paths::inside(path, root_) && ignores_.ignored(state_key(path), S_ISDIR(info.st_mode))) return std::nullopt;
  Fingerprint out;
  std::vector<File> found;
  if (S_ISDIR(info.st_mode)) {
    found = list(path);
  } else if (S_ISREG(info.st_mode)) {
    found.push_back({path, "", {}, false, "", false});
  } else {
    throw invalid_argument("'", path, "' is neither a file nor a folder");
  }
  hash_all(found, options);
  for (const File& file : found) out.size += file.stamp.size;
  if (!S_ISDIR(info.st_mode)) {
    out.hash = found.front().md5;
    out.executable = found.front().executable;
    return out;
  }
  out.file_count = found.size();
  out.tree.entries.reserve(found.size());
  for (File& file : found) out.tree.entries.push_back({std::move(file.relative), std::move(file.md5)});
  out.tree.sort();
  const std::string bytes = out.tree.write();
  out.hash = hash_hex(HashKind::kMd5, bytes) + ".dir";
  // Last, so that a folder object in the cache means a complete folder.
  if (options.store != nullptr && !options.store->contains(out.hash)) options.store->put(out.hash, bytes);
  return out;
}

std::vector<std::string> Scanner::files(const std::string& folder) {
  std::vector<std::string> out;
  for (File& file : list(folder)) out.push_back(std::move(file.path));
  return out;
}

std::vector<Scanner::File> Scanner::list(const std::string& folder) {
  std::vector<File> out;
  list_into(folder, "", 0, out);
  return out;
}

void Scanner::list_into(const std::string& folder, const std::string& prefix, int depth, std::vector<File>& out) {
  if (depth > kMaxDepth)
    throw invalid_argument("'", folder, "' is nested too deeply; is there a link to an outer folder?");
  const std::unique_ptr<DIR, int (*)(DIR*)> open(::opendir(folder.c_str()), &::closedir);
  if (!open) throw system_error(text::concat("read ", folder));
  std::vector<std::string> folders;
  while (const dirent* entry = ::readdir(open.get())) {
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    if (name == ".dvcignore") {
      throw invalid_argument("'", folder,
                             "/.dvcignore' lies in a tracked folder; move its lines to a .dvcignore outside");
    }
    if (!text::is_valid_utf8(name)) {
      throw invalid_argument("a file in '", folder,
                             "' has a name that is not UTF-8; rename it, .dir objects cannot hold it");
    }
    std::string path = text::concat(folder, "/", name);
    bool is_folder = entry->d_type == DT_DIR;
    if (entry->d_type == DT_LNK || entry->d_type == DT_UNKNOWN) is_folder = S_ISDIR(stat_of(path).st_mode);
    if (paths::inside(path, root_) && ignores_.ignored(state_key(path), is_folder)) continue;
    if (is_folder) {
      folders.emplace_back(name);
    } else {
      out.push_back({std::move(path), text::concat(prefix, name), {}, false, "", false});
    }
  }
  std::sort(folders.begin(), folders.end());
  for (const std::string& name : folders) {
    list_into(text::concat(folder, "/", name), text::concat(prefix, name, "/"), depth + 1, out);
  }
}

void Scanner::hash_one(File& file, const ScanOptions& options, Progress& progress) {
  const bool links = wants_links(options);
  if (options.store != nullptr && !links) {
    if (file.known && options.store->contains(file.md5)) return;
    const StoredFile stored = options.store->put_file(file.path, &progress);
    if (stored.size != file.stamp.size) {
      throw conflict("'", file.path, "' changed while it was read; wait until it is complete and try again");
    }
    file.md5 = stored.md5;
    return;
  }
  if (!file.known) file.md5 = md5_of_file(file.path, options.kind, &progress);
  if (!links) return;
  if (!options.store->contains(file.md5)) {
    const bool adopted = options.links.front() == LinkKind::kHardlink && file.stamp.size > 0 &&
                         options.store->adopt(file.path, file.md5);
    if (!adopted) options.store->put_file(file.path);
  }
  // Only of a file that is tracked by itself is recorded that it can be run.
  const bool executable = file.executable && file.relative.empty();
  if (!options.store->is_placed_as(file.md5, file.path, options.links.front())) {
    options.store->place(file.md5, file.path, options.links, executable);
  } else if (executable) {
    make_executable(file.path);
  }
  file.stamp = FileStamp::of(stat_of(file.path));
}

// Sizes and times of all files, and the hashes of those that are known.
void Scanner::look_up_all(std::vector<File>& files, const ScanOptions& options) const {
  parallel_for(files.size(), default_jobs(), [&](size_t i) {
    File& file = files[i];
    const struct stat info = stat_of(file.path);
    if (!S_ISREG(info.st_mode)) throw invalid_argument("'", file.path, "' is neither a file nor a folder");
    file.stamp = FileStamp::of(info);
    file.executable = (info.st_mode & S_IXUSR) != 0;
    // Legacy hashes are of another kind, so they are not remembered.
    if (options.kind == ObjectKind::kLegacy) return;
    if (const auto known = state_.find(state_key(file.path), file.stamp)) {
      file.md5 = *known;
      file.known = true;
    }
  });
}

void Scanner::hash_all(std::vector<File>& files, const ScanOptions& options) {
  look_up_all(files, options);
  std::vector<File*> work;
  uint64_t bytes = 0;
  for (File& file : files) {
    if (file.known && options.store == nullptr) continue;
    work.push_back(&file);
    if (!file.known) bytes += file.stamp.size;
  }
  log::debug(
      "looking at files",
      {{"files", text::concat(files.size())},
       {"known", text::concat(std::count_if(files.begin(), files.end(), [](const File& file) { return file.known; }))},
       {"bytes_to_hash", text::concat(bytes)}});
  Progress progress(options.label.empty() ? "Hashing" : options.label, bytes, ProgressUnit::kBytes);
  parallel_for(work.size(), default_jobs(), [&](size_t i) { hash_one(*work[i], options, progress); });
  if (options.kind == ObjectKind::kLegacy) return;
  for (const File* file : work) state_.remember(state_key(file->path), file->stamp, file->md5);
}

}  // namespace slipway::data
