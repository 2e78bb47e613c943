#include <cstdlib>

#include "foundation/spool/frames.h"

// A segment of any bytes is walked to its end without stepping outside; a whole frame is what framing its payload
// gives.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  slipway::spool::Frame frame;
  while (slipway::spool::parse_frame(rest, frame) == slipway::spool::FrameState::kWhole) {
    const std::string header = slipway::spool::frame_header(frame.payload, frame.items);
    if (rest.substr(0, header.size()) != header) std::abort();
    if (slipway::spool::wanted_bytes(rest) != frame.size_bytes()) std::abort();
    rest.remove_prefix(frame.size_bytes());
  }
  // The checksum keeps random bytes out, so make a frame of them too.
  if (size > 0) {
    const std::string_view payload(reinterpret_cast<const char*>(data), size);
    std::string whole = slipway::spool::frame_header(payload, data[0]);
    whole.append(payload);
    if (slipway::spool::parse_frame(whole, frame) != slipway::spool::FrameState::kWhole) std::abort();
    if (frame.payload != payload || frame.items != data[0]) std::abort();
  }
  return 0;
}
