// Listing a folder tree page by page, in the bytewise order of the keys.
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "foundation/base/error.h"
#include "foundation/base/text.h"
#include "foundation/blobs/local_store.h"

namespace slipway::blobs {

namespace {

class Walk {
 public:
  Walk(const RootedFolder& root, const ListOptions& options) : root_(root), options_(options) {}

  ListPage run() {
    const size_t slash = options_.prefix.rfind('/');
    const std::string start = slash == std::string::npos ? "" : options_.prefix.substr(0, slash + 1);
    visit(start);
    return std::move(page_);
  }

 private:
  // Names of the folder at `prefix` ("" or ending in `/`) as keys; those of folders end in `/`, which is what sorts
  // them among the files as their contents would.
  std::vector<std::string> keys_of(const std::string& prefix) const {
    std::vector<std::string> out;
    files::Descriptor folder =
        root_.open(prefix.substr(0, prefix.size() - (prefix.empty() ? 0 : 1)), O_RDONLY | O_DIRECTORY);
    if (!folder.valid()) {
      if (errno == ENOENT || errno == ENOTDIR) return out;
      throw system_error(text::concat("list blobs below ", prefix));
    }
    const std::unique_ptr<DIR, int (*)(DIR*)> stream(::fdopendir(folder.get()), ::closedir);
    if (!stream) throw system_error(text::concat("list blobs below ", prefix));
    folder.release();  // the stream closes it
    while (const dirent* entry = ::readdir(stream.get())) {
      const unsigned char type = entry->d_type == DT_UNKNOWN ? type_of(stream.get(), entry->d_name) : entry->d_type;
      if (type != DT_REG && type != DT_DIR) continue;
      const std::string key = prefix + entry->d_name;
      if (is_key(key)) out.push_back(type == DT_DIR ? key + "/" : key);
    }
    std::sort(out.begin(), out.end());
    return out;
  }

  static unsigned char type_of(DIR* stream, const char* name) {
    struct stat info {};
    if (::fstatat(::dirfd(stream), name, &info, AT_SYMLINK_NOFOLLOW) != 0) return DT_UNKNOWN;
    if (S_ISDIR(info.st_mode)) return DT_DIR;
    return S_ISREG(info.st_mode) ? DT_REG : DT_UNKNOWN;
  }

  // Files that somebody else put there under names that are no keys stay invisible; `.` and `..` are among them.
  static bool is_key(const std::string& name) {
    try {
      check_key(name);
      return true;
    } catch (const Error&) {
      return false;
    }
  }

  bool is_wanted(const std::string& key) const {
    const std::string& prefix = options_.prefix;
    const bool folder = key.back() == '/';
    const bool matches = key.starts_with(prefix) || (folder && prefix.starts_with(key));
    if (!matches) return false;
    const bool around_after = folder && options_.after.starts_with(key);
    // Past a whole folder only when folders are folded: else its contents come after its name.
    if (around_after) return !(options_.by_folder && options_.after == key);
    return key > options_.after;
  }

  // Folders count as one entry when they are folded, and only if something is in them.
  bool is_folded(const std::string& key) const {
    return options_.by_folder && key.size() > options_.prefix.size() && key.starts_with(options_.prefix);
  }

  bool has_blob(const std::string& prefix) const {
    for (const std::string& key : keys_of(prefix)) {
      if (key.back() != '/' || has_blob(key)) return true;
    }
    return false;
  }

  // False when the page is full.
  bool visit(const std::string& prefix) {
    for (const std::string& key : keys_of(prefix)) {
      if (!is_wanted(key)) continue;
      const bool folder = key.back() == '/';
      if (folder && !is_folded(key)) {
        if (!visit(key)) return false;
      } else if (!folder || has_blob(key)) {
        if (!add(key)) return false;
      }
    }
    return true;
  }

  bool add(const std::string& key) {
    if (page_.blobs.size() + page_.folders.size() == options_.limit) {
      page_.next = last_;
      return false;
    }
    if (key.back() == '/') {
      page_.folders.push_back(key);
    } else if (!add_blob(key)) {
      return true;
    }
    last_ = key;
    return true;
  }

  // False when it was removed meanwhile.
  bool add_blob(const std::string& key) {
    const files::Descriptor file = root_.open(key, O_PATH);
    struct stat info {};
    if (!file.valid() || ::fstat(file.get(), &info) != 0) return false;
    const int64_t modified_ms = info.st_mtim.tv_sec * 1000 + info.st_mtim.tv_nsec / 1'000'000;
    page_.blobs.push_back({key, static_cast<uint64_t>(info.st_size), modified_ms});
    return true;
  }

  const RootedFolder& root_;
  const ListOptions& options_;
  ListPage page_;
  std::string last_;
};

}  // namespace

ListPage list_files(const RootedFolder& root, const ListOptions& options) {
  check_list_options(options);
  return Walk(root, options).run();
}

}  // namespace slipway::blobs
