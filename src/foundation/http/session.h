// What one worker does with a connection it owns: read a head, run the handler, answer, and again while requests wait.
// Used by the server only.
#pragma once

#include <atomic>
#include <string>

#include "foundation/base/id.h"
#include "foundation/http/connection.h"
#include "foundation/http/request_body.h"
#include "foundation/http/response_writer.h"
#include "foundation/http/route_metrics.h"
#include "foundation/http/server.h"

namespace slipway::http {

// Shared by all workers; only `draining` changes once they run.
struct Service {
  Service(ServerOptions with_options, const Router& with_router, metrics::Registry& registry)
      : options(std::move(with_options)), router(with_router), metrics(registry, with_router) {}

  const ServerOptions options;
  const Router& router;
  RouteMetrics metrics;
  Server::Filter filter;
  Server::ErrorRenderer renderer;
  Server::Finisher finisher;
  std::atomic<bool> draining{false};
};

class Session {
 public:
  // What becomes of the connection after serve.
  enum class After {
    kRest,       // nothing more to read now
    kRestWrite,  // the TLS handshake waits for room to write
    kAgain,      // more requests are here already, but others have a turn first
    kClose,
    kReset,  // the client must see that the answer is broken
  };

  explicit Session(Service& service);
  // The connection is owned by the calling thread.
  After serve(Connection& connection);
  // Its time is over: says so where somebody waits for an answer.
  After serve_expired(Connection& connection);
  // No thread is left for it: 503.
  After serve_overload(Connection& connection);

 private:
  After serve_requests(Connection& connection, bool is_last);
  std::optional<Refusal> check_head(size_t head_size, size_t scanned);
  // Reads once; kAgain when bytes came.
  After read_more(Connection& connection);
  After rest(Connection& connection);
  After answer_one(Connection& connection, size_t head_size, bool is_last);
  After refuse(Connection& connection, Request& request, const Refusal& refusal);
  // Our side is done; what the client still sends is thrown away for a moment, so that it reads our answer first.
  After linger(Connection& connection);
  After discard(Connection& connection);

  Response respond(Request& request, const RequestBody& body, const Route*& route);
  Response failure(const Request& request, const RequestBody& body);
  std::optional<Response> without_double_slashes(const Request& request) const;
  Response no_such_route(const Request& request, const std::vector<std::string>& allowed_methods);
  Response render(const Request& request, int status, std::string_view code, std::string_view message);
  void finish(const Request& request, Response& response) const;
  After deliver(Connection& connection, Request& request, RequestBody& body, Response& response, Terms& terms);
  void set_request_id(Request& request);
  void log_access(const Request& request, const Route* route, int status, double seconds) const;

  Service& service_;
  InputBuffer input_;
  RequestParser parser_;
  ResponseWriter writer_;
  SeededIdSource ids_;
};

}  // namespace slipway::http
