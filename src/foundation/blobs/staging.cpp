#include "foundation/blobs/staging.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <memory>
#include <vector>

#include "foundation/base/error.h"
#include "foundation/blobs/blob_store.h"

namespace slipway::blobs {

namespace {
// Folders may be removed as empty between their creation and the move into them.
constexpr int kMaxMoves = 10;
}  // namespace

Staging::Staging(const RootedFolder& root) {
  const std::string name(kReservedFolder);
  if (::mkdirat(root.descriptor(), name.c_str(), 0777) != 0 && errno != EEXIST) {
    throw system_error("create " + root.path() + "/" + name);
  }
  folder_ = root.open(name, O_RDONLY | O_DIRECTORY);
  if (!folder_.valid()) throw system_error("open " + root.path() + "/" + name);
  clean();
}

void Staging::clean() const {
  files::Descriptor listed(::openat(folder_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!listed.valid()) return;
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::fdopendir(listed.get()), ::closedir);
  if (!stream) return;
  listed.release();  // the stream closes it
  while (const dirent* entry = ::readdir(stream.get())) {
    const files::Descriptor file(
        ::openat(folder_.get(), entry->d_name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    struct stat info {};
    if (!file.valid() || ::fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode)) continue;
    if (::flock(file.get(), LOCK_EX | LOCK_NB) == 0) ::unlinkat(folder_.get(), entry->d_name, 0);
  }
}

Staging::File Staging::create() {
  for (;;) {
    File out{files::Descriptor(), ids_.hex(32)};
    out.descriptor =
        files::Descriptor(::openat(folder_.get(), out.name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
    if (!out.descriptor.valid()) throw system_error("create a file for an upload");
    struct stat info {};
    // Another program that cleaned up just between the creation and the lock has removed the file; then once more.
    const bool locked = ::flock(out.descriptor.get(), LOCK_EX | LOCK_NB) == 0;
    if (locked && ::fstat(out.descriptor.get(), &info) == 0 && info.st_nlink > 0) return out;
  }
}

void Staging::place(const File& file, const RootedFolder& root, const std::string& key) const {
  for (int i = 0; i < kMaxMoves; ++i) {
    const files::Descriptor folder = root.make_parent(key);
    if (!folder.valid()) continue;
    if (move(file, folder.get(), name_of(key))) {
      if (::fsync(folder.get()) != 0) throw system_error(text::concat("sync the folder of blob ", key));
      return;
    }
    if (errno == EISDIR || errno == ENOTEMPTY || errno == EEXIST) {
      throw failed_precondition("blob key ", key, " is the folder of other blobs; choose another key");
    }
    if (errno != ENOENT) throw system_error(text::concat("move blob into place: ", key));
  }
  throw conflict("the folder of blob ", key, " is removed again and again by somebody else; try again");
}

bool Staging::move(const File& file, int folder, const std::string& name) const {
  return ::renameat(folder_.get(), file.name.c_str(), folder, name.c_str()) == 0;
}

void Staging::drop(const File& file) const { ::unlinkat(folder_.get(), file.name.c_str(), 0); }

}  // namespace slipway::blobs
