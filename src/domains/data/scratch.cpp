#include "domains/data/scratch.h"

#include <fcntl.h>
#include <unistd.h>

#include "foundation/base/error.h"
#include "foundation/base/files.h"

namespace slipway::data {

bool replace_scratch(const std::string& path, std::string_view content) {
  const std::string beside = text::concat(path, ".", ::getpid());
  const files::Descriptor out(::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (!out.valid()) return false;
  try {
    files::write_all(out.get(), content, beside);
  } catch (const Error&) {
    ::unlink(beside.c_str());
    return false;
  }
  if (::rename(beside.c_str(), path.c_str()) == 0) return true;
  ::unlink(beside.c_str());
  return false;
}

}  // namespace slipway::data
