// The server's threads: a few hot ones, and spares that stand in while a handler waits for a disk, a commit or a peer.
// Those that wait for a peer do not count towards the most there may be, up to a bound of their own: a client that
// stops in the middle of a request must not take a thread from the others. Used by the server only.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <thread>

#include "foundation/base/blocking.h"

namespace slipway::http {

class Crew {
 public:
  // What one thread does, again and again: it waits for an event, then serves it.
  class Worker {
   public:
    virtual ~Worker() = default;
    virtual void wait() = 0;
    virtual void serve() = 0;
  };

  Crew(int hot, int most, std::function<std::unique_ptr<Worker>()> make_worker);
  ~Crew();

  void start();
  // Ends threads as they finish what they serve (the caller wakes those who wait) and joins them.
  void stop();
  bool stopping() const { return stopping_.load(std::memory_order_acquire); }

  // Called a few times a second: when every thread has been busy with the same thing since the last call, one more
  // comes to help, blocked without saying so or not. Returns false when there is no more to send.
  bool look_after();
  int size();

 private:
  struct Member;
  void run(Member& member);
  void rest_while_surplus(Member& member);
  void stand_in_if_none_waits();
  void bring_spare();
  void add_member();
  void bury_retired();
  int limit() const;

  const int hot_;
  const int most_;
  const std::function<std::unique_ptr<Worker>()> make_worker_;
  std::atomic<bool> stopping_{false};
  std::atomic<int> active_{0};  // neither blocked nor resting
  std::atomic<int> idle_{0};    // of these, the ones that wait for an event
  std::atomic<int> wanted_{0};  // hot_, and more while hot ones are stuck
  std::atomic<int> on_peers_{0};

  std::mutex mutex_;  // guards the rest
  std::condition_variable wake_;
  int resting_ = 0;
  int calls_ = 0;  // resting members that were called back
  std::list<std::unique_ptr<Member>> members_;
  uint64_t served_before_ = 0;
};

}  // namespace slipway::http
