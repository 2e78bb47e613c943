// A file that is written beside its target and takes the target's place when complete. Used by io.cpp.
#pragma once

#include <string>
#include <string_view>

#include "foundation/base/files.h"

namespace slipway::tables {

class OutputFile {
 public:
  explicit OutputFile(const std::string& path);
  // Removes what was written unless committed.
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  void write(std::string_view bytes);
  // Flushes to the disk, then renames over the target.
  void commit();

 private:
  std::string path_;
  std::string beside_;
  files::Descriptor descriptor_;
  bool committed_ = false;
};

}  // namespace slipway::tables
