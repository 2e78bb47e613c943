#include "protocols/oip/infer_request.h"

#include "domains/packaging/signature.h"
#include "foundation/base/error.h"
#include "protocols/oip/input_columns.h"

// The first two bytes say where the JSON ends and whether there is a header for it.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using slipway::tables::ColumnType;
  if (size < 2) return 0;
  const std::string_view body(reinterpret_cast<const char*>(data) + 2, size - 2);
  const std::string length = std::to_string(data[0] + 256 * (data[1] & 127));
  slipway::packaging::Signature signature;
  signature.inputs = {{"a", ColumnType::kDouble, true},
                      {"b", ColumnType::kInteger, false},
                      {"c", ColumnType::kText, false},
                      {"t", ColumnType::kTime, false},
                      {"o", ColumnType::kBoolean, false}};
  try {
    const auto header = (data[1] & 128) != 0 ? std::optional<std::string_view>(length) : std::nullopt;
    const slipway::oip::InferRequest request = slipway::oip::parse_infer_request(body, header);
    slipway::oip::read_input_columns({}, request.inputs);
    slipway::oip::read_input_columns(signature, request.inputs);
  } catch (const slipway::Error&) {
  }
  return 0;
}
