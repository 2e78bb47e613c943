// Answers on their way out: the head, then a body from memory, a file or a stream. Used by the server only.
#pragma once

#include <array>
#include <ctime>
#include <string>

#include "foundation/http/compression.h"
#include "foundation/http/message.h"
#include "foundation/http/stream.h"

namespace slipway::http {

// What the request allows its answer to be.
struct Terms {
  bool is_head = false;
  bool is_http11 = true;
  bool keep_alive = true;
  bool takes_gzip = false;
  int64_t timeout_ms = 0;
};

// One per worker; keeps its buffers.
class ResponseWriter {
 public:
  // Sends the whole answer. What it throws before has_started() can still become another answer; after that only the
  // end of the connection tells the client. Terms come back with keep_alive as it was promised.
  void send(Stream& stream, Response& response, std::string_view request_id, Terms& terms);
  // The bytes of an answer whose body is in memory, to be sent by somebody else later.
  std::string compose(Response& response, std::string_view request_id, const Terms& terms);
  bool has_started() const { return started_; }
  uint64_t body_bytes() const { return body_bytes_; }
  // To be called before each request.
  void reset() {
    started_ = false;
    body_bytes_ = 0;
  }

 private:
  class StreamSink;
  enum class Framed { kNoBody, kLength, kChunks, kUntilClose };

  void write_head(const Response& response, std::string_view request_id, Framed framed, uint64_t length,
                  const Terms& terms);
  void append_date();
  void compress(Response& response, std::string& content, const Terms& terms);
  // Makes the head; the result is the part of the content that follows it.
  std::string_view prepare_text(Response& response, std::string& content, std::string_view request_id,
                                const Terms& terms);
  void send_file(Stream& stream, const Response& response, const FileBody& file, std::string_view request_id,
                 const Terms& terms);
  void send_stream(Stream& stream, const Response& response, const StreamBody& body, std::string_view request_id,
                   Terms& terms);

  std::string head_;
  Gzip gzip_;
  std::time_t date_second_ = 0;
  std::array<char, 40> date_{};
  bool started_ = false;
  uint64_t body_bytes_ = 0;
};

}  // namespace slipway::http
