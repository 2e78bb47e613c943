// From bytes to heads and bodies: the only place that knows Boost.Beast's parser. Used by the server and the client.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "foundation/http/message.h"

namespace slipway::http {

// How the body of a message is delimited and what becomes of the connection.
struct Framing {
  bool is_http11 = true;
  bool keep_alive = true;
  bool chunked = false;
  bool expects_continue = false;
  bool until_close = false;  // answers only
  std::optional<uint64_t> content_length;
};

// A message that is not to be served: the status that says why and a text for people.
struct Refusal {
  int status = 400;
  std::string message;
};

struct Decoded {
  size_t consumed = 0;  // of the input
  size_t produced = 0;  // into the output
  bool done = false;
  bool damaged = false;
};

// Reads the heads of requests and their chunked bodies, one message after another.
class RequestParser {
 public:
  RequestParser();
  ~RequestParser();
  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;

  // `head` runs to its empty line, see find_head_end; `request` must be fresh. Fills method, target, path, query,
  // headers and content_length. Decides strictly: two servers that read a head differently let requests be smuggled.
  std::optional<Refusal> parse(std::string_view head, Request& request);
  // What is wrong already with an unfinished head, if anything.
  std::optional<Refusal> check_partial(std::string_view bytes);
  const Framing& framing() const;
  // The route's view of the target: the path, still encoded. Points into request.target.
  static std::string_view encoded_path(const Request& request);

  // The next part of a chunked body; with neither progress nor done more input is needed.
  Decoded decode(std::string_view input, char* output, size_t capacity);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

class ResponseParser {
 public:
  ResponseParser();
  ~ResponseParser();
  ResponseParser(const ResponseParser&) = delete;
  ResponseParser& operator=(const ResponseParser&) = delete;

  // false: not HTTP. An answer to HEAD has no body whatever its head says.
  bool parse(std::string_view head, std::string_view request_method, int& status, Headers& headers);
  const Framing& framing() const;
  Decoded decode(std::string_view input, char* output, size_t capacity);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The size of the head with its empty line, or 0 when that has not come yet; `scanned` bytes are known to hold no end.
size_t find_head_end(std::string_view bytes, size_t scanned = 0);

}  // namespace slipway::http
