#include "foundation/base/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>

#include "foundation/base/error.h"

namespace slipway::files {

Descriptor::~Descriptor() {
  if (number_ >= 0) ::close(number_);
}

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  if (this != &other) {
    if (number_ >= 0) ::close(number_);
    number_ = other.release();
  }
  return *this;
}

int Descriptor::release() {
  const int number = number_;
  number_ = -1;
  return number;
}

Descriptor open_for_reading(const std::string& path) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) throw system_error(text::concat("open ", path));
  return file;
}

std::string read(const std::string& path) {
  const Descriptor file = open_for_reading(path);
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) throw system_error(text::concat("stat ", path));
  if (S_ISDIR(info.st_mode)) throw invalid_argument(path, " is a folder, a file was expected");
  std::string out;
  out.resize(static_cast<size_t>(info.st_size) + 1);
  size_t used = 0;
  while (true) {
    const ssize_t got = ::read(file.get(), out.data() + used, out.size() - used);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw system_error(text::concat("read ", path));
    if (got == 0) break;
    used += static_cast<size_t>(got);
    if (used == out.size()) out.resize(out.size() * 2);
  }
  out.resize(used);
  return out;
}

// Linux gives a larger write larger pages of its cache; taking fresh ones made writes of 1 MiB five times slower than
// these.
constexpr size_t kMostPerWrite = size_t{256} << 10U;

void write_all(int descriptor, std::string_view content, std::string_view path) {
  while (!content.empty()) {
    const ssize_t done = ::write(descriptor, content.data(), std::min(content.size(), kMostPerWrite));
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) throw system_error(text::concat("write ", path));
    content.remove_prefix(static_cast<size_t>(done));
  }
}

void sync_folder(const std::string& path) {
  const Descriptor folder(::open(path.empty() ? "." : path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.valid() || ::fsync(folder.get()) != 0) throw system_error(text::concat("sync folder ", path));
}

void create_folders(const std::string& path) {
  if (path.empty()) return;
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) {
    errno = error.value();
    throw system_error(text::concat("create folder ", path));
  }
}

void write_atomic(const std::string& path, std::string_view content) {
  static std::atomic<unsigned> counter{0};
  const std::string folder = std::filesystem::path(path).parent_path().string();
  create_folders(folder);
  const std::string staged = text::concat(path, ".", ::getpid(), ".", counter.fetch_add(1), ".tmp");
  try {
    const Descriptor file(::open(staged.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
    if (!file.valid()) throw system_error(text::concat("create ", staged));
    write_all(file.get(), content, staged);
    if (::fsync(file.get()) != 0) throw system_error(text::concat("sync ", staged));
    if (::rename(staged.c_str(), path.c_str()) != 0) throw system_error(text::concat("rename to ", path));
  } catch (...) {
    ::unlink(staged.c_str());
    throw;
  }
  sync_folder(folder);
}

bool exists(const std::string& path) {
  std::error_code error;
  return std::filesystem::exists(path, error);
}

TemporaryFolder::TemporaryFolder(std::string_view prefix) {
  std::string pattern = text::concat(std::filesystem::temp_directory_path().string(), "/", prefix, "-XXXXXX");
  if (::mkdtemp(pattern.data()) == nullptr) throw system_error(text::concat("create folder ", pattern));
  path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code error;
  std::filesystem::remove_all(path_, error);
}

}  // namespace slipway::files
