#include "foundation/tables/output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "foundation/base/blocking.h"
#include "foundation/base/error.h"

namespace slipway::tables {

OutputFile::OutputFile(const std::string& path) : path_(path), beside_(path + ".XXXXXX") {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  if (!folder.empty()) files::create_folders(folder.string());
  if (std::filesystem::is_directory(path)) throw invalid_argument(path, " is a folder; name a file");
  descriptor_ = files::Descriptor(::mkostemp(beside_.data(), O_CLOEXEC));
  if (!descriptor_.valid()) throw system_error(text::concat("write ", path));
  // mkostemp makes the file private; a result is as readable as any other new file.
  const mode_t mask = ::umask(0);
  ::umask(mask);
  if (::fchmod(descriptor_.get(), 0666 & ~mask) != 0) throw system_error(text::concat("write ", path));
}

OutputFile::~OutputFile() {
  if (!committed_ && descriptor_.valid()) ::unlink(beside_.c_str());
}

void OutputFile::write(std::string_view bytes) { files::write_all(descriptor_.get(), bytes, path_); }

void OutputFile::commit() {
  const BlockingSection section;
  if (::fsync(descriptor_.get()) != 0) throw system_error(text::concat("flush ", path_));
  if (std::rename(beside_.c_str(), path_.c_str()) != 0) throw system_error(text::concat("rename to ", path_));
  committed_ = true;
  const std::string folder = std::filesystem::path(path_).parent_path().string();
  files::sync_folder(folder.empty() ? "." : folder);
}

}  // namespace slipway::tables
