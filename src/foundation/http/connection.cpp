#include "foundation/http/connection.h"

#include <sys/socket.h>

namespace slipway::http {

bool Connection::claim() {
  State expected = State::kResting;
  return state.compare_exchange_strong(expected, State::kOwned, std::memory_order_acq_rel);
}

bool Connection::expire() {
  State expected = State::kResting;
  return state.compare_exchange_strong(expected, State::kExpired, std::memory_order_acq_rel);
}

Connection* ConnectionTable::add(Stream stream, std::string peer, size_t limit) {
  const std::lock_guard lock(mutex_);
  if (connections_.size() >= limit) return nullptr;
  Connection& connection = connections_.emplace_back(std::move(stream), std::move(peer));
  connection.place = std::prev(connections_.end());
  size_ = connections_.size();
  return &connection;
}

void ConnectionTable::remove(Connection& connection) {
  std::list<Connection> removed;  // closed after the lock is gone
  const std::lock_guard lock(mutex_);
  removed.splice(removed.begin(), connections_, connection.place);
  size_ = connections_.size();
}

void ConnectionTable::expire(int64_t now_ms, int64_t idle_before_ms) {
  const std::lock_guard lock(mutex_);
  for (Connection& connection : connections_) {
    if (connection.state.load(std::memory_order_acquire) != Connection::State::kResting) continue;
    const Connection::Phase phase = connection.phase;
    const bool is_idle = phase == Connection::Phase::kIdle || phase == Connection::Phase::kLinger;
    const bool is_over = now_ms >= connection.deadline_ms || (is_idle && connection.rests_since_ms < idle_before_ms);
    if (!is_over || !connection.expire()) continue;
    // An idle connection stays writable: a request that arrived at this very moment is still answered.
    ::shutdown(connection.stream.descriptor(),
               phase == Connection::Phase::kHandshake || phase == Connection::Phase::kAnswer ? SHUT_RDWR : SHUT_RD);
  }
}

void ConnectionTable::shut_down_all() {
  const std::lock_guard lock(mutex_);
  for (const Connection& connection : connections_) ::shutdown(connection.stream.descriptor(), SHUT_RDWR);
}

}  // namespace slipway::http
