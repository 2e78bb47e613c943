// The HTTP/1.1 server: Boost.Beast's parser, blocking handlers on threads, idle connections parked on one
// shared one-shot epoll set. See docs/ARCHITECTURE.md, "The life of one request".
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "foundation/base/error.h"
#include "foundation/base/metrics.h"
#include "foundation/http/router.h"

namespace slipway::http {

struct TlsFiles {
  std::string certificate;  // PEM, the chain
  std::string key;          // PEM
};

struct ServerOptions {
  std::string host = "127.0.0.1";
  int port = 0;  // 0: any free one, see Server::port()
  std::optional<TlsFiles> tls;
  int hot_workers = 0;   // 0: the number of cores, at least 2, at most 8
  int max_workers = 64;  // with the spares that stand in for blocked ones
  size_t max_connections = 20000;
  size_t max_header_bytes = size_t{64} * 1024;   // 431
  uint64_t max_body_bytes = uint64_t{1} << 40U;  // 413; routes read less through read_body
  int64_t header_timeout_ms = 10'000;            // 408
  int64_t body_timeout_ms = 60'000;              // of silence
  int64_t idle_timeout_ms = 120'000;
  int64_t drain_timeout_ms = 20'000;
  bool access_log = true;
};

class Server {
 public:
  // What runs before each handler (identity, host and origin checks): an answer ends the request. A request that no
  // route takes comes by too, with a route that has no pattern and no permission, before it is told so.
  using Filter = std::function<std::optional<Response>(Request&, const Route&)>;
  // Adds to every answer what all of them carry; must not throw.
  using Finisher = std::function<void(const Request&, Response&)>;
  // Renders what a handler threw and what the server itself refuses (404, 405, 413, ...).
  using ErrorRenderer =
      std::function<Response(const Request&, int status, std::string_view code, std::string_view message)>;

  // The router and the registry must outlive the server. Binds at once: unavailable("address 127.0.0.1:5000 is in use;
  // ...") tells what to do.
  Server(ServerOptions options, const Router& router, metrics::Registry& registry);
  ~Server();
  void set_filter(Filter filter);
  void set_error_renderer(ErrorRenderer renderer);
  void set_finisher(Finisher finisher);

  // From the next connection on with the certificate that now lies there; throws invalid_argument naming a file that
  // cannot be used, and goes on with the old one. Does nothing without TLS.
  void reload_tls();

  int port() const;
  // Serves on threads of its own until stop; returns at once.
  void start();
  // Stops accepting, lets running requests finish (answers carry Connection: close) for drain_timeout_ms, closes the
  // rest.
  void stop();

 private:
  class Core;
  std::unique_ptr<Core> core_;
};

// The HTTP status of an error code, the same for every protocol that does not say otherwise.
int status_of(ErrorCode code);

}  // namespace slipway::http
