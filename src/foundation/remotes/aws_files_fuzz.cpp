// Whatever somebody's settings files hold, reading them ends with values that have no line ends in them.
#include <cstdlib>

#include "foundation/remotes/aws_files.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto file = slipway::remotes::parse_aws_file({reinterpret_cast<const char*>(data), size});
  for (const auto& [section, values] : file) {
    for (const auto& [name, value] : values) {
      if (value.find('\n') != std::string::npos || name.find('\n') != std::string::npos) std::abort();
    }
    slipway::remotes::find_aws_profile(file, file, section);
  }
  return 0;
}
