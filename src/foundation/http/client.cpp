#include "foundation/http/client.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <vector>

#include "foundation/http/client_connection.h"

namespace slipway::http {

namespace {

constexpr size_t kReadStep = size_t{64} * 1024;

using ConnectionPointer = std::unique_ptr<ClientConnection>;

// Connections kept after their answers, by origin; the newest is taken first, so surplus ones age away.
class Pool {
 public:
  explicit Pool(size_t max_idle_per_host) : max_idle_per_host_(max_idle_per_host) {}

  ConnectionPointer take(const std::string& origin) {
    for (;;) {
      ConnectionPointer connection = pop(origin);
      if (!connection || !connection->is_stale()) return connection;
    }
  }

  void keep(const std::string& origin, ConnectionPointer connection) {
    const std::lock_guard lock(mutex_);
    std::vector<ConnectionPointer>& idle = idle_[origin];
    if (idle.size() >= max_idle_per_host_ && !idle.empty()) idle.erase(idle.begin());
    if (max_idle_per_host_ > 0) idle.push_back(std::move(connection));
  }

 private:
  ConnectionPointer pop(const std::string& origin) {
    const std::lock_guard lock(mutex_);
    const auto idle = idle_.find(origin);
    if (idle == idle_.end() || idle->second.empty()) return nullptr;
    ConnectionPointer connection = std::move(idle->second.back());
    idle->second.pop_back();
    return connection;
  }

  const size_t max_idle_per_host_;
  std::mutex mutex_;  // guards idle_
  std::map<std::string, std::vector<ConnectionPointer>, std::less<>> idle_;
};

Error failed(const Url& url, const ClientRequest& request, const StreamError& error) {
  if (error.kind() == StreamError::Kind::kTimeout) {
    const int64_t total_ms = request.total_timeout_ms;
    const int64_t limit_ms = total_ms > 0 ? std::min(total_ms, request.timeout_ms) : request.timeout_ms;
    return {ErrorCode::kDeadlineExceeded,
            text::concat("no answer from ", url.origin(), " to ", request.method, " within ", limit_ms, " ms")};
  }
  return unavailable("no whole answer from ", url.origin(), " to ", request.method, ": ", error.what());
}

// Before anything is dialled: a line break would begin a second field, or a second request.
void check(const ClientRequest& request) {
  constexpr std::string_view kBreaks("\r\n\0", 3);
  if (request.method.find_first_of(" \r\n") != std::string::npos || request.method.empty()) {
    throw invalid_argument("the method of a request is one word");
  }
  for (const auto& [name, value] : request.headers.all()) {
    if (name.empty() || name.find_first_of(" :\r\n") != std::string::npos ||
        value.find_first_of(kBreaks) != std::string::npos) {
      throw invalid_argument("the header field ", text::escape_markup(name), " has characters it must not have");
    }
  }
}

class PoolingClient final : public Client {
 public:
  explicit PoolingClient(ClientOptions options) : options_(std::move(options)), pool_(options_.max_idle_per_host) {}

  ClientResponse send(const ClientRequest& request) override {
    ClientResponse whole;
    stream(
        request,
        [&](const ClientResponse& head) {
          whole = head;
          const auto length = text::parse_int(head.headers.find("Content-Length").value_or(""));
          if (length && *length > 0 && request.method != "HEAD") {
            whole.body.reserve(std::min<size_t>(static_cast<size_t>(*length), size_t{16} << 20U));
          }
        },
        [&](std::string_view bytes) {
          if (whole.body.size() + bytes.size() > request.max_body_bytes) {
            throw too_large("the answer of ", parse_url(request.url).origin(), " is over the limit of ",
                            request.max_body_bytes, " bytes");
          }
          whole.body.append(bytes);
          return true;
        });
    return whole;
  }

  void stream(const ClientRequest& request, const std::function<void(const ClientResponse&)>& on_head,
              const std::function<bool(std::string_view)>& on_body) override {
    check(request);
    const Url url = parse_url(request.url);
    ConnectionPointer connection;
    const ClientResponse head = exchange_heads(request, url, connection);
    on_head(head);
    std::vector<char> buffer(kReadStep);
    for (;;) {
      const size_t count = read_some(request, url, *connection, buffer);
      if (count == 0) break;
      if (!on_body({buffer.data(), count})) return;
    }
    if (connection->is_reusable()) pool_.keep(url.origin(), std::move(connection));
  }

 private:
  ClientResponse exchange_heads(const ClientRequest& request, const Url& url, ConnectionPointer& connection) {
    connection = pool_.take(url.origin());
    if (connection) {
      try {
        connection->limit_total(request.total_timeout_ms);
        connection->send(request, url);
        return connection->read_head(request);
      } catch (const StreamError& error) {
        // The server may close a kept connection at any time; it did so before it saw this request.
        const bool was_closed = error.kind() == StreamError::Kind::kClosed && !connection->has_answer();
        if (!was_closed) throw failed(url, request, error);
      }
    }
    connection = std::make_unique<ClientConnection>(
        url, DialOptions{url.is_tls ? &tls() : nullptr, request.connect_timeout_ms, options_.public_addresses_only});
    try {
      connection->limit_total(request.total_timeout_ms);
      connection->send(request, url);
      return connection->read_head(request);
    } catch (const StreamError& error) {
      throw failed(url, request, error);
    }
  }

  static size_t read_some(const ClientRequest& request, const Url& url, ClientConnection& connection,
                          std::vector<char>& buffer) {
    try {
      return connection.read_body(buffer.data(), buffer.size(), request.timeout_ms);
    } catch (const StreamError& error) {
      throw failed(url, request, error);
    }
  }

  // Reading the authorities takes milliseconds: only once somebody needs them.
  const TlsContext& tls() {
    const std::lock_guard lock(mutex_);
    if (!tls_) tls_ = std::make_unique<TlsContext>(TlsContext::for_client(options_.ca_file));
    return *tls_;
  }

  const ClientOptions options_;
  std::mutex mutex_;  // guards the making of tls_
  std::unique_ptr<TlsContext> tls_;
  Pool pool_;  // its TLS sessions end before their context
};

}  // namespace

std::unique_ptr<Client> make_client(const ClientOptions& options) { return std::make_unique<PoolingClient>(options); }

}  // namespace slipway::http
