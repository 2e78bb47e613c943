// What was read from a connection and not used yet, and the body of the request at its front. Used by the server only.
#pragma once

#include <string_view>
#include <vector>

#include "foundation/http/parser.h"
#include "foundation/http/stream.h"

namespace slipway::http {

// Bytes wait at the front, room is at the back. One per worker, kept from request to request.
class InputBuffer {
 public:
  InputBuffer();
  std::string_view view() const { return {bytes_.data() + begin_, end_ - begin_}; }
  bool empty() const { return begin_ == end_; }
  void consume(size_t count);
  void assign(std::string_view bytes);
  // Room for more; grows when full. Tell with `commit` how much was filled.
  char* room();
  size_t room_size() const { return bytes_.size() - end_; }
  void commit(size_t count) { end_ += count; }

 private:
  std::vector<char> bytes_;
  size_t begin_ = 0;
  size_t end_ = 0;
};

class RequestBody final : public BodyReader {
 public:
  struct Limits {
    uint64_t max_bytes = 0;
    int64_t timeout_ms = 0;
  };

  // Head parsed and consumed; everything must outlive the body.
  RequestBody(Stream& stream, InputBuffer& input, RequestParser& parser, Limits limits);

  size_t read(char* buffer, size_t capacity) override;

  bool is_done() const { return done_; }
  // 0, or the status that says why the body could not be read; then nothing more can be on this connection.
  int failure() const { return failure_; }
  // Whether `drain` may be worth a try: little is left and the client has not been asked to hold it back.
  bool is_drainable() const;
  // Throws away what the handler left, up to a limit of bytes and time; true when the end was reached.
  bool drain();

 private:
  size_t read_plain(char* buffer, size_t capacity);
  size_t read_chunked(char* buffer, size_t capacity);
  size_t read_stream(char* buffer, size_t capacity);
  void ask_to_continue();

  Stream& stream_;
  InputBuffer& input_;
  RequestParser& parser_;
  Limits limits_;
  const bool chunked_;
  bool continue_pending_;
  bool done_;
  int failure_ = 0;
  uint64_t left_ = 0;   // of a body with a length
  uint64_t taken_ = 0;  // of a chunked body
};

}  // namespace slipway::http
