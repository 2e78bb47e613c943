#include "foundation/http/client_connection.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <system_error>
#include <vector>

#include "foundation/base/clock.h"
#include "foundation/http/address.h"

namespace slipway::http {

namespace {

constexpr size_t kMaxHeadBytes = size_t{256} * 1024;

// Ends the sending of a body whose answer is here already; never leaves this file.
struct AnsweredEarly {};

Error unreachable(const Url& url, std::string_view reason) {
  return unavailable("cannot reach ", url.origin(), ": ", reason, "; is the server running?");
}

std::vector<SocketAddress> resolve_host(const Url& url) {
  try {
    return resolve(url.host, url.port);
  } catch (const Error& error) {
    throw unavailable("cannot reach ", url.origin(), ": ", error.what());
  }
}

// 0 or the errno of why not.
int connect_within(int socket, const SocketAddress& address, int64_t timeout_ms) {
  if (::connect(socket, address.get(), address.size()) == 0) return 0;
  if (errno != EINPROGRESS) return errno;
  if (!wait_for(socket, POLLOUT, timeout_ms)) return ETIMEDOUT;
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size);
  return error;
}

files::Descriptor dial(const Url& url, const DialOptions& options) {
  const int64_t until_ms = steady_ms() + options.timeout_ms;
  const std::vector<SocketAddress> addresses = resolve_host(url);
  if (options.public_addresses_only) {
    if (const SocketAddress* refused = find_not_public(addresses)) {
      throw permission_denied("refused to call ", url.origin(), ": ", refused->text(), " is not a public address");
    }
  }
  int error = ETIMEDOUT;
  for (const SocketAddress& address : addresses) {
    const int64_t left_ms = until_ms - steady_ms();
    if (left_ms <= 0) break;
    files::Descriptor socket(::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!socket.valid()) throw system_error("socket");
    error = connect_within(socket.get(), address, left_ms);
    if (error != 0) continue;
    const int on = 1;
    ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return socket;
  }
  throw unreachable(url, text::lower(std::generic_category().message(error)));
}

Stream open_stream(const Url& url, const DialOptions& options) {
  files::Descriptor socket = dial(url, options);
  if (!url.is_tls) return {std::move(socket), nullptr};
  const int descriptor = socket.get();
  Stream stream(std::move(socket), options.tls->connect(descriptor, url.host));
  try {
    stream.handshake(options.timeout_ms);
  } catch (const StreamError& error) {
    const bool is_slow = error.kind() == StreamError::Kind::kTimeout;
    throw unavailable("cannot reach ", url.origin(), ": ",
                      is_slow ? "the TLS handshake took too long" : tls_failure(stream.ssl()));
  }
  return stream;
}

bool is_set_by_us(std::string_view name) {
  return text::equal_ignoring_case(name, "Host") || text::equal_ignoring_case(name, "Content-Length") ||
         text::equal_ignoring_case(name, "Transfer-Encoding") || text::equal_ignoring_case(name, "Connection");
}

std::string head_of(const ClientRequest& request, const Url& url) {
  const std::string host(request.headers.find("Host").value_or(url.host_field()));
  std::string head = text::concat(request.method, ' ', url.target, " HTTP/1.1\r\nHost: ", host);
  for (const auto& [name, value] : request.headers.all()) {
    if (!is_set_by_us(name)) head.append("\r\n").append(name).append(": ").append(value);
  }
  if (!request.headers.find("User-Agent")) head.append("\r\nUser-Agent: slipway/" SLIPWAY_VERSION);
  const bool may_have_body = request.method != "GET" && request.method != "HEAD";
  const std::optional<uint64_t> length = request.stream_body ? request.stream_length : request.body.size();
  if (!length) {
    head.append("\r\nTransfer-Encoding: chunked");
  } else if (*length > 0 || may_have_body) {
    head.append("\r\nContent-Length: ").append(std::to_string(*length));
  }
  return head.append("\r\n\r\n");
}

}  // namespace

ClientConnection::ClientConnection(const Url& url, const DialOptions& options) : stream_(open_stream(url, options)) {}

void ClientConnection::limit_total(int64_t total_timeout_ms) {
  until_ms_ = total_timeout_ms > 0 ? std::optional(steady_ms() + total_timeout_ms) : std::nullopt;
}

int64_t ClientConnection::wait_ms(int64_t timeout_ms) const {
  if (!until_ms_) return timeout_ms;
  const int64_t left_ms = *until_ms_ - steady_ms();
  if (left_ms <= 0) throw StreamError(StreamError::Kind::kTimeout, "the time for the whole exchange is over");
  return std::min(timeout_ms, left_ms);
}

bool ClientConnection::is_stale() {
  pollfd poller{stream_.descriptor(), POLLIN, 0};
  return ::poll(&poller, 1, 0) != 0;
}

bool ClientConnection::answer_is_here() {
  // Under TLS bytes may be a ticket or an alert; only a plain socket tells for sure.
  return !stream_.is_tls() && is_stale();
}

void ClientConnection::write(std::span<const std::string_view> pieces, int64_t timeout_ms) {
  if (answer_is_here()) throw AnsweredEarly();
  stream_.write(pieces, wait_ms(timeout_ms));
}

class ClientConnection::BodySink final : public BodyWriter {
 public:
  BodySink(ClientConnection& connection, const ClientRequest& request) : connection_(connection), request_(request) {}

  void write(std::string_view bytes) override {
    if (bytes.empty()) return;
    sent_ += bytes.size();
    const auto& length = request_.stream_length;
    if (length && sent_ > *length)
      throw internal_error("a streamed body is longer than its length of ", *length, " bytes");
    if (length) return connection_.write({&bytes, 1}, request_.timeout_ms);
    std::array<char, 24> frame{};
    char* end = std::to_chars(frame.data(), frame.data() + 16, bytes.size(), 16).ptr;
    *end++ = '\r';
    *end++ = '\n';
    const std::string_view size(frame.data(), static_cast<size_t>(end - frame.data()));
    const std::array<std::string_view, 3> pieces = {size, bytes, "\r\n"};
    connection_.write(pieces, request_.timeout_ms);
  }

  void finish() {
    const auto& length = request_.stream_length;
    const std::string_view last_chunk = "0\r\n\r\n";
    if (!length) return connection_.write({&last_chunk, 1}, request_.timeout_ms);
    if (sent_ != *length) throw internal_error("a streamed body is shorter than its length of ", *length, " bytes");
  }

 private:
  ClientConnection& connection_;
  const ClientRequest& request_;
  uint64_t sent_ = 0;
};

void ClientConnection::send(const ClientRequest& request, const Url& url) {
  has_answer_ = false;
  body_done_ = false;
  const std::string head = head_of(request, url);
  reusable_ = false;  // until all is out
  try {
    if (!request.stream_body) {
      const std::array<std::string_view, 2> pieces = {head, request.body};
      stream_.write(pieces, wait_ms(request.timeout_ms));
    } else {
      stream_.write(head, wait_ms(request.timeout_ms));
      BodySink sink(*this, request);
      request.stream_body(sink);
      sink.finish();
    }
    reusable_ = true;
  } catch (const AnsweredEarly&) {  // read_head has it
  } catch (const StreamError&) {
    // A server that refuses a body answers and closes: the answer tells more than the broken pipe.
    if (!wait_for(stream_.descriptor(), POLLIN, 0)) throw;
  }
}

ClientResponse ClientConnection::read_head(const ClientRequest& request) {
  size_t scanned = 0;
  for (;;) {
    const size_t head_size = find_head_end(input_.view(), scanned);
    if (head_size == 0) {
      scanned = input_.view().size();
      if (scanned > kMaxHeadBytes) throw StreamError(StreamError::Kind::kClosed, "the answer's header is too long");
      char* room = input_.room();
      const size_t count = stream_.read(room, input_.room_size(), wait_ms(request.timeout_ms));
      if (count == 0) throw StreamError(StreamError::Kind::kClosed, "the server closed the connection");
      has_answer_ = true;
      input_.commit(count);
      continue;
    }
    ClientResponse response;
    if (!parser_.parse(input_.view().substr(0, head_size), request.method, response.status, response.headers)) {
      throw StreamError(StreamError::Kind::kClosed, "the answer is not HTTP");
    }
    input_.consume(head_size);
    scanned = 0;
    if (response.status < 200) continue;
    framing_ = parser_.framing();
    left_ = framing_.content_length.value_or(0);
    body_done_ = !framing_.chunked && !framing_.until_close && left_ == 0;
    reusable_ = reusable_ && framing_.keep_alive && !framing_.until_close;
    return response;
  }
}

size_t ClientConnection::read_body(char* buffer, size_t capacity, int64_t timeout_ms) {
  while (!body_done_) {
    size_t produced = 0;
    if (framing_.chunked) {
      const Decoded decoded = parser_.decode(input_.view(), buffer, capacity);
      input_.consume(decoded.consumed);
      if (decoded.damaged) throw StreamError(StreamError::Kind::kClosed, "the chunks of the answer are malformed");
      body_done_ = decoded.done;
      produced = decoded.produced;
    } else if (!input_.empty()) {
      produced = std::min(capacity, input_.view().size());
      if (!framing_.until_close) produced = std::min<uint64_t>(produced, left_);
      std::memcpy(buffer, input_.view().data(), produced);
      input_.consume(produced);
    } else if (!framing_.until_close) {
      produced = stream_.read(buffer, std::min<uint64_t>(capacity, left_), wait_ms(timeout_ms));
      if (produced == 0) throw StreamError(StreamError::Kind::kClosed, "the answer ends too early");
    }
    if (framing_.content_length) {
      left_ -= produced;
      body_done_ = left_ == 0;
    }
    if (produced > 0 || body_done_) return produced;
    char* room = input_.room();
    const size_t count = stream_.read(room, input_.room_size(), wait_ms(timeout_ms));
    if (count == 0 && !framing_.until_close) throw StreamError(StreamError::Kind::kClosed, "the answer ends too early");
    body_done_ = count == 0;
    input_.commit(count);
  }
  return 0;
}

}  // namespace slipway::http
