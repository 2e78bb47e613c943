#include "foundation/base/id.h"

#include <sys/random.h>

#include "foundation/base/error.h"

namespace slipway {

std::string IdSource::hex(int count) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  out.reserve(static_cast<size_t>(count));
  uint64_t bits = 0;
  for (int i = 0; i < count; ++i) {
    if (i % 16 == 0) bits = next_u64();
    out.push_back(kDigits[bits & 15U]);
    bits >>= 4U;
  }
  return out;
}

uint64_t RandomIdSource::next_u64() {
  uint64_t out = 0;
  if (::getrandom(&out, sizeof out, 0) != sizeof out) throw system_error("getrandom");
  return out;
}

uint64_t SeededIdSource::next_u64() {
  state_ += 0x9E3779B97F4A7C15ULL;
  uint64_t z = state_;
  z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31U);
}

}  // namespace slipway
