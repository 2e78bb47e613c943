// The one writer of a SQLite database. Writes from any number of threads queue here; those that wait while a commit is
// under way run in the next transaction together, each in its own savepoint, and share its one fsync. There is no
// thread for this: whoever comes while nobody writes leads, runs one group with its own write first, and hands the lead
// to the next in the queue. A writer alone thus never waits for another thread to wake. Used by sqlite_database.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "foundation/sql/sqlite_connection.h"

namespace slipway::sql {

struct GroupCommitStats {
  uint64_t writes = 0;   // acknowledged
  uint64_t commits = 0;  // transactions they shared
  uint64_t waiting = 0;  // queued just now
};

// When a group ends though more writes wait. One write a group is what the benchmark compares with.
struct GroupLimits {
  size_t writes = 1000;
  int64_t duration_us = 20'000;  // so that the first writer is not kept waiting by the last
};

class GroupCommit {
 public:
  using Work = std::function<void(Transaction&)>;
  GroupCommit(const Database& owner, std::unique_ptr<SqliteConnection> connection, const GroupLimits& limits);
  GroupCommit(const GroupCommit&) = delete;
  GroupCommit& operator=(const GroupCommit&) = delete;

  // Returns when the work is durable.
  void write(const Work& work);
  // For a database in memory, whose readers have no connection of their own: runs between groups.
  void between_groups(const std::function<void(SqliteConnection&)>& work);
  GroupCommitStats stats() const;

 private:
  // Where a caller waits. The exception is moved out by the caller, so that it lives and dies in one thread.
  class Ticket {
   public:
    void finish(std::exception_ptr failure);
    void give_lead();
    // True when the caller shall lead; false when its write is done. Throws the failure of the write, if there is one.
    bool wait();

   private:
    enum class State { kQueued, kLeader, kDone };
    std::mutex mutex_;  // guards the rest
    std::condition_variable changed_;
    State state_ = State::kQueued;
    std::exception_ptr failure_;
  };
  struct Pending {
    const Work* work;
    std::shared_ptr<Ticket> ticket;  // shared by the caller and the leader: either may be the last to let go
    std::exception_ptr failure;
  };
  using Group = std::vector<Pending>;

  // What fails without anybody to tell it to (no memory for the queue) must end the process, not leave others waiting.
  void lead(std::unique_lock<std::mutex> lock) noexcept;
  void gather(std::unique_lock<std::mutex>& lock);
  Group run_group(std::unique_lock<std::mutex>& lock);
  void run_one(Pending& pending);
  void commit(Group& group);
  void give_up(Group& group, const Error& failure);

  const Database& owner_;
  const GroupLimits limits_;
  std::mutex connection_mutex_;  // guards connection_
  std::unique_ptr<SqliteConnection> connection_;
  mutable std::mutex mutex_;  // guards the members below
  std::condition_variable gathered_;
  std::deque<Pending> queue_;
  bool has_leader_ = false;
  size_t wanted_ = 0;  // so many queued writes are what the leader waits for
  GroupCommitStats stats_;
  // Of the last group; its leader writes them and hands them on with the lead.
  size_t last_group_ = 0;
  int64_t last_commit_us_ = 0;
  int64_t last_end_us_ = 0;
};

}  // namespace slipway::sql
