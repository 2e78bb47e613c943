#include "domains/data/objects.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <vector>

#include "domains/data/paths.h"
#include "foundation/base/error.h"
#include "foundation/base/files.h"
#include "foundation/base/hash.h"

namespace slipway::data {

namespace {

constexpr mode_t kTrusted = 0444;
// What a link to an object turns it into when the link is made executable.
constexpr mode_t kTrustedExecutable = kTrusted | S_IXUSR;
// Whoever is in the group may write, and what is made in it belongs to the group.
constexpr mode_t kGroupFolder = 02775;
constexpr mode_t kGroupFile = 0664;
// Files up to this size are read whole, so that one which exists already is never written.
constexpr uint64_t kWholeBytes = 1U << 20U;
constexpr size_t kBufferBytes = 1U << 20U;

std::atomic<uint64_t> draft_number = 0;

size_t read_some(int source, char* into, size_t room, std::string_view path) {
  for (;;) {
    const ssize_t got = ::read(source, into, room);
    if (got >= 0) return static_cast<size_t>(got);
    if (errno != EINTR) throw system_error(text::concat("read ", path));
  }
}

char* buffer_of_thread() {
  thread_local std::vector<char> buffer(kBufferBytes);
  return buffer.data();
}

mode_t file_mask() {
  static const mode_t mask = [] {
    const mode_t now = ::umask(022);
    ::umask(now);
    return now;
  }();
  return mask;
}

// DVC 2 took a file as text when a block of it held few control characters.
bool looks_like_text(std::string_view block) {
  if (block.find('\0') != std::string_view::npos) return false;
  const auto is_plain = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte >= 32 && byte < 127) || byte == '\n' || byte == '\r' || byte == '\t' || byte == '\f' || byte == '\b';
  };
  const auto odd =
      static_cast<size_t>(block.size() - static_cast<size_t>(std::count_if(block.begin(), block.end(), is_plain)));
  return odd * 10 <= block.size() * 3;
}

}  // namespace

std::vector<LinkKind> parse_link_kinds(std::string_view text) {
  std::vector<LinkKind> out;
  for (const std::string& word : text::split(text, ',')) {
    const std::string_view kind = text::trim(word);
    if (kind == "reflink") {
      out.push_back(LinkKind::kReflink);
    } else if (kind == "copy") {
      out.push_back(LinkKind::kCopy);
    } else if (kind == "hardlink") {
      out.push_back(LinkKind::kHardlink);
    } else if (kind == "symlink") {
      out.push_back(LinkKind::kSymlink);
    } else {
      throw invalid_argument("cache.type must list reflink, copy, hardlink or symlink, not '", kind, "'");
    }
  }
  return out;
}

// A file beside the objects that becomes one by its rename, or goes.
class ObjectStore::Draft {
 public:
  explicit Draft(const ObjectStore& store)
      : store_(store),
        folder_(store.root_ + "/files/slipway"),
        path_(text::concat(folder_, "/", ::getpid(), "-", draft_number++)) {
    file_ = open();
    if (!file_.valid() && errno == ENOENT) {
      store_.create_folders(folder_);
      file_ = open();
    }
    if (!file_.valid()) throw system_error(text::concat("create ", path_));
  }
  ~Draft() {
    if (!done_) ::unlink(path_.c_str());
  }
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;

  int descriptor() const { return file_.get(); }
  const std::string& path() const { return path_; }
  void write(std::string_view bytes) const { files::write_all(file_.get(), bytes, path_); }

  void become(const std::string& object) {
    if (::fchmod(file_.get(), kTrusted) != 0) throw system_error(text::concat("protect ", path_));
    if (::rename(path_.c_str(), object.c_str()) != 0) {
      if (errno != ENOENT) throw system_error(text::concat("create ", object));
      store_.create_folders(paths::parent(object));
      if (::rename(path_.c_str(), object.c_str()) != 0) throw system_error(text::concat("create ", object));
    }
    done_ = true;
  }

 private:
  files::Descriptor open() const {
    return files::Descriptor(::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  }

  const ObjectStore& store_;
  const std::string folder_;
  const std::string path_;
  files::Descriptor file_;
  bool done_ = false;
};

ObjectStore::ObjectStore(std::string root, bool group_shared) : root_(std::move(root)), group_shared_(group_shared) {}

std::string ObjectStore::path_of(std::string_view hash, ObjectKind kind) const {
  if (!is_object_hash(hash)) throw data_loss("'", hash, "' is not the hash of an object");
  return text::concat(root_, kind == ObjectKind::kLegacy ? "/" : "/files/md5/", hash.substr(0, 2), "/", hash.substr(2));
}

bool ObjectStore::contains(const std::string& hash, ObjectKind kind) const {
  const std::string path = path_of(hash, kind);
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return false;
  const mode_t mode = info.st_mode & 07777U;
  if (mode == kTrusted || mode == kTrustedExecutable) return true;
  if (!S_ISREG(info.st_mode)) return false;
  if (md5_of_file(path, is_tree_hash(hash) ? ObjectKind::kCurrent : kind) == hash.substr(0, 32)) {
    ::chmod(path.c_str(), kTrusted);
    return true;
  }
  ::unlink(path.c_str());
  return false;
}

std::vector<std::string> ObjectStore::list(ObjectKind kind) const {
  std::vector<std::string> out;
  std::error_code ignored;
  const std::string folder = kind == ObjectKind::kLegacy ? root_ : root_ + "/files/md5";
  for (const auto& group : std::filesystem::directory_iterator(folder, ignored)) {
    const std::string prefix = group.path().filename().string();
    if (prefix.size() != 2 || !group.is_directory()) continue;
    for (const auto& file : std::filesystem::directory_iterator(group.path())) {
      std::string hash = prefix + file.path().filename().string();
      if (is_object_hash(hash)) out.push_back(std::move(hash));
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

void ObjectStore::remove(const std::string& hash, ObjectKind kind) const {
  const std::string path = path_of(hash, kind);
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) throw system_error(text::concat("remove ", path));
}

void ObjectStore::create_folders(const std::string& folder) const {
  if (!group_shared_) return files::create_folders(folder);
  std::vector<std::string> missing;
  for (std::string at = folder; !files::exists(at); at = paths::parent(at)) missing.push_back(at);
  for (auto at = missing.rbegin(); at != missing.rend(); ++at) {
    // Whoever makes it also opens it: the others of the group are not allowed to.
    if (::mkdir(at->c_str(), 0777) == 0) {
      if (::chmod(at->c_str(), kGroupFolder) != 0) throw system_error(text::concat("open to the group ", *at));
    } else if (errno != EEXIST) {
      throw system_error(text::concat("create ", *at));
    }
  }
}

void ObjectStore::share_file(const std::string& path) const {
  if (group_shared_ && ::chmod(path.c_str(), kGroupFile) != 0)
    throw system_error(text::concat("open to the group ", path));
}

void ObjectStore::remove_leftovers() const {
  std::error_code ignored;
  for (const auto& file : std::filesystem::directory_iterator(root_ + "/files/slipway", ignored)) {
    const std::string name = file.path().filename().string();
    const auto writer = text::parse_int(name.substr(0, name.find('-')));
    const bool is_gone = writer && *writer > 0 && ::kill(static_cast<pid_t>(*writer), 0) != 0 && errno == ESRCH;
    if (is_gone) ::unlink(file.path().c_str());
  }
}

void ObjectStore::put(const std::string& hash, std::string_view bytes) const {
  Draft draft(*this);
  draft.write(bytes);
  draft.become(path_of(hash));
}

StoredFile ObjectStore::put_file(const std::string& path, Progress* progress) const {
  const files::Descriptor source = files::open_for_reading(path);
  struct stat info {};
  if (::fstat(source.get(), &info) != 0) throw system_error(text::concat("read ", path));
  const auto size = static_cast<uint64_t>(info.st_size);
  if (size >= kWholeBytes) return put_streaming(source.get(), path, progress);
  if (progress != nullptr) progress->add(size);
  return put_whole(source.get(), size, path);
}

StoredFile ObjectStore::put_whole(int source, uint64_t size, const std::string& path) const {
  char* buffer = buffer_of_thread();
  size_t filled = 0;
  while (filled < kBufferBytes) {
    const size_t got = read_some(source, buffer + filled, kBufferBytes - filled, path);
    filled += got;
    if (got == 0) break;
  }
  if (filled == kBufferBytes || filled != size) {
    throw conflict("'", path, "' changed while it was read; wait until it is complete and try again");
  }
  const std::string_view bytes(buffer, filled);
  StoredFile out{hash_hex(HashKind::kMd5, bytes), size};
  if (!contains(out.md5)) put(out.md5, bytes);
  return out;
}

StoredFile ObjectStore::put_streaming(int source, const std::string& path, Progress* progress) const {
  Draft draft(*this);
  const bool cloned = reflink_works_ && ::ioctl(draft.descriptor(), FICLONE, source) == 0;
  if (!cloned) reflink_works_ = false;
  Hasher hasher(HashKind::kMd5);
  StoredFile out;
  char* buffer = buffer_of_thread();
  for (size_t got = read_some(source, buffer, kBufferBytes, path); got > 0;
       got = read_some(source, buffer, kBufferBytes, path)) {
    const std::string_view bytes(buffer, got);
    hasher.update(bytes);
    if (!cloned) draft.write(bytes);
    if (progress != nullptr) progress->add(got);
    out.size += got;
  }
  out.md5 = hasher.finish_hex();
  if (!contains(out.md5)) draft.become(path_of(out.md5));
  return out;
}

bool ObjectStore::adopt(const std::string& path, const std::string& md5) const {
  const std::string object = path_of(md5);
  create_folders(paths::parent(object));
  // Read-only before it has its final name: nobody finds an object there that may still be written.
  struct stat before {};
  if (::stat(path.c_str(), &before) != 0 || ::chmod(path.c_str(), kTrusted) != 0) return false;
  if (::link(path.c_str(), object.c_str()) == 0) return true;
  const bool exists = errno == EEXIST;
  ::chmod(path.c_str(), before.st_mode & 07777U);
  return exists;
}

void ObjectStore::receive(const std::string& hash, ObjectKind kind, const Read& read, std::string_view from) const {
  Draft draft(*this);
  Hasher hasher(HashKind::kMd5);
  char* buffer = buffer_of_thread();
  while (const size_t got = read(buffer, kBufferBytes)) {
    hasher.update(std::string_view(buffer, got));
    draft.write({buffer, got});
  }
  // Legacy hashes are of converted text, so they are checked when the copy is complete.
  const std::string found = hasher.finish_hex();
  const std::string_view wanted = std::string_view(hash).substr(0, 32);
  if (found != wanted && (kind != ObjectKind::kLegacy || md5_of_file(draft.path(), kind) != wanted)) {
    throw data_loss("'", from, "' is damaged: its content has the hash ", found, "; restore it from another copy");
  }
  draft.become(path_of(hash, kind));
}

Tree ObjectStore::read_tree(const std::string& hash, ObjectKind kind) const {
  return parse_tree(files::read(path_of(hash, kind)));
}

bool ObjectStore::link_one(LinkKind how, const std::string& object, const std::string& beside, bool executable) const {
  if (how == LinkKind::kHardlink || how == LinkKind::kSymlink) {
    const auto make = how == LinkKind::kHardlink ? ::link : ::symlink;
    if (make(object.c_str(), beside.c_str()) != 0) return false;
    if (executable) make_executable(beside);
    return true;
  }
  if (how == LinkKind::kReflink && !reflink_works_) return false;
  const files::Descriptor source = files::open_for_reading(object);
  const mode_t mode = (executable ? 0777U : 0666U) & ~file_mask();
  const files::Descriptor out(::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
  if (!out.valid()) throw system_error(text::concat("create ", beside));
  if (how == LinkKind::kReflink) {
    if (::ioctl(out.get(), FICLONE, source.get()) == 0) return true;
    reflink_works_ = false;
    ::unlink(beside.c_str());
    return false;
  }
  char* buffer = buffer_of_thread();
  for (size_t got = read_some(source.get(), buffer, kBufferBytes, object); got > 0;
       got = read_some(source.get(), buffer, kBufferBytes, object)) {
    files::write_all(out.get(), {buffer, got}, beside);
  }
  return true;
}

LinkKind ObjectStore::place(const std::string& hash, const std::string& target, const std::vector<LinkKind>& kinds,
                            bool executable, ObjectKind kind) const {
  const std::string object = path_of(hash, kind);
  const std::string beside = text::concat(paths::parent(target), "/.slipway-", ::getpid(), "-", draft_number++);
  struct stat info {};
  if (::stat(object.c_str(), &info) != 0) throw system_error(text::concat("read ", object));
  std::vector<LinkKind> order = kinds;
  // A link to an empty file would tie together all empty files of the workspace.
  if (info.st_size == 0) order = {LinkKind::kCopy};
  for (const LinkKind how : order) {
    try {
      if (!link_one(how, object, beside, executable)) continue;
      if (::rename(beside.c_str(), target.c_str()) != 0) throw system_error(text::concat("create ", target));
      // Renaming one name of a file over another name of it does nothing, and leaves both.
      if (how == LinkKind::kHardlink) ::unlink(beside.c_str());
      return how;
    } catch (...) {
      ::unlink(beside.c_str());
      throw;
    }
  }
  throw failed_precondition("none of the link types of cache.type works for '", target,
                            "'; add copy to the list in the configuration");
}

bool ObjectStore::is_placed_as(const std::string& hash, const std::string& target, LinkKind wanted) const {
  struct stat object {};
  struct stat file {};
  if (::lstat(target.c_str(), &file) != 0 || ::stat(path_of(hash).c_str(), &object) != 0) return false;
  const bool same_inode = file.st_ino == object.st_ino && file.st_dev == object.st_dev;
  if (object.st_size == 0) return S_ISREG(file.st_mode) && !same_inode;
  if (wanted == LinkKind::kHardlink) return same_inode;
  if (wanted == LinkKind::kSymlink) return S_ISLNK(file.st_mode);
  return S_ISREG(file.st_mode) && !same_inode;
}

void make_executable(const std::string& path) {
  struct stat info {};
  const bool done = ::stat(path.c_str(), &info) == 0 && ::chmod(path.c_str(), (info.st_mode & 07777U) | S_IXUSR) == 0;
  if (!done) throw system_error(text::concat("make executable ", path));
}

std::string md5_of_file(const std::string& path, ObjectKind kind, Progress* progress) {
  if (kind == ObjectKind::kLegacy) {
    const std::string bytes = files::read(path);
    if (!looks_like_text(std::string_view(bytes).substr(0, 512))) return hash_hex(HashKind::kMd5, bytes);
    return hash_hex(HashKind::kMd5, text::replace_all(bytes, "\r\n", "\n"));
  }
  const files::Descriptor source = files::open_for_reading(path);
  Hasher hasher(HashKind::kMd5);
  char* buffer = buffer_of_thread();
  for (size_t got = read_some(source.get(), buffer, kBufferBytes, path); got > 0;
       got = read_some(source.get(), buffer, kBufferBytes, path)) {
    hasher.update(std::string_view(buffer, got));
    if (progress != nullptr) progress->add(got);
  }
  return hasher.finish_hex();
}

}  // namespace slipway::data
