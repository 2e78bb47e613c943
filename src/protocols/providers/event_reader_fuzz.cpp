#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "protocols/providers/event_reader.h"

using slipway::providers::EventReader;

namespace {

std::vector<std::string> events_of(std::string_view bytes, size_t step) {
  std::vector<std::string> out;
  EventReader reader;
  const auto keep = [&](std::string_view data) { out.emplace_back(data); };
  for (size_t i = 0; i < bytes.size(); i += step) reader.feed(bytes.substr(i, step), keep);
  reader.finish(keep);
  return out;
}

}  // namespace

// However a stream is cut, the same events come out.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (events_of(bytes, size) != events_of(bytes, size_t{data[0]} % 16 + 1)) __builtin_trap();
  return 0;
}
