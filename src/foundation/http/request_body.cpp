#include "foundation/http/request_body.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace slipway::http {

namespace {
constexpr size_t kUsualSize = size_t{16} * 1024;
constexpr size_t kDrainBytes = size_t{64} * 1024;
constexpr int64_t kDrainTimeoutMs = 1000;
// A chunk's own header and the trailers.
constexpr size_t kMaxChunkOverhead = size_t{8} * 1024;
}  // namespace

InputBuffer::InputBuffer() : bytes_(kUsualSize) {}

void InputBuffer::consume(size_t count) {
  begin_ += count;
  if (begin_ < end_) return;
  begin_ = end_ = 0;
  if (bytes_.size() > kUsualSize) std::vector<char>(kUsualSize).swap(bytes_);
}

void InputBuffer::assign(std::string_view bytes) {
  if (bytes_.size() < bytes.size() || bytes_.size() > kUsualSize) bytes_.resize(std::max(bytes.size(), kUsualSize));
  std::copy(bytes.begin(), bytes.end(), bytes_.begin());
  begin_ = 0;
  end_ = bytes.size();
}

char* InputBuffer::room() {
  if (end_ == bytes_.size() && begin_ > 0) {
    std::memmove(bytes_.data(), bytes_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == bytes_.size()) bytes_.resize(bytes_.size() * 2);
  return bytes_.data() + end_;
}

RequestBody::RequestBody(Stream& stream, InputBuffer& input, RequestParser& parser, Limits limits)
    : stream_(stream),
      input_(input),
      parser_(parser),
      limits_(limits),
      chunked_(parser.framing().chunked),
      continue_pending_(parser.framing().expects_continue),
      done_(!chunked_ && parser.framing().content_length.value_or(0) == 0),
      left_(parser.framing().content_length.value_or(0)) {}

void RequestBody::ask_to_continue() {
  continue_pending_ = false;
  // Whoever sent the body already does not wait for permission.
  if (input_.empty()) stream_.write("HTTP/1.1 100 Continue\r\n\r\n", limits_.timeout_ms);
}

size_t RequestBody::read(char* buffer, size_t capacity) {
  if (done_ || capacity == 0) return 0;
  if (failure_ != 0) throw unavailable("the request body has been lost");
  try {
    if (continue_pending_) ask_to_continue();
    return chunked_ ? read_chunked(buffer, capacity) : read_plain(buffer, capacity);
  } catch (const Error& error) {
    if (failure_ == 0) failure_ = error.code() == ErrorCode::kDeadlineExceeded ? 408 : 400;
    throw;
  }
}

size_t RequestBody::read_stream(char* buffer, size_t capacity) {
  const size_t count = stream_.read(buffer, capacity, limits_.timeout_ms);
  if (count == 0) throw unavailable("the client closed the connection in the middle of the request body");
  return count;
}

size_t RequestBody::read_plain(char* buffer, size_t capacity) {
  size_t count = std::min<uint64_t>(capacity, left_);
  if (input_.empty()) {
    count = read_stream(buffer, count);
  } else {
    count = std::min(count, input_.view().size());
    std::memcpy(buffer, input_.view().data(), count);
    input_.consume(count);
  }
  left_ -= count;
  done_ = left_ == 0;
  return count;
}

size_t RequestBody::read_chunked(char* buffer, size_t capacity) {
  for (;;) {
    const Decoded decoded = parser_.decode(input_.view(), buffer, capacity);
    input_.consume(decoded.consumed);
    if (decoded.damaged || input_.view().size() > kMaxChunkOverhead + kUsualSize) {
      failure_ = 400;
      throw invalid_argument("the chunks of the request body are malformed");
    }
    taken_ += decoded.produced;
    if (taken_ > limits_.max_bytes) {
      failure_ = 413;
      throw too_large("the request body is over the limit of ", limits_.max_bytes, " bytes");
    }
    done_ = decoded.done;
    if (decoded.produced > 0 || done_) return decoded.produced;
    char* room = input_.room();
    input_.commit(read_stream(room, input_.room_size()));
  }
}

bool RequestBody::is_drainable() const {
  return done_ || (failure_ == 0 && !continue_pending_ && (chunked_ || left_ <= kDrainBytes));
}

bool RequestBody::drain() {
  if (done_) return true;
  if (!is_drainable()) return false;
  limits_.timeout_ms = std::min(limits_.timeout_ms, kDrainTimeoutMs);
  std::array<char, 8192> buffer{};
  try {
    for (size_t drained = 0; !done_ && drained < kDrainBytes;) drained += read(buffer.data(), buffer.size());
  } catch (const Error&) {
    return false;  // the answer is out already; the connection just ends
  }
  return done_;
}

}  // namespace slipway::http
