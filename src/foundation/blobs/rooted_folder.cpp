#include "foundation/blobs/rooted_folder.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "foundation/base/error.h"
#include "foundation/base/text.h"

namespace slipway::blobs {

namespace {

files::Descriptor open_root(const std::string& path) {
  files::create_folders(path);
  files::Descriptor root(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!root.valid()) throw system_error(text::concat("open blob folder ", path));
  return root;
}

}  // namespace

std::string parent_of(std::string_view relative) {
  const size_t slash = relative.rfind('/');
  return std::string(slash == std::string_view::npos ? std::string_view() : relative.substr(0, slash));
}

std::string name_of(std::string_view relative) {
  const size_t slash = relative.rfind('/');
  return std::string(slash == std::string_view::npos ? relative : relative.substr(slash + 1));
}

RootedFolder::RootedFolder(std::string path) : path_(std::move(path)), root_(open_root(path_)) {}

files::Descriptor RootedFolder::open(const std::string& relative, int flags, int mode) const {
  open_how how{};
  how.flags = static_cast<uint64_t>(flags | O_CLOEXEC);
  how.mode = static_cast<uint64_t>(mode);
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  const char* name = relative.empty() ? "." : relative.c_str();
  for (;;) {
    files::Descriptor opened(static_cast<int>(::syscall(SYS_openat2, root_.get(), name, &how, sizeof(how))));
    if (opened.valid()) return opened;
    // The kernel asks to try again when something was renamed meanwhile.
    if (errno == EAGAIN || errno == EINTR) continue;
    // Kernels before 5.6 and some sandboxes lack the call.
    if (errno == ENOSYS || errno == EPERM) return open_by_steps(relative, flags, mode);
    if (errno == ELOOP) errno = ENOENT;
    return opened;
  }
}

files::Descriptor RootedFolder::open_by_steps(const std::string& relative, int flags, int mode) const {
  files::Descriptor folder(::fcntl(root_.get(), F_DUPFD_CLOEXEC, 0));
  const std::vector<std::string> parts = relative.empty() ? std::vector<std::string>{"."} : text::split(relative, '/');
  for (size_t i = 0; i < parts.size() && folder.valid(); ++i) {
    const bool last = i + 1 == parts.size();
    const int step_flags = last ? flags | O_NOFOLLOW : O_PATH | O_DIRECTORY | O_NOFOLLOW;
    if (parts[i] == "..") {
      errno = ENOENT;
      return files::Descriptor();
    }
    folder = files::Descriptor(::openat(folder.get(), parts[i].c_str(), step_flags | O_CLOEXEC, mode));
    if (!folder.valid() && errno == ELOOP) errno = ENOENT;
  }
  return folder;
}

files::Descriptor RootedFolder::make_parent(const std::string& relative) const {
  const std::string parent = parent_of(relative);
  files::Descriptor found = open(parent, O_RDONLY | O_DIRECTORY);
  if (found.valid()) return found;
  if (errno == ENOTDIR) {
    throw failed_precondition("a blob stands where the folder of \"", relative, "\" would be; choose another key");
  }
  if (errno != ENOENT) throw system_error(text::concat("open blob folder ", parent));
  const files::Descriptor above = make_parent(parent);
  if (!above.valid()) return files::Descriptor();
  const std::string name = name_of(parent);
  if (::mkdirat(above.get(), name.c_str(), 0777) != 0 && errno != EEXIST) {
    if (errno == ENOENT) return files::Descriptor();
    throw system_error(text::concat("create blob folder ", parent));
  }
  if (::fsync(above.get()) != 0) throw system_error(text::concat("sync the folder of blob folder ", parent));
  struct stat info {};
  if (::fstatat(above.get(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(info.st_mode)) {
    throw permission_denied("blob folder ", parent,
                            " is a symbolic link, which a store does not follow; replace it by a folder");
  }
  files::Descriptor made = open(parent, O_RDONLY | O_DIRECTORY);
  if (made.valid() || errno == ENOENT) return made;
  throw system_error(text::concat("open blob folder ", parent));
}

void RootedFolder::remove_empty_parents(const std::string& relative) const {
  for (std::string folder = parent_of(relative); !folder.empty(); folder = parent_of(folder)) {
    const files::Descriptor above = open(parent_of(folder), O_RDONLY | O_DIRECTORY);
    if (!above.valid() || ::unlinkat(above.get(), name_of(folder).c_str(), AT_REMOVEDIR) != 0) return;
  }
}

}  // namespace slipway::blobs
