#include <cstdint>
#include <string_view>

#include "domains/traces/json_text.h"
#include "domains/traces/span_content.h"
#include "domains/traces/span_store.h"
#include "foundation/base/error.h"
#include "protocols/otlp/decode.h"

using namespace slipway;

// Any body becomes spans that can be stored and read again, or is the caller's fault.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    for (auto& batch : otlp::decode_json({reinterpret_cast<const char*>(data), size})) {
      for (auto& span : batch.spans) {
        for (const auto& attribute : span.attributes) {
          if (traces::normal_json(attribute.value) != attribute.value) __builtin_trap();
        }
        const size_t count = span.attributes.size();
        traces::Span again;
        traces::decode_content(traces::prepare(std::move(span)).content, again);
        if (again.attributes.size() != count) __builtin_trap();
      }
    }
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kInvalidArgument) throw;
  }
  return 0;
}
