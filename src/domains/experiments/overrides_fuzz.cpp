#include <cstddef>
#include <cstdint>
#include <string>

#include "domains/experiments/overrides.h"
#include "foundation/base/error.h"

// A parameter on the command line, put into a small file.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  const std::string text(reinterpret_cast<const char*>(bytes), size);  // NOLINT: bytes are text here
  try {
    const auto overrides = slipway::experiments::parse_overrides({text});
    for (const auto& one : slipway::experiments::expand_sweeps(overrides)) {
      for (const auto& [file, list] : one) {
        slipway::experiments::apply("a: 1\nb: {c: [1, 2]}\n", "params.yaml", list);
        break;
      }
      break;
    }
  } catch (const slipway::Error&) {
    // Refusing is fine; crashing is not.
  }
  return 0;
}
