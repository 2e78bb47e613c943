#include "foundation/http/client.h"

#include <sys/socket.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <set>
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

// The connections on which somebody waits, so that the waiting can be ended from another thread.
class Waiting {
 public:
  // As long as it lives, the socket is known; it must go before the socket does.
  class Entry {
   public:
    Entry(Waiting& all, int descriptor) : all_(all), descriptor_(descriptor) {
      const std::lock_guard lock(all_.mutex_);
      if (all_.is_over_) throw unavailable("the program is stopping");
      all_.descriptors_.insert(descriptor_);
    }
    ~Entry() {
      const std::lock_guard lock(all_.mutex_);
      all_.descriptors_.erase(descriptor_);
    }
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;

   private:
    Waiting& all_;
    const int descriptor_;
  };

  void end() {
    const std::lock_guard lock(mutex_);
    is_over_ = true;
    for (const int descriptor : descriptors_) ::shutdown(descriptor, SHUT_RDWR);
  }

 private:
  std::mutex mutex_;  // guards the members below
  bool is_over_ = false;
  std::set<int> descriptors_;
};

// What a failed exchange is told by.
struct Asked {
  std::string method;
  Url url;
  int64_t timeout_ms = 0;
  int64_t total_timeout_ms = 0;
};

Error failed(const Asked& asked, const StreamError& error) {
  const std::string origin = asked.url.origin();
  if (error.kind() == StreamError::Kind::kTimeout) {
    const int64_t total_ms = asked.total_timeout_ms;
    const int64_t limit_ms = total_ms > 0 ? std::min(total_ms, asked.timeout_ms) : asked.timeout_ms;
    return {ErrorCode::kDeadlineExceeded,
            text::concat("no answer from ", origin, " to ", asked.method, " within ", limit_ms, " ms")};
  }
  return unavailable("no whole answer from ", origin, " to ", asked.method, ": ", error.what());
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

// Gives its connection back at the end.
class PooledAnswer final : public ClientAnswer {
 public:
  PooledAnswer(Pool& pool, Waiting& waiting, Asked asked, ConnectionPointer connection, ClientResponse head)
      : pool_(pool), asked_(std::move(asked)), connection_(std::move(connection)), head_(std::move(head)) {
    entry_.emplace(waiting, connection_->descriptor());
  }

  const ClientResponse& head() const override { return head_; }

  size_t read(char* buffer, size_t capacity) override {
    if (!connection_) return 0;
    const size_t count = [&] {
      try {
        return connection_->read_body(buffer, capacity, asked_.timeout_ms);
      } catch (const StreamError& error) {
        throw failed(asked_, error);
      }
    }();
    if (count == 0) {
      entry_.reset();
      if (connection_->is_reusable()) pool_.keep(asked_.url.origin(), std::move(connection_));
      connection_.reset();
    }
    return count;
  }

 private:
  Pool& pool_;
  const Asked asked_;
  ConnectionPointer connection_;  // null once the body has ended
  const ClientResponse head_;
  std::optional<Waiting::Entry> entry_;
};

// A whole answer, read piece by piece.
class FinishedAnswer final : public ClientAnswer {
 public:
  explicit FinishedAnswer(ClientResponse whole) : body_(std::move(whole.body)), head_(std::move(whole)) {
    head_.body.clear();
  }

  const ClientResponse& head() const override { return head_; }

  size_t read(char* buffer, size_t capacity) override {
    const size_t count = body_.copy(buffer, capacity, at_);
    at_ += count;
    return count;
  }

 private:
  const std::string body_;
  size_t at_ = 0;
  ClientResponse head_;
};

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
    const auto answer = open(request);
    on_head(answer->head());
    std::vector<char> buffer(kReadStep);
    while (const size_t count = answer->read(buffer.data(), buffer.size())) {
      if (!on_body({buffer.data(), count})) return;
    }
  }

  std::unique_ptr<ClientAnswer> open(const ClientRequest& request) override {
    check(request);
    const Asked asked{request.method, parse_url(request.url), request.timeout_ms, request.total_timeout_ms};
    ConnectionPointer connection;
    ClientResponse head = exchange_heads(request, asked, connection);
    return std::make_unique<PooledAnswer>(pool_, waiting_, asked, std::move(connection), std::move(head));
  }

  void interrupt() override { waiting_.end(); }

 private:
  ClientResponse exchange_heads(const ClientRequest& request, const Asked& asked, ConnectionPointer& connection) {
    const Url& url = asked.url;
    connection = pool_.take(url.origin());
    if (connection) {
      try {
        connection->limit_total(request.total_timeout_ms);
        const Waiting::Entry entry(waiting_, connection->descriptor());
        connection->send(request, url);
        return connection->read_head(request);
      } catch (const StreamError& error) {
        // The server may close a kept connection at any time; it did so before it saw this request.
        const bool was_closed = error.kind() == StreamError::Kind::kClosed && !connection->has_answer();
        if (!was_closed) throw failed(asked, error);
      }
    }
    connection = std::make_unique<ClientConnection>(
        url, DialOptions{url.is_tls ? &tls() : nullptr, request.connect_timeout_ms, options_.public_addresses_only});
    try {
      connection->limit_total(request.total_timeout_ms);
      const Waiting::Entry entry(waiting_, connection->descriptor());
      connection->send(request, url);
      return connection->read_head(request);
    } catch (const StreamError& error) {
      throw failed(asked, error);
    }
  }

  // Reading the authorities takes milliseconds: only once somebody needs them.
  const TlsContext& tls() {
    const std::lock_guard lock(mutex_);
    if (!tls_)
      tls_ = std::make_unique<TlsContext>(TlsContext::for_client(options_.ca_file, options_.check_certificates));
    return *tls_;
  }

  const ClientOptions options_;
  std::mutex mutex_;  // guards the making of tls_
  std::unique_ptr<TlsContext> tls_;
  Waiting waiting_;
  Pool pool_;  // its TLS sessions end before their context
};

}  // namespace

std::unique_ptr<ClientAnswer> Client::open(const ClientRequest& request) {
  return std::make_unique<FinishedAnswer>(send(request));
}

std::unique_ptr<Client> make_client(const ClientOptions& options) { return std::make_unique<PoolingClient>(options); }

}  // namespace slipway::http
