#include "foundation/base/json_stream.h"

#include <cstdlib>

// Whatever the reader accepts it must accept again, and a string it returns must survive writing and reading.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    slipway::JsonReader reader(text);
    const std::string_view value = reader.skip();
    reader.finish();
    if (slipway::JsonReader(value).skip().size() != value.size()) std::abort();
    slipway::JsonReader again(value);
    if (again.peek() == slipway::JsonReader::Kind::kString) {
      const std::string content(again.read_string());
      std::string written;
      slipway::append_json_string(written, content);
      if (slipway::JsonReader(written).read_string() != content) std::abort();
    }
  } catch (const slipway::Error&) {
  }
  return 0;
}
