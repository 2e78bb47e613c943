#include <cstdint>
#include <string_view>

#include "domains/genai/record_content.h"
#include "foundation/base/error.h"

using namespace slipway;

// Whatever a record holds, it is refused or can be compared, merged with itself and described.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  genai::NewRecord record;
  record.inputs = std::string(reinterpret_cast<const char*>(data), size);
  record.outputs = record.inputs;
  record.expectations = record.inputs;
  try {
    genai::complete(record);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kInvalidArgument) throw;
    return 0;
  }
  const std::string merged = genai::merged(record.inputs, record.inputs);
  if (genai::hash_of(merged) != genai::hash_of(record.inputs)) __builtin_trap();
  genai::text_member(record.inputs, genai::kUserTag);
  genai::extended_schema(genai::extended_schema(std::nullopt, {record}), {record});
  return 0;
}
