#include "foundation/http/session.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>

#include "foundation/base/blocking.h"
#include "foundation/base/clock.h"
#include "foundation/base/json.h"
#include "foundation/base/log.h"

namespace slipway::http {

namespace {

// After so many requests in a row from one connection the others get their turn.
constexpr int kTurn = 32;
constexpr int64_t kLingerMs = 2000;
constexpr size_t kLingerBytes = size_t{64} << 20U;

class NoBody final : public BodyReader {
 public:
  size_t read(char* /*buffer*/, size_t /*capacity*/) override { return 0; }
};

bool is_sane_id(std::string_view id) {
  constexpr std::string_view kOthers = "-_.:/+=@";
  return !id.empty() && id.size() <= 128 && std::all_of(id.begin(), id.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kOthers.find(c) != std::string_view::npos;
  });
}

// The word beside a status that the server itself chose.
std::string_view code_of(int status) {
  switch (status) {
    case 404:
      return name_of(ErrorCode::kNotFound);
    case 405:
      return "method_not_allowed";
    case 408:
      return name_of(ErrorCode::kDeadlineExceeded);
    case 413:
    case 414:
    case 431:
      return name_of(ErrorCode::kTooLarge);
    case 500:
      return name_of(ErrorCode::kInternal);
    case 501:
    case 505:
      return name_of(ErrorCode::kUnimplemented);
    case 503:
      return name_of(ErrorCode::kUnavailable);
    default:
      return name_of(ErrorCode::kInvalidArgument);
  }
}

Response plain_error(std::string_view code, std::string_view message, int status) {
  json::object error;
  error["code"] = code;
  error["message"] = message;
  json::object document;
  document["error"] = std::move(error);
  return Response::json(status, json::write(document));
}

}  // namespace

Session::Session(Service& service) : service_(service), ids_(RandomIdSource().next_u64()) {}

Session::After Session::serve(Connection& connection) {
  if (connection.phase == Connection::Phase::kLinger) return discard(connection);
  if (connection.phase == Connection::Phase::kAnswer) return send_rest(connection);
  if (connection.phase == Connection::Phase::kHandshake) {
    // A signature takes a millisecond: longer than many whole requests.
    const Attempt attempt = [&] {
      const BlockingSection section;
      return connection.stream.try_handshake();
    }();
    if (attempt.state == Attempt::State::kWantRead) return After::kRest;
    if (attempt.state == Attempt::State::kWantWrite) return After::kRestWrite;
    if (attempt.state != Attempt::State::kDone) return After::kClose;
    connection.phase = Connection::Phase::kIdle;
  }
  return serve_requests(connection, false);
}

Session::After Session::serve_expired(Connection& connection) {
  const Connection::Phase phase = connection.phase;
  if (phase == Connection::Phase::kAnswer) return After::kReset;
  if (phase == Connection::Phase::kHandshake || phase == Connection::Phase::kLinger) return After::kClose;
  // While draining a request may have come at the last moment.
  if (phase == Connection::Phase::kIdle) return serve_requests(connection, true);
  Request request;
  return refuse(connection, request, {408, "the request did not arrive in time"});
}

Session::After Session::serve_overload(Connection& connection) {
  if (connection.phase != Connection::Phase::kIdle && connection.phase != Connection::Phase::kHead)
    return serve(connection);
  input_.assign(connection.leftover);
  const After after = read_more(connection);
  if (after != After::kAgain) return after;
  Request request;
  return refuse(connection, request, {503, "the server is busy; try again in a moment"});
}

Session::After Session::serve_requests(Connection& connection, bool is_last) {
  input_.assign(connection.leftover);
  // What is left over holds no end of a head, or has not been looked at.
  size_t scanned = connection.has_whole_head ? 0 : connection.leftover.size();
  bool must_read = !connection.has_whole_head;
  connection.has_whole_head = false;
  std::string().swap(connection.leftover);
  for (int served = 0; served < kTurn;) {
    if (must_read) {
      const After after = read_more(connection);
      if (after != After::kAgain) return after;
    }
    while (scanned == 0 && input_.view().starts_with("\r\n")) input_.consume(2);
    const size_t head_size = find_head_end(input_.view(), scanned);
    if (const auto refusal = check_head(head_size, scanned)) {
      Request request;
      return refuse(connection, request, *refusal);
    }
    must_read = head_size == 0;
    scanned = input_.view().size();
    if (head_size == 0) continue;
    ++served;
    const After after = answer_one(connection, head_size, is_last);
    if (after != After::kAgain) return after;
    scanned = 0;
    must_read = input_.empty();
    // epoll tells when a plain socket has more; OpenSSL may hold bytes that epoll knows nothing of.
    if (must_read && !connection.stream.is_tls()) return rest(connection);
  }
  connection.leftover = input_.view();
  connection.has_whole_head = true;
  connection.phase = Connection::Phase::kIdle;
  connection.deadline_ms = steady_ms() + service_.options.idle_timeout_ms;
  return After::kAgain;
}

std::optional<Refusal> Session::check_head(size_t head_size, size_t scanned) {
  const std::string_view bytes = input_.view();
  const size_t limit = service_.options.max_header_bytes;
  if ((head_size == 0 ? bytes.size() : head_size) > limit) {
    if (bytes.substr(0, limit).find("\r\n") == std::string_view::npos)
      return Refusal{414, "the request's target is too long"};
    return Refusal{431, text::concat("the request's header is over the limit of ", limit, " bytes")};
  }
  // Nonsense is told so at once instead of being waited for; once is enough.
  if (head_size == 0 && scanned == 0 && !bytes.empty()) return parser_.check_partial(bytes);
  return std::nullopt;
}

Session::After Session::read_more(Connection& connection) {
  char* room = input_.room();
  const Attempt attempt = connection.stream.try_read(room, input_.room_size());
  switch (attempt.state) {
    case Attempt::State::kDone:
      input_.commit(attempt.count);
      return After::kAgain;
    case Attempt::State::kWantRead:
    case Attempt::State::kWantWrite:
      return rest(connection);
    default:
      return After::kClose;
  }
}

Session::After Session::rest(Connection& connection) {
  const int64_t now_ms = steady_ms();
  if (input_.empty()) {
    connection.phase = Connection::Phase::kIdle;
    connection.deadline_ms = now_ms + service_.options.idle_timeout_ms;
    return After::kRest;
  }
  connection.leftover = input_.view();
  if (connection.head_since_ms == 0) connection.head_since_ms = now_ms;
  connection.phase = Connection::Phase::kHead;
  connection.deadline_ms = connection.head_since_ms + service_.options.header_timeout_ms;
  return After::kRest;
}

Session::After Session::answer_one(Connection& connection, size_t head_size, bool is_last) {
  const auto started = std::chrono::steady_clock::now();
  const ServerOptions& options = service_.options;
  connection.head_since_ms = 0;
  Request request;
  request.peer = connection.peer;
  const auto refusal = parser_.parse(input_.view().substr(0, head_size), request);
  input_.consume(head_size);
  if (refusal) return refuse(connection, request, *refusal);
  if (request.content_length.value_or(0) > options.max_body_bytes) {
    return refuse(connection, request,
                  {413, text::concat("the request body is over the limit of ", options.max_body_bytes, " bytes")});
  }
  Account account{InFlight(service_.metrics.in_flight()), started};
  const Framing& framing = parser_.framing();
  RequestBody body(connection.stream, input_, parser_, {options.max_body_bytes, options.body_timeout_ms});
  request.body = &body;
  set_request_id(request);
  std::shared_ptr<PendingChange> change;
  Response response = [&] {
    AnswerScope scope;
    Response out = respond(request, body, account.route);
    change = scope.take();
    return out;
  }();
  // Only what is complete in memory can be left to others.
  if (change && !(body.is_done() && std::holds_alternative<std::string>(response.body))) {
    try {
      change->wait();
    } catch (...) {
      response = failure(service_, request, body.failure());
    }
    change.reset();
  }
  finish(request, response);
  Terms terms;
  terms.is_head = request.method == "HEAD";
  terms.is_http11 = framing.is_http11;
  terms.keep_alive = framing.keep_alive && !is_last && !service_.draining && body.is_drainable();
  terms.takes_gzip = accepts_gzip(request.headers.find("Accept-Encoding").value_or(""));
  terms.timeout_ms = options.body_timeout_ms;
  if (change) {
    request.body = nullptr;
    hold(std::move(change), connection, std::move(request), std::move(account), response, terms);
    return After::kHeld;
  }
  const After after = deliver(connection, request, body, response, terms);
  account.status = response.status;
  account.body_bytes = writer_.body_bytes();
  settle_account(service_, request, account);
  return after;
}

Session::After Session::deliver(Connection& connection, Request& request, RequestBody& body, Response& response,
                                Terms& terms) {
  writer_.reset();
  try {
    try {
      writer_.send(connection.stream, response, request.request_id, terms);
    } catch (const StreamError&) {
      throw;
    } catch (const std::exception&) {
      if (writer_.has_started()) throw;
      response = failure(service_, request, body.failure());
      finish(request, response);
      writer_.send(connection.stream, response, request.request_id, terms);
    }
  } catch (const StreamError&) {
    return After::kReset;
  } catch (const std::exception& error) {
    log::error("answer broken off",
               {{"request_id", request.request_id}, {"path", request.path}, {"reason", error.what()}});
    return After::kReset;
  }
  if (terms.keep_alive && body.drain()) return After::kAgain;
  // Closing while the client still sends would throw the answer away with the rest.
  const bool is_quiet = body.is_done() && input_.empty() && !service_.draining;
  return is_quiet ? After::kClose : linger(connection);
}

Session::After Session::refuse(Connection& connection, Request& request, const Refusal& refusal) {
  NoBody body;
  request.body = &body;
  request.peer = connection.peer;
  set_request_id(request);
  Response response = render(service_, request, refusal.status, code_of(refusal.status), refusal.message);
  if (refusal.status == 503) response.headers.set("Retry-After", "1");
  finish(request, response);
  Terms terms;
  terms.keep_alive = false;
  terms.is_head = request.method == "HEAD";
  terms.timeout_ms = service_.options.body_timeout_ms;
  writer_.reset();
  try {
    writer_.send(connection.stream, response, request.request_id, terms);
  } catch (const std::exception&) {
    return After::kClose;  // nobody there to be told
  }
  Account account{InFlight(service_.metrics.in_flight()), std::chrono::steady_clock::now()};
  account.status = response.status;
  account.body_bytes = writer_.body_bytes();
  settle_account(service_, request, account);
  return linger(connection);
}

Session::After Session::linger(Connection& connection) {
  connection.stream.finish_writing();
  connection.phase = Connection::Phase::kLinger;
  connection.linger_left = kLingerBytes;
  connection.deadline_ms = steady_ms() + kLingerMs;
  return After::kRest;
}

Session::After Session::discard(Connection& connection) {
  std::array<char, 16384> scrap{};
  for (;;) {
    const ssize_t count = ::recv(connection.stream.descriptor(), scrap.data(), scrap.size(), MSG_DONTWAIT);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return After::kRest;
    if (count <= 0 || static_cast<size_t>(count) > connection.linger_left) return After::kClose;
    connection.linger_left -= static_cast<size_t>(count);
  }
}

Response Session::respond(Request& request, const RequestBody& body, const Route*& route) {
  try {
    std::vector<std::string> allowed_methods;
    Match match = service_.router.find(request.method, RequestParser::encoded_path(request), &allowed_methods);
    route = match.route;
    request.parameters = std::move(match.parameters);
    if (service_.filter) {
      static const Route kNowhere;
      if (auto answer = service_.filter(request, route == nullptr ? kNowhere : *route)) return *std::move(answer);
    }
    return route == nullptr ? no_such_route(request, allowed_methods) : route->handler(request);
  } catch (...) {
    return failure(service_, request, body.failure());
  }
}

void Session::finish(const Request& request, Response& response) const {
  if (service_.finisher) service_.finisher(request, response);
}

// A base address with a slash at its end, with a path behind it that begins with one, is what many clients send. They
// are told the right address as long as there is one.
std::optional<Response> Session::without_double_slashes(const Request& request) const {
  const std::string_view encoded = RequestParser::encoded_path(request);
  if (encoded.find("//") == std::string_view::npos) return std::nullopt;
  std::string path(encoded);
  path.erase(std::unique(path.begin(), path.end(), [](char a, char b) { return a == '/' && b == '/'; }), path.end());
  if (service_.router.find(request.method, path, nullptr).route == nullptr) return std::nullopt;
  const size_t query = request.target.find('?');
  if (query != std::string::npos) path.append(request.target, query);
  Response response = Response::empty(308);
  response.headers.set("Location", path);
  return response;
}

Response Session::no_such_route(const Request& request, const std::vector<std::string>& allowed_methods) {
  if (auto redirection = without_double_slashes(request)) return *std::move(redirection);
  if (allowed_methods.empty()) {
    return render(service_, request, 404, code_of(404),
                  text::concat("no such page: ", request.method, ' ', request.path));
  }
  const std::string allowed = text::join(allowed_methods, ", ");
  Response response =
      render(service_, request, 405, code_of(405),
             text::concat(request.method, " is not possible on ", request.path, "; it knows ", allowed));
  response.headers.set("Allow", allowed);
  return response;
}

Response Session::failure(const Service& service, const Request& request, int body_status) {
  std::string reason = "an exception of unknown type";
  try {
    throw;
  } catch (const Error& error) {
    const int status = body_status != 0 ? body_status : status_of(error.code());
    if (status == 500) {
      log::error("request failed",
                 {{"request_id", request.request_id}, {"path", request.path}, {"reason", error.what()}});
    }
    return render(service, request, status, name_of(error.code()), error.what());
  } catch (const std::exception& error) {
    reason = error.what();
  } catch (...) {  // the reason is set
  }
  log::error("request failed", {{"request_id", request.request_id}, {"path", request.path}, {"reason", reason}});
  return render(service, request, 500, code_of(500),
                text::concat("internal error; the server's log tells more under request id ", request.request_id));
}

Response Session::render(const Service& service, const Request& request, int status, std::string_view code,
                         std::string_view message) {
  if (service.renderer) {
    try {
      return service.renderer(request, status, code, message);
    } catch (const std::exception& error) {
      log::error("error page failed", {{"request_id", request.request_id}, {"reason", error.what()}});
    }
  }
  return plain_error(code, message, status);
}

void Session::set_request_id(Request& request) {
  const auto given = request.headers.find("X-Request-Id");
  if (given && is_sane_id(*given)) {
    request.request_id = *given;
    return;
  }
  static constexpr std::string_view kDigits = "0123456789abcdef";
  request.request_id.resize(16);
  uint64_t bits = ids_.next_u64();
  for (char& digit : request.request_id) {
    digit = kDigits[bits & 15U];
    bits >>= 4U;
  }
}

void Session::settle_account(Service& service, const Request& request, const Account& account) {
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - account.started;
  service.metrics.count(account.route, account.status, seconds.count());
  if (!service.options.access_log || !log::enabled(log::Level::kInfo)) return;
  // Without the query: it may carry what should not be kept.
  log::info("request", {{"method", request.method},
                        {"path", request.path},
                        {"status", std::to_string(account.status)},
                        {"bytes", std::to_string(account.body_bytes)},
                        {"ms", text::format_fixed(seconds.count() * 1000, 2)},
                        {"peer", request.peer},
                        {"route", account.route == nullptr ? "none" : account.route->pattern},
                        {"request_id", request.request_id}});
}

}  // namespace slipway::http
