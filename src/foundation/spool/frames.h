// The bytes of a spool segment. A segment file starts with kSegmentMagic; frames follow one after another:
//   u32 length of the payload   u32 CRC-32 of items and payload   u32 items in the payload   payload
// little-endian. The last frame may be torn by a crash: it is recognised by its length or checksum and ignored.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace slipway::spool {

constexpr std::string_view kSegmentMagic = "SLIPSPL1";
constexpr size_t kFrameHeaderBytes = 12;
constexpr size_t kMaxPayloadBytes = size_t{256} << 20U;

struct Frame {
  uint32_t items = 0;
  std::string_view payload;
  size_t size_bytes() const { return kFrameHeaderBytes + payload.size(); }
};

enum class FrameState {
  kWhole,
  kEnd,         // no byte is left
  kIncomplete,  // more bytes are needed: torn, or not all was read
  kDamaged,     // these bytes never were a frame
};

// The header that makes `payload` a frame; the payload must not be empty.
std::string frame_header(std::string_view payload, uint32_t items);
// The frame at the start of `bytes`; it points into them.
FrameState parse_frame(std::string_view bytes, Frame& frame);
// How many bytes the first frame wants in all, by its header alone; 0 if not even the header is there.
size_t wanted_bytes(std::string_view bytes);

}  // namespace slipway::spool
