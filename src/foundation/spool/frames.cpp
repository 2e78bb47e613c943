#include "foundation/spool/frames.h"

#include <zlib.h>

#include <bit>
#include <cstring>

#include "foundation/base/error.h"

namespace slipway::spool {

static_assert(std::endian::native == std::endian::little, "frames are written in the machine's order");

namespace {

uint32_t checksum(uint32_t items, std::string_view payload) {
  uLong crc = ::crc32(0, reinterpret_cast<const Bytef*>(&items), sizeof(items));
  crc = ::crc32_z(crc, reinterpret_cast<const Bytef*>(payload.data()), payload.size());
  return static_cast<uint32_t>(crc);
}

uint32_t number_at(std::string_view bytes, size_t at) {
  uint32_t value = 0;
  std::memcpy(&value, bytes.data() + at, sizeof(value));
  return value;
}

}  // namespace

std::string frame_header(std::string_view payload, uint32_t items) {
  if (payload.empty() || payload.size() > kMaxPayloadBytes) {
    throw too_large("a spool record of ", payload.size(), " bytes; at most ", kMaxPayloadBytes);
  }
  const uint32_t fields[3] = {static_cast<uint32_t>(payload.size()), checksum(items, payload), items};
  std::string header(kFrameHeaderBytes, '\0');
  std::memcpy(header.data(), fields, kFrameHeaderBytes);
  return header;
}

FrameState parse_frame(std::string_view bytes, Frame& frame) {
  if (bytes.empty()) return FrameState::kEnd;
  if (bytes.size() < kFrameHeaderBytes) return FrameState::kIncomplete;
  const size_t length = number_at(bytes, 0);
  if (length == 0 || length > kMaxPayloadBytes) return FrameState::kDamaged;
  if (bytes.size() - kFrameHeaderBytes < length) return FrameState::kIncomplete;
  frame.items = number_at(bytes, 8);
  frame.payload = bytes.substr(kFrameHeaderBytes, length);
  return number_at(bytes, 4) == checksum(frame.items, frame.payload) ? FrameState::kWhole : FrameState::kDamaged;
}

size_t wanted_bytes(std::string_view bytes) {
  return bytes.size() < kFrameHeaderBytes ? 0 : kFrameHeaderBytes + number_at(bytes, 0);
}

}  // namespace slipway::spool
