// One accepted connection and the table of all: who owns it now, until when it may rest, and how the watcher wakes the
// ones that rest too long. Used by the server only.
#pragma once

#include <atomic>
#include <list>
#include <mutex>
#include <string>

#include "foundation/http/stream.h"

namespace slipway::http {

struct Connection {
  enum class Phase { kHandshake, kIdle, kHead, kAnswer, kLinger };
  // kResting: armed in epoll, nobody's; kOwned: a worker's; kExpired: the watcher shut it down, its next event ends it.
  enum class State { kOwned, kResting, kExpired };

  Connection(Stream with_stream, std::string from) : stream(std::move(with_stream)), peer(std::move(from)) {}

  // The worker that got the event: true if the connection is its own, false if its time is over.
  bool claim();
  // The watcher, after the deadline has passed: true if it was resting.
  bool expire();

  Stream stream;
  const std::string peer;
  std::atomic<State> state{State::kOwned};
  std::atomic<Phase> phase{Phase::kIdle};
  std::atomic<int64_t> deadline_ms{0};
  std::atomic<int64_t> rests_since_ms{0};
  // The rest belongs to the owner.
  std::string leftover;         // read, not yet served; empty while idle
  int64_t head_since_ms = 0;    // when the first byte of an unfinished head came
  std::string unsent;           // the rest of an answer that the socket had no room for (kAnswer)
  bool is_last_answer = false;  // what follows `unsent` is the end
  size_t linger_left = 0;       // bytes still to be thrown away before closing
  bool has_whole_head = false;  // leftover may hold a request: do not wait for more bytes
  std::list<Connection>::iterator place;
};

class ConnectionTable {
 public:
  // nullptr when `limit` are open.
  Connection* add(Stream stream, std::string peer, size_t limit);
  void remove(Connection& connection);
  size_t size() const { return size_.load(std::memory_order_relaxed); }

  // Wakes resting connections whose deadline has passed; while draining also those idle since before `idle_before_ms`.
  void expire(int64_t now_ms, int64_t idle_before_ms);
  // Breaks every connection: blocked reads and writes fail at once.
  void shut_down_all();

 private:
  std::mutex mutex_;  // guards connections_; also keeps sockets open while the watcher looks at them
  std::list<Connection> connections_;
  std::atomic<size_t> size_{0};
};

}  // namespace slipway::http
