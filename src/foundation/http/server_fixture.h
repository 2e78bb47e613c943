// For tests: a running server on a free port of loopback, and a socket that speaks byte by byte.
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "foundation/base/files.h"
#include "foundation/http/listener.h"
#include "foundation/http/server.h"

namespace slipway::http {

// A client without manners: sends exactly these bytes, reads exactly what comes.
class RawSocket {
 public:
  explicit RawSocket(int port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }

  explicit RawSocket(files::Descriptor accepted) : socket_(std::move(accepted)), connected_(true) {}

  bool connected() const { return connected_; }
  bool send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t count = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(count));
    }
    return true;
  }
  void finish() const { ::shutdown(socket_.get(), SHUT_WR); }
  void close() { socket_ = files::Descriptor(); }

  // Until the text holds `end`, the connection ends, or five seconds (a failing test, not a slow one) are over.
  std::string read_until(std::string_view end) {
    size_t found = 0;
    while ((found = seen_.find(end)) == std::string::npos && read_more()) {
    }
    const size_t size = found == std::string::npos ? seen_.size() : found + end.size();
    std::string taken = seen_.substr(0, size);
    seen_.erase(0, size);
    return taken;
  }
  std::string read_to_end() {
    while (read_more()) {
    }
    return std::exchange(seen_, {});
  }
  // One answer with a Content-Length.
  std::string read_answer() {
    std::string answer = read_until("\r\n\r\n");
    const size_t at = answer.find("Content-Length: ");
    if (at == std::string::npos) return answer;
    const size_t size = std::stoul(answer.substr(at + 16));
    while (seen_.size() < size && read_more()) {
    }
    answer.append(seen_.substr(0, size));
    seen_.erase(0, std::min(size, seen_.size()));
    return answer;
  }
  bool is_closed() {
    while (read_more()) {
    }
    return ended_;
  }

 private:
  bool read_more() {
    pollfd poller{socket_.get(), POLLIN, 0};
    if (ended_ || ::poll(&poller, 1, 5000) != 1) return false;
    char buffer[16384];
    const ssize_t count = ::recv(socket_.get(), buffer, sizeof buffer, 0);
    ended_ = count <= 0;
    if (count > 0) seen_.append(buffer, static_cast<size_t>(count));
    return count > 0;
  }

  files::Descriptor socket_;
  std::string seen_;
  bool connected_ = false;
  bool ended_ = false;
};

// Plays a server: each connection, one after another, is handed to `script`.
class ScriptedServer {
 public:
  explicit ScriptedServer(std::function<void(RawSocket&)> script)
      : script_(std::move(script)), listener_("127.0.0.1", 0) {
    thread_ = std::thread([this] { run(); });
  }
  ~ScriptedServer() {
    listener_.refuse_more();
    thread_.join();
  }
  std::string url() const { return text::concat("http://127.0.0.1:", listener_.port(), "/"); }
  int connections() const { return connections_; }

 private:
  void run() {
    for (;;) {
      pollfd poller{listener_.descriptor(), POLLIN, 0};
      ::poll(&poller, 1, -1);
      Accepted accepted;
      if (listener_.accept(accepted) != Listener::Outcome::kAccepted) return;
      ::fcntl(accepted.socket.get(), F_SETFL, 0);
      ++connections_;
      RawSocket socket(std::move(accepted.socket));
      script_(socket);
    }
  }

  const std::function<void(RawSocket&)> script_;
  Listener listener_;
  std::atomic<int> connections_{0};
  std::thread thread_;
};

inline ServerOptions quiet_options() {
  ServerOptions options;
  options.access_log = false;
  options.drain_timeout_ms = 5000;
  return options;
}

// Routes are added before start().
class TestServer {
 public:
  explicit TestServer(ServerOptions options = quiet_options()) : options_(std::move(options)) {}

  void route(std::string method, std::string pattern, Handler handler) {
    Route route;
    route.method = std::move(method);
    route.pattern = std::move(pattern);
    route.handler = std::move(handler);
    router_.add(std::move(route));
  }
  Server& make() {
    server_ = std::make_unique<Server>(options_, router_, registry_);
    return *server_;
  }
  int start() {
    if (!server_) make();
    server_->start();
    return server_->port();
  }
  Server& server() { return *server_; }
  metrics::Registry& registry() { return registry_; }
  std::string url(std::string_view path) const {
    return text::concat(options_.tls ? "https" : "http", "://127.0.0.1:", server_->port(), path);
  }

 private:
  ServerOptions options_;
  Router router_;
  metrics::Registry registry_;
  std::unique_ptr<Server> server_;
};

}  // namespace slipway::http
