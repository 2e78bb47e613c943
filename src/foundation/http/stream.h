// A connected socket, plain or TLS, without blocking: single attempts for whoever waits in epoll, and reads and writes
// that wait with poll and a deadline (as a BlockingSection). Used by the server and the client.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "foundation/base/error.h"
#include "foundation/base/files.h"

struct ssl_st;

namespace slipway::http {

// The connection is of no more use. `kind` lets the client tell a closed kept connection from a slow one.
class StreamError final : public Error {
 public:
  enum class Kind { kClosed, kTimeout };
  StreamError(Kind kind, const std::string& message)
      : Error(kind == Kind::kTimeout ? ErrorCode::kDeadlineExceeded : ErrorCode::kUnavailable, message), kind_(kind) {}
  Kind kind() const { return kind_; }

 private:
  Kind kind_;
};

struct Attempt {
  enum class State { kDone, kWantRead, kWantWrite, kEnd, kFailed };
  State state = State::kFailed;
  size_t count = 0;
};

struct FreeSsl {
  void operator()(ssl_st* ssl) const;
};
using SslPointer = std::unique_ptr<ssl_st, FreeSsl>;

class Stream {
 public:
  // The socket must be non-blocking.
  Stream(files::Descriptor socket, SslPointer ssl);
  ~Stream();
  Stream(Stream&&) = default;

  int descriptor() const { return socket_.get(); }
  bool is_tls() const { return ssl_ != nullptr; }
  ssl_st* ssl() const { return ssl_.get(); }

  // One try each; kDone with the count of bytes.
  Attempt try_read(char* buffer, size_t capacity);
  Attempt try_write(std::string_view bytes);
  Attempt try_handshake();

  // 0 at the end of the stream. Throw StreamError.
  size_t read(char* buffer, size_t capacity, int64_t timeout_ms);
  // All pieces, in one system call when the socket takes them; the time-out starts anew with each progress.
  void write(std::span<const std::string_view> pieces, int64_t timeout_ms, bool more_follows = false);
  void write(std::string_view bytes, int64_t timeout_ms) { write({&bytes, 1}, timeout_ms); }
  // The bytes of an open file from `offset`; by sendfile where the connection is plain.
  void write_file(int file, uint64_t offset, uint64_t length, int64_t timeout_ms);
  void handshake(int64_t timeout_ms);

  // Tells the peer that nothing more comes, without waiting.
  void finish_writing();
  // The next close resets the connection, so that the peer cannot take a short body for a whole one.
  void reset_on_close();

 private:
  void write_encrypted(std::string_view bytes, int64_t timeout_ms);
  void wait(Attempt::State state, int64_t timeout_ms);

  files::Descriptor socket_;
  SslPointer ssl_;
};

// Waits for `events` of poll; false when the time is over.
bool wait_for(int descriptor, short events, int64_t timeout_ms);

}  // namespace slipway::http
