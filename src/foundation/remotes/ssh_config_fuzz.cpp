// Whatever a settings file holds, reading it ends, with values that have no line ends in them.
#include <cstdlib>

#include "foundation/remotes/ssh_config.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto host = slipway::remotes::find_ssh_host({reinterpret_cast<const char*>(data), size}, "host.example");
  for (const std::string& value : {host.host_name, host.port, host.user, host.strict_host_key_checking}) {
    if (value.find('\n') != std::string::npos) std::abort();
  }
  return 0;
}
