#include "foundation/remotes/content.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "foundation/base/error.h"

namespace slipway::remotes {

std::string Content::read_part(uint64_t offset, uint64_t length) {
  std::string out(length, '\0');
  size_t filled = 0;
  while (filled < out.size()) {
    const size_t got = read_at(offset + filled, out.data() + filled, out.size() - filled);
    if (got == 0) throw conflict("what is being sent became shorter meanwhile; try again when it is complete");
    filled += got;
  }
  return out;
}

size_t MemoryContent::read_at(uint64_t offset, char* buffer, size_t capacity) {
  return offset >= bytes_.size() ? 0 : bytes_.copy(buffer, capacity, offset);
}

FileContent::FileContent(const std::string& path) : path_(path), file_(files::open_for_reading(path)) {
  struct stat info {};
  if (::fstat(file_.get(), &info) != 0) throw system_error(text::concat("read ", path));
  size_ = static_cast<uint64_t>(info.st_size);
}

size_t FileContent::read_at(uint64_t offset, char* buffer, size_t capacity) {
  for (;;) {
    const ssize_t got = ::pread(file_.get(), buffer, capacity, static_cast<off_t>(offset));
    if (got >= 0) return static_cast<size_t>(got);
    if (errno != EINTR) throw system_error(text::concat("read ", path_));
  }
}

}  // namespace slipway::remotes
