// Standard output that tells when it could not be written: a full disk must not look like a command that worked. Used
// once, around every command.
#pragma once

#include <memory>
#include <streambuf>

namespace slipway::cli {

class Output {
 public:
  // From now on std::cout writes here.
  Output();
  ~Output();
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  // Writes what is left. The command's own exit code if all of it was written; else says why on standard error. A
  // reader that went away (`slipway list | head`) ends the command as SIGPIPE would have, without a word.
  int finish(int exit_code);

 private:
  class Buffer;
  std::unique_ptr<Buffer> buffer_;
  std::streambuf* before_;  // what std::cout wrote to, and will again
};

}  // namespace slipway::cli
