// Files on local disk: whole reads, atomic durable writes, folders. Used by every module that keeps files.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace slipway::files {

// An open descriptor, closed when it goes.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  ~Descriptor();
  Descriptor(Descriptor&& other) noexcept : number_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  int get() const { return number_; }
  bool valid() const { return number_ >= 0; }
  int release();

 private:
  int number_;
};

Descriptor open_for_reading(const std::string& path);
// The whole file; throws not_found and friends with the path in the text.
std::string read(const std::string& path);
// Writes beside the target, fsyncs, renames over it and fsyncs the folder: after a crash the old or the new content is
// there, never a part. Creates parent folders.
void write_atomic(const std::string& path, std::string_view content);
void write_all(int descriptor, std::string_view content, std::string_view path);
void sync_folder(const std::string& path);
void create_folders(const std::string& path);
bool exists(const std::string& path);

// A fresh folder under the system's temporary folder, removed with all it holds when the object goes. For tests and
// staging.
class TemporaryFolder {
 public:
  explicit TemporaryFolder(std::string_view prefix = "slipway");
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::string& path() const { return path_; }
  std::string file(std::string_view name) const { return path_ + "/" + std::string(name); }

 private:
  std::string path_;
};

}  // namespace slipway::files
