// What one worker does with a connection it owns: read a head, run the handler, answer, and again while requests wait.
// Used by the server only.
#pragma once

#include <atomic>
#include <string>

#include "foundation/base/id.h"
#include "foundation/http/connection.h"
#include "foundation/http/held_answer.h"
#include "foundation/http/request_body.h"
#include "foundation/http/response_writer.h"
#include "foundation/http/route_metrics.h"
#include "foundation/http/server.h"

namespace slipway::http {

// Shared by all workers; only `draining` changes once they run.
struct Service {
  Service(ServerOptions with_options, const Router& with_router, metrics::Registry& registry)
      : options(std::move(with_options)), router(with_router), metrics(registry) {}

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
    kHeld,   // the answer waits, see take_held; the connection is no longer the thread's
  };

  explicit Session(Service& service);
  // The connection is owned by the calling thread.
  After serve(Connection& connection);
  // Its time is over: says so where somebody waits for an answer.
  After serve_expired(Connection& connection);
  // No thread is left for it: 503.
  After serve_overload(Connection& connection);
  // After kHeld.
  std::unique_ptr<HeldAnswer> take_held() { return std::move(held_); }
  // Sends an answer that was held, or what went wrong instead; must not wait for the client.
  static After complete(Service& service, HeldAnswer& held, const std::optional<Error>& failure);

 private:
  After serve_requests(Connection& connection, bool is_last);
  std::optional<Refusal> check_head(size_t head_size, size_t scanned);
  // Reads once; kAgain when bytes came.
  After read_more(Connection& connection);
  After rest(Connection& connection);
  After answer_one(Connection& connection, size_t head_size, bool is_last);
  After send_rest(Connection& connection);
  static After after_answer(const Service& service, Connection& connection);
  void hold(std::shared_ptr<PendingChange> change, Connection& connection, Request request, Account account,
            Response& response, const Terms& terms);
  After refuse(Connection& connection, Request& request, const Refusal& refusal);
  // Our side is done; what the client still sends is thrown away for a moment, so that it reads our answer first.
  static After linger(Connection& connection);
  After discard(Connection& connection);

  Response respond(Request& request, const RequestBody& body, const Route*& route);
  // The answer for the exception being handled; `body_status` is the one that reading the body failed with, or 0.
  static Response failure(const Service& service, const Request& request, int body_status);
  std::optional<Response> without_double_slashes(const Request& request) const;
  Response no_such_route(const Request& request, const std::vector<std::string>& allowed_methods);
  static Response render(const Service& service, const Request& request, int status, std::string_view code,
                         std::string_view message);
  void finish(const Request& request, Response& response) const;
  After deliver(Connection& connection, Request& request, RequestBody& body, Response& response, Terms& terms);
  void set_request_id(Request& request);
  static void settle_account(Service& service, const Request& request, const Account& account);

  Service& service_;
  InputBuffer input_;
  RequestParser parser_;
  ResponseWriter writer_;
  SeededIdSource ids_;
  std::unique_ptr<HeldAnswer> held_;
};

}  // namespace slipway::http
