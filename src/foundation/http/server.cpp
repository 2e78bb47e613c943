#include "foundation/http/server.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <condition_variable>
#include <thread>

#include "foundation/base/clock.h"
#include "foundation/base/log.h"
#include "foundation/http/crew.h"
#include "foundation/http/listener.h"
#include "foundation/http/session.h"
#include "foundation/http/tls.h"

namespace slipway::http {

namespace {

constexpr int kAcceptAtOnce = 64;
constexpr int64_t kTickMs = 100;
// So long nothing may move with all threads in use before clients are told to come back later.
constexpr int64_t kBusyBeforeRefusalMs = 2000;
// While draining, a connection that was quiet for so long has no request on its way.
constexpr int64_t kQuietMs = 300;

int hot_workers_of(const ServerOptions& options) {
  if (options.hot_workers > 0) return options.hot_workers;
  return std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 2, 8);
}

// Each connection is a descriptor; the usual soft limit of 1,024 is there for programs that use select.
void allow_descriptors(size_t connections) {
  rlimit limit{};
  const rlim_t wanted = connections + 1024;
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted) return;
  limit.rlim_cur = std::min(limit.rlim_max, wanted);
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

std::shared_ptr<const TlsContext> tls_context_of(const ServerOptions& options) {
  return options.tls ? std::make_shared<const TlsContext>(TlsContext::for_server(*options.tls)) : nullptr;
}

files::Descriptor made(int descriptor, std::string_view what) {
  if (descriptor < 0) throw system_error(what);
  return files::Descriptor(descriptor);
}

}  // namespace

class Server::Core {
 public:
  Core(ServerOptions options, const Router& router, metrics::Registry& registry);
  ~Core() { stop(); }

  void start();
  void stop();
  void reload_tls();

  Service service;
  Listener listener;

 private:
  class Worker;
  // An event of epoll carries the address of what it is about: a Connection, &listener or &wake_.
  void watch(int descriptor, void* subject, uint32_t events, int operation) const;
  void handle(const epoll_event& event, Session& session, bool is_overloaded);
  // false: try again later, asking epoll would spin.
  bool accept_some();
  void admit(Accepted accepted);
  void release(Connection& connection, uint32_t events, int operation);
  void refuse_admission(const Accepted& accepted) const;
  void settle(Connection& connection, Session::After after);
  void await(std::unique_ptr<HeldAnswer> held);
  void remove(Connection& connection);

  void run_watcher();
  void shed_load(Session& session);
  void drain();

  std::shared_ptr<const TlsContext> tls() const;

  mutable std::mutex tls_mutex_;           // guards tls_
  std::shared_ptr<const TlsContext> tls_;  // null without TLS; shared with whoever admits a connection just now
  files::Descriptor epoll_;
  files::Descriptor wake_;
  ConnectionTable connections_;
  Crew crew_;
  std::mutex accept_mutex_;  // no connection is between the system's hands and the table when draining begins
  std::atomic<bool> accept_later_{false};
  std::atomic<int> held_{0};  // answers that wait for a change to be durable
  bool started_ = false;

  std::mutex mutex_;  // guards stop_watching_
  std::condition_variable watcher_wake_;
  bool stop_watching_ = false;
  std::thread watcher_;
};

class Server::Core::Worker final : public Crew::Worker {
 public:
  explicit Worker(Core& core) : core_(core), session_(core.service) {}

  void wait() override { count_ = ::epoll_wait(core_.epoll_.get(), &event_, 1, -1); }
  void serve() override {
    if (count_ == 1) core_.handle(event_, session_, false);
  }

 private:
  Core& core_;
  Session session_;
  epoll_event event_{};
  int count_ = 0;
};

Server::Core::Core(ServerOptions options, const Router& router, metrics::Registry& registry)
    : service(std::move(options), router, registry),
      listener(service.options.host, service.options.port),
      tls_(tls_context_of(service.options)),
      epoll_(made(::epoll_create1(EPOLL_CLOEXEC), "epoll_create")),
      wake_(made(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd")),
      crew_(hot_workers_of(service.options), service.options.max_workers,
            [this] { return std::make_unique<Worker>(*this); }) {
  watch(wake_.get(), &wake_, EPOLLIN, EPOLL_CTL_ADD);
}

void Server::Core::watch(int descriptor, void* subject, uint32_t events, int operation) const {
  epoll_event event{};
  event.events = events;
  event.data.ptr = subject;
  if (::epoll_ctl(epoll_.get(), operation, descriptor, &event) != 0) throw system_error("epoll_ctl");
}

void Server::Core::start() {
  if (started_) return;
  started_ = true;
  service.metrics.add_routes(service.router);
  allow_descriptors(service.options.max_connections);
  watch(listener.descriptor(), &listener, EPOLLIN | EPOLLONESHOT, EPOLL_CTL_ADD);
  crew_.start();
  watcher_ = std::thread([this] { run_watcher(); });
}

std::shared_ptr<const TlsContext> Server::Core::tls() const {
  const std::lock_guard lock(tls_mutex_);
  return tls_;
}

void Server::Core::reload_tls() {
  std::shared_ptr<const TlsContext> fresh = tls_context_of(service.options);
  const std::lock_guard lock(tls_mutex_);
  tls_ = std::move(fresh);
}

void Server::Core::handle(const epoll_event& event, Session& session, bool is_overloaded) {
  if (event.data.ptr == &wake_) return;
  if (event.data.ptr == &listener) {
    // After draining began the listener is not armed again.
    if (!accept_some()) accept_later_ = true;
    return;
  }
  Connection& connection = *static_cast<Connection*>(event.data.ptr);
  Session::After after = Session::After::kClose;
  try {
    if (!connection.claim()) {
      after = session.serve_expired(connection);
    } else {
      after = is_overloaded ? session.serve_overload(connection) : session.serve(connection);
    }
  } catch (const std::exception& error) {
    log::error("connection failed", {{"peer", connection.peer}, {"reason", error.what()}});
  }
  if (after == Session::After::kHeld) return await(session.take_held());
  settle(connection, after);
}

void Server::Core::await(std::unique_ptr<HeldAnswer> held) {
  ++held_;
  const std::shared_ptr<PendingChange> change = std::move(held->change);
  change->when_durable([this, shared = std::shared_ptr(std::move(held))](const std::optional<Error>& failure) {
    Session::After after = Session::After::kReset;
    try {
      after = Session::complete(service, *shared, failure);
    } catch (const std::exception& error) {
      log::error("answer lost", {{"request_id", shared->request.request_id}, {"reason", error.what()}});
    }
    settle(shared->connection, after);
    --held_;
  });
}

void Server::Core::settle(Connection& connection, Session::After after) {
  const bool was_expired = connection.state == Connection::State::kExpired;
  uint32_t events = EPOLLONESHOT | EPOLLIN;
  switch (after) {
    case Session::After::kReset:
      connection.stream.reset_on_close();
      return remove(connection);
    case Session::After::kClose:
      return remove(connection);
    case Session::After::kRestWrite:
      events = EPOLLONESHOT | EPOLLOUT;
      break;
    case Session::After::kAgain:
      events |= EPOLLOUT;  // true at once, after those who wait already
      break;
    case Session::After::kRest:
    case Session::After::kHeld:  // not the caller's to settle
      break;
  }
  if (was_expired && connection.phase != Connection::Phase::kLinger) return remove(connection);
  release(connection, events, EPOLL_CTL_MOD);
}

void Server::Core::remove(Connection& connection) {
  connections_.remove(connection);
  service.metrics.connections().add(-1);
}

bool Server::Core::accept_some() {
  const std::lock_guard lock(accept_mutex_);
  try {
    for (int i = 0; i < kAcceptAtOnce; ++i) {
      Accepted accepted;
      const Listener::Outcome outcome = listener.accept(accepted);
      if (outcome == Listener::Outcome::kExhausted) return false;
      if (outcome == Listener::Outcome::kNone) break;
      admit(std::move(accepted));
    }
    if (!service.draining) watch(listener.descriptor(), &listener, EPOLLIN | EPOLLONESHOT, EPOLL_CTL_MOD);
    return true;
  } catch (const std::exception& error) {
    log::error("connection not accepted", {{"reason", error.what()}});
    return false;
  }
}

void Server::Core::admit(Accepted accepted) {
  const int descriptor = accepted.socket.get();
  if (connections_.size() >= service.options.max_connections) return refuse_admission(accepted);
  const std::shared_ptr<const TlsContext> context = tls();
  SslPointer ssl = context ? context->accept(descriptor) : nullptr;
  Connection* connection = connections_.add(Stream(std::move(accepted.socket), std::move(ssl)),
                                            std::move(accepted.peer), service.options.max_connections);
  if (connection == nullptr) return;
  service.metrics.connections().add(1);
  connection->phase = context ? Connection::Phase::kHandshake : Connection::Phase::kIdle;
  connection->deadline_ms =
      steady_ms() + (context ? service.options.header_timeout_ms : service.options.idle_timeout_ms);
  release(*connection, EPOLLIN | EPOLLONESHOT, EPOLL_CTL_ADD);
}

// From here on the connection may be another thread's.
void Server::Core::release(Connection& connection, uint32_t events, int operation) {
  connection.rests_since_ms = steady_ms();
  const int descriptor = connection.stream.descriptor();
  connection.state.store(Connection::State::kResting, std::memory_order_release);
  epoll_event event{};
  event.events = events;
  event.data.ptr = &connection;
  // Arming again goes around the library's wrapper: ThreadSanitizer would take the wrapper's look at the descriptor for
  // a race with a close by the next owner, who may be at work before the call returns.
  const bool armed = operation == EPOLL_CTL_ADD
                         ? ::epoll_ctl(epoll_.get(), operation, descriptor, &event) == 0
                         : ::syscall(SYS_epoll_ctl, epoll_.get(), operation, descriptor, &event) == 0;
  if (armed) return;
  // Not armed, so nobody else can have it.
  log::error("connection lost", {{"reason", system_error("epoll_ctl").what()}});
  remove(connection);
}

void Server::Core::refuse_admission(const Accepted& accepted) const {
  if (service.options.tls) return;  // a handshake is what there is no room for
  static constexpr std::string_view kBusy =
      "HTTP/1.1 503 Service Unavailable\r\nServer: slipway\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: "
      "close\r\n\r\n";
  // A fresh socket has room for that.
  if (::send(accepted.socket.get(), kBusy.data(), kBusy.size(), MSG_NOSIGNAL) < 0) return;
  ::shutdown(accepted.socket.get(), SHUT_WR);
}

void Server::Core::run_watcher() {
  Session session(service);
  const ServerOptions& options = service.options;
  const int64_t shortest_ms = std::min(options.header_timeout_ms, options.idle_timeout_ms);
  const int64_t tick_ms = std::clamp<int64_t>(shortest_ms / 4, 10, kTickMs);
  int64_t moved_ms = steady_ms();
  std::unique_lock lock(mutex_);
  while (!watcher_wake_.wait_for(lock, std::chrono::milliseconds(tick_ms), [&] { return stop_watching_; })) {
    lock.unlock();
    const int64_t now_ms = steady_ms();
    connections_.expire(now_ms, service.draining ? now_ms - kQuietMs : INT64_MIN);
    if (crew_.look_after()) moved_ms = now_ms;
    if (now_ms - moved_ms >= kBusyBeforeRefusalMs) shed_load(session);
    if (accept_later_.exchange(false) && !accept_some()) accept_later_ = true;
    lock.lock();
  }
}

void Server::Core::shed_load(Session& session) {
  std::array<epoll_event, 64> events{};
  const int count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), 0);
  for (int i = 0; i < count; ++i) handle(events[static_cast<size_t>(i)], session, true);
}

void Server::Core::drain() {
  // Connections that the system has taken already are ours to serve.
  service.draining = true;
  {
    const std::lock_guard lock(accept_mutex_);
    listener.hold_arrivals();
    Accepted accepted;
    while (listener.accept(accepted) == Listener::Outcome::kAccepted) admit(std::move(accepted));
    listener.refuse_more();
  }
  const int64_t until_ms = steady_ms() + service.options.drain_timeout_ms;
  while (connections_.size() > 0 && steady_ms() < until_ms) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  if (connections_.size() > 0) log::warning("connections cut off", {{"count", std::to_string(connections_.size())}});
  connections_.shut_down_all();
  // Whoever makes the changes durable will call back.
  while (held_ > 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

void Server::Core::stop() {
  if (!started_) return;
  started_ = false;
  drain();
  {
    const std::lock_guard lock(mutex_);
    stop_watching_ = true;
  }
  watcher_wake_.notify_all();
  watcher_.join();
  const uint64_t one = 1;
  if (::write(wake_.get(), &one, sizeof one) < 0) log::warning("the wake-up of the workers failed");
  crew_.stop();
}

Server::Server(ServerOptions options, const Router& router, metrics::Registry& registry)
    : core_(std::make_unique<Core>(std::move(options), router, registry)) {}
Server::~Server() = default;
void Server::set_filter(Filter filter) { core_->service.filter = std::move(filter); }
void Server::set_finisher(Finisher finisher) { core_->service.finisher = std::move(finisher); }
void Server::set_error_renderer(ErrorRenderer renderer) { core_->service.renderer = std::move(renderer); }
void Server::reload_tls() { core_->reload_tls(); }
int Server::port() const { return core_->listener.port(); }
void Server::start() { core_->start(); }
void Server::stop() { core_->stop(); }

}  // namespace slipway::http
