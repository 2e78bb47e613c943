// The session's part in answers that wait for a change to be durable.
#include "foundation/http/held_answer.h"

#include "foundation/base/clock.h"
#include "foundation/http/session.h"

namespace slipway::http {

// The connection is made ready for what comes after the answer: once this has returned it may be anybody's.
void Session::hold(std::shared_ptr<PendingChange> change, Connection& connection, Request request, Account account,
                   Response& response, const Terms& terms) {
  writer_.reset();
  account.status = response.status;
  std::string bytes = writer_.compose(response, request.request_id, terms);
  account.body_bytes = writer_.body_bytes();
  connection.leftover = input_.view();
  connection.has_whole_head = !input_.empty();
  held_ = std::make_unique<HeldAnswer>(
      HeldAnswer{std::move(change), connection, std::move(request), std::move(account), terms, std::move(bytes)});
}

Session::After Session::complete(Service& service, HeldAnswer& held, const std::optional<Error>& failed) {
  Connection& connection = held.connection;
  if (failed) {
    Response response;
    try {
      throw Error(*failed);
    } catch (...) {
      response = failure(service, held.request, 0);
    }
    if (service.finisher) service.finisher(held.request, response);
    held.account.status = response.status;
    held.bytes = ResponseWriter().compose(response, held.request.request_id, held.terms);
  }
  const Attempt attempt = connection.stream.try_write(held.bytes);
  settle_account(service, held.request, held.account);
  const bool is_written = attempt.state == Attempt::State::kDone;
  if (!is_written && attempt.state != Attempt::State::kWantWrite && attempt.state != Attempt::State::kWantRead) {
    return After::kReset;
  }
  connection.is_last_answer = !held.terms.keep_alive;
  const size_t written = is_written ? attempt.count : 0;
  if (written < held.bytes.size()) {
    connection.unsent = held.bytes.substr(written);
    connection.phase = Connection::Phase::kAnswer;
    connection.deadline_ms = steady_ms() + held.terms.timeout_ms;
    return After::kRestWrite;
  }
  return after_answer(service, connection);
}

Session::After Session::after_answer(const Service& service, Connection& connection) {
  if (connection.is_last_answer) {
    const bool is_quiet = connection.leftover.empty() && !service.draining;
    return is_quiet ? After::kClose : linger(connection);
  }
  connection.phase = Connection::Phase::kIdle;
  connection.deadline_ms = steady_ms() + service.options.idle_timeout_ms;
  // OpenSSL may hold bytes that epoll knows nothing of.
  return connection.has_whole_head || connection.stream.is_tls() ? After::kAgain : After::kRest;
}

// The client takes its answer slowly: from here on as with any other answer, on a thread that waits for it.
Session::After Session::send_rest(Connection& connection) {
  try {
    connection.stream.write(connection.unsent, service_.options.body_timeout_ms);
  } catch (const StreamError&) {
    return After::kReset;
  }
  std::string().swap(connection.unsent);
  return after_answer(service_, connection);
}

}  // namespace slipway::http
