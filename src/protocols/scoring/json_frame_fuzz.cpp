#include "protocols/scoring/json_frame.h"

#include "protocols/scoring/errors.h"

// Any body gives a table or a refusal in the protocol's shape; nothing else escapes.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using slipway::tables::ColumnType;
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  slipway::packaging::Signature signature;
  signature.inputs = {{"l", ColumnType::kInteger, true},
                      {"d", ColumnType::kDouble, true},
                      {"s", ColumnType::kText, false},
                      {"b", ColumnType::kBoolean, false},
                      {"t", ColumnType::kTime, false}};
  for (const slipway::packaging::Signature& one : {signature, slipway::packaging::Signature()}) {
    try {
      slipway::scoring::read_json_frame(body, one);
    } catch (const slipway::scoring::ScoringError&) {
    }
  }
  return 0;
}
