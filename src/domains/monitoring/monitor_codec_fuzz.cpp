// Definitions of monitors from outside. What is accepted must survive being stored and read back.
#include <cstdlib>

#include "domains/monitoring/monitor.h"
#include "foundation/base/error.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace slipway::monitoring;
  Monitor monitor;
  try {
    monitor = parse_monitor("m", std::string(reinterpret_cast<const char*>(data), size));
  } catch (const slipway::Error&) {
    return 0;
  }
  const std::string stored = monitor_json(monitor);
  if (monitor_json(parse_monitor("m", stored)) != stored) std::abort();
  return 0;
}
