#include "foundation/http/stream.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <vector>

#include "foundation/base/blocking.h"
#include "foundation/base/clock.h"

namespace slipway::http {

namespace {

constexpr size_t kMaxPieces = 4;
constexpr long kMomentNs = 200'000;
// How long a peer may be silent when there are hardly any threads left; looked at that often.
constexpr int64_t kHurriedMs = 2000;
constexpr size_t kFileStep = size_t{256} * 1024;
// Larger than a TLS record would be cut anyway; joining small pieces saves records.
constexpr size_t kJoinBelow = size_t{16} * 1024;

StreamError closed() { return {StreamError::Kind::kClosed, "the peer closed the connection"}; }

bool is_transient(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

Attempt attempt_of_ssl(ssl_st* ssl, int result) {
  switch (SSL_get_error(ssl, result)) {
    case SSL_ERROR_NONE:
      return {Attempt::State::kDone, 0};
    case SSL_ERROR_WANT_READ:
      return {Attempt::State::kWantRead, 0};
    case SSL_ERROR_WANT_WRITE:
      return {Attempt::State::kWantWrite, 0};
    case SSL_ERROR_ZERO_RETURN:
      return {Attempt::State::kEnd, 0};
    default:
      return {Attempt::State::kFailed, 0};
  }
}

}  // namespace

void FreeSsl::operator()(ssl_st* ssl) const { SSL_free(ssl); }

bool wait_for(int descriptor, short events, int64_t timeout_ms) {
  // In the middle of a fast transfer more comes within microseconds; calling a spare worker each time would cost more.
  const timespec moment{0, timeout_ms > 0 ? kMomentNs : 0};
  pollfd first_look{descriptor, events, 0};
  if (::ppoll(&first_look, 1, &moment, nullptr) > 0) return true;
  if (timeout_ms <= 0) return false;
  const PeerSection section;
  const int64_t begun_ms = steady_ms();
  pollfd poller{descriptor, events, 0};
  for (;;) {
    const int64_t waited_ms = steady_ms() - begun_ms;
    const bool is_hurried = waited_ms >= kHurriedMs && section.is_short_of_threads();
    if (waited_ms >= timeout_ms || is_hurried) return false;
    const int64_t left_ms = std::min(timeout_ms - waited_ms, kHurriedMs);
    const int ready = ::poll(&poller, 1, static_cast<int>(left_ms));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) throw closed();
  }
}

Stream::Stream(files::Descriptor socket, SslPointer ssl) : socket_(std::move(socket)), ssl_(std::move(ssl)) {}

Stream::~Stream() {
  if (ssl_ == nullptr || !socket_.valid()) return;
  ERR_clear_error();
  if (SSL_is_init_finished(ssl_.get()) != 0) SSL_shutdown(ssl_.get());
  ERR_clear_error();
}

Attempt Stream::try_read(char* buffer, size_t capacity) {
  if (ssl_) {
    ERR_clear_error();
    size_t count = 0;
    const int result = SSL_read_ex(ssl_.get(), buffer, capacity, &count);
    if (result == 1) return {Attempt::State::kDone, count};
    return attempt_of_ssl(ssl_.get(), result);
  }
  const ssize_t count = ::recv(socket_.get(), buffer, capacity, 0);
  if (count > 0) return {Attempt::State::kDone, static_cast<size_t>(count)};
  if (count == 0) return {Attempt::State::kEnd, 0};
  return {is_transient(errno) ? Attempt::State::kWantRead : Attempt::State::kFailed, 0};
}

Attempt Stream::try_write(std::string_view bytes) {
  if (ssl_) {
    ERR_clear_error();
    size_t count = 0;
    const int result = SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &count);
    if (result == 1) return {Attempt::State::kDone, count};
    return attempt_of_ssl(ssl_.get(), result);
  }
  const ssize_t count = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (count >= 0) return {Attempt::State::kDone, static_cast<size_t>(count)};
  return {is_transient(errno) ? Attempt::State::kWantWrite : Attempt::State::kFailed, 0};
}

Attempt Stream::try_handshake() {
  ERR_clear_error();
  return attempt_of_ssl(ssl_.get(), SSL_do_handshake(ssl_.get()));
}

void Stream::wait(Attempt::State state, int64_t timeout_ms) {
  if (state != Attempt::State::kWantRead && state != Attempt::State::kWantWrite) throw closed();
  const bool reading = state == Attempt::State::kWantRead;
  if (!wait_for(socket_.get(), reading ? POLLIN : POLLOUT, timeout_ms)) {
    throw StreamError(StreamError::Kind::kTimeout, text::concat("the peer was silent for ", timeout_ms, " ms"));
  }
}

size_t Stream::read(char* buffer, size_t capacity, int64_t timeout_ms) {
  for (;;) {
    const Attempt attempt = try_read(buffer, capacity);
    if (attempt.state == Attempt::State::kDone) return attempt.count;
    if (attempt.state == Attempt::State::kEnd) return 0;
    wait(attempt.state, timeout_ms);
  }
}

void Stream::write_encrypted(std::string_view bytes, int64_t timeout_ms) {
  while (!bytes.empty()) {
    const Attempt attempt = try_write(bytes);
    if (attempt.state == Attempt::State::kDone) {
      bytes.remove_prefix(attempt.count);
    } else {
      wait(attempt.state, timeout_ms);
    }
  }
}

void Stream::write(std::span<const std::string_view> pieces, int64_t timeout_ms, bool more_follows) {
  if (ssl_) {
    std::string joined;
    for (const std::string_view piece : pieces) {
      if (joined.size() + piece.size() <= kJoinBelow) {
        joined.append(piece);
        continue;
      }
      write_encrypted(joined, timeout_ms);
      joined.clear();
      write_encrypted(piece, timeout_ms);
    }
    return write_encrypted(joined, timeout_ms);
  }
  std::array<iovec, kMaxPieces> vectors{};
  size_t count = 0;
  for (const std::string_view piece : pieces) {
    if (!piece.empty()) vectors.at(count++) = {const_cast<char*>(piece.data()), piece.size()};
  }
  msghdr message{};
  message.msg_iov = vectors.data();
  message.msg_iovlen = count;
  while (message.msg_iovlen > 0) {
    const ssize_t sent = ::sendmsg(socket_.get(), &message, MSG_NOSIGNAL | (more_follows ? MSG_MORE : 0));
    if (sent < 0) {
      wait(is_transient(errno) ? Attempt::State::kWantWrite : Attempt::State::kFailed, timeout_ms);
      continue;
    }
    auto left = static_cast<size_t>(sent);
    while (message.msg_iovlen > 0 && left >= message.msg_iov->iov_len) {
      left -= message.msg_iov->iov_len;
      ++message.msg_iov;
      --message.msg_iovlen;
    }
    if (message.msg_iovlen > 0) {
      message.msg_iov->iov_base = static_cast<char*>(message.msg_iov->iov_base) + left;
      message.msg_iov->iov_len -= left;
    }
  }
}

void Stream::write_file(int file, uint64_t offset, uint64_t length, int64_t timeout_ms) {
  auto at = static_cast<off_t>(offset);
  std::vector<char> buffer(ssl_ ? kFileStep : 0);
  while (length > 0) {
    const size_t step = std::min<uint64_t>(length, ssl_ ? kFileStep : size_t{1} << 30U);
    const ssize_t count = ssl_ ? ::pread(file, buffer.data(), step, at) : ::sendfile(socket_.get(), file, &at, step);
    if (count < 0 && !ssl_ && is_transient(errno)) {
      wait(Attempt::State::kWantWrite, timeout_ms);
      continue;
    }
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && (errno == EPIPE || errno == ECONNRESET)) throw closed();
    if (count < 0) throw system_error("send a file");
    if (count == 0) throw data_loss("a file became shorter while it was sent");
    if (ssl_) {
      write_encrypted({buffer.data(), static_cast<size_t>(count)}, timeout_ms);
      at += count;
    }
    length -= static_cast<uint64_t>(count);
  }
}

void Stream::handshake(int64_t timeout_ms) {
  for (;;) {
    const Attempt attempt = try_handshake();
    if (attempt.state == Attempt::State::kDone) return;
    wait(attempt.state, timeout_ms);
  }
}

void Stream::finish_writing() {
  if (ssl_) {
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
  }
  ::shutdown(socket_.get(), SHUT_WR);
}

void Stream::reset_on_close() {
  const linger now{1, 0};
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
  // A farewell would let a TLS peer believe that the body was whole.
  if (ssl_) SSL_set_quiet_shutdown(ssl_.get(), 1);
}

}  // namespace slipway::http
