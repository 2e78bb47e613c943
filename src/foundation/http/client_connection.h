// One connection of the client: dialing, sending a request, reading its answer. Used by client.cpp only.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "foundation/http/client.h"
#include "foundation/http/parser.h"
#include "foundation/http/request_body.h"
#include "foundation/http/stream.h"
#include "foundation/http/tls.h"
#include "foundation/http/url.h"

namespace slipway::http {

struct DialOptions {
  const TlsContext* tls = nullptr;
  int64_t timeout_ms = 0;
  bool public_addresses_only = false;
};

class ClientConnection {
 public:
  // Throws unavailable with the reason when no address of the host answers, permission_denied when one must not be
  // dialled.
  ClientConnection(const Url& url, const DialOptions& options);

  // All that follows until the next call takes at most this long; 0: no limit.
  void limit_total(int64_t total_timeout_ms);

  // Sends the head and the body. An answer that comes before the body is out ends the sending: it is read next. Throws
  // StreamError, or what the request's own stream_body throws.
  void send(const ClientRequest& request, const Url& url);
  // Waits for the final head (1xx are skipped). Throw StreamError.
  ClientResponse read_head(const ClientRequest& request);
  // 0 at the end of the body.
  size_t read_body(char* buffer, size_t capacity, int64_t timeout_ms);

  int descriptor() const { return stream_.descriptor(); }
  // Whether any byte of an answer has come.
  bool has_answer() const { return has_answer_; }
  // After the whole answer: whether another request may follow.
  bool is_reusable() const { return reusable_ && body_done_ && input_.empty(); }
  // A kept connection on which something stirs has been closed by the server.
  bool is_stale();

 private:
  class BodySink;
  void write(std::span<const std::string_view> pieces, int64_t timeout_ms);
  bool answer_is_here();
  // What is left of the limit, at most `timeout_ms`. Throws StreamError when nothing is.
  int64_t wait_ms(int64_t timeout_ms) const;

  Stream stream_;
  InputBuffer input_;
  ResponseParser parser_;
  Framing framing_;
  uint64_t left_ = 0;
  std::optional<int64_t> until_ms_;  // of the steady clock
  bool has_answer_ = false;
  bool body_done_ = false;
  bool reusable_ = true;
};

}  // namespace slipway::http
