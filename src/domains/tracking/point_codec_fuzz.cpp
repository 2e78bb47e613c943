// Stored points: whatever the bytes are, they decode or are refused, and what decodes packs to the same points again.
#include <cstdlib>

#include "domains/tracking/point_codec.h"
#include "foundation/base/error.h"

using namespace slipway;
using namespace slipway::tracking;

namespace {

void check_packing(std::vector<StoredPoint> points) {
  sort_points(points);
  if (unpack_points(pack_points(points)) != points) std::abort();
  if (decode_points(encode_points(points)) != points) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  for (const auto decode : {decode_points, unpack_points}) {
    try {
      check_packing(decode(bytes));
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kDataLoss) std::abort();
    }
  }
  return 0;
}
