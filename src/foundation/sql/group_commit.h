// The one writer of a SQLite database. A write runs at once, on the caller's thread, in the transaction that is open;
// it returns when that is durable. Whoever waits first leads: commits the open transaction, has the disk keep it and
// tells everybody who shares it. Meanwhile others fill the next transaction, which is committed as soon as the disk is
// free again. Used by sqlite_database.
//
// COMMIT itself leaves the write-ahead log in the system's memory (synchronous = NORMAL) and the sync of the log
// follows outside of the connection's lock: that is what lets the next transaction fill during it. Readers may so see a
// change that a power failure in the same fraction of a millisecond would still take back; nobody was told that it is
// kept.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "foundation/base/files.h"
#include "foundation/base/pending_change.h"
#include "foundation/sql/sqlite_connection.h"

namespace slipway::sql {

struct GroupCommitStats {
  uint64_t writes = 0;   // acknowledged
  uint64_t commits = 0;  // transactions they shared
};

class GroupCommit {
 public:
  using Work = std::function<void(Transaction&)>;
  // `log` is the database's write-ahead log; without one each write is a durable commit of its own.
  GroupCommit(const Database& owner, std::unique_ptr<SqliteConnection> connection, std::optional<std::string> log);
  ~GroupCommit();
  GroupCommit(const GroupCommit&) = delete;
  GroupCommit& operator=(const GroupCommit&) = delete;

  // Runs the work; what it throws undoes it and reaches the caller. The result says when it is durable.
  std::shared_ptr<PendingChange> begin(const Work& work);
  // For a database in memory, whose readers have no connection of their own: runs between transactions.
  void between_writes(const std::function<void(SqliteConnection&)>& work);
  GroupCommitStats stats() const;

 private:
  // The writes of one transaction.
  class Group final : public PendingChange {
   public:
    explicit Group(GroupCommit& of) : of_(of) {}
    void wait() override;
    void when_durable(Listener listener) override;

   private:
    friend class GroupCommit;
    GroupCommit& of_;
    uint64_t writes_ = 0;  // under the connection's mutex
    // The rest is under the mutex of `of_`.
    std::condition_variable settled_;
    size_t waiting_ = 0;
    std::vector<Listener> listeners_;
    bool done_ = false;
    std::optional<Error> failure_;
  };

  void run_one(const Work& work);
  void open_group();
  std::shared_ptr<Group> close_group(std::optional<Error>& failure);
  std::optional<Error> sync();
  void settle(Group& group, const std::optional<Error>& failure);
  bool lead_one();
  void lead_all();
  void pass_lead();
  void run_relief();

  const Database& owner_;
  files::Descriptor log_;  // -1 without one

  std::mutex connection_mutex_;  // guards the three below; may be held while mutex_ is taken, never the other way round
  std::unique_ptr<SqliteConnection> connection_;
  std::shared_ptr<Group> open_;
  std::optional<Error> broken_;  // the disk lost what it was given: no later write could be relied on

  mutable std::mutex mutex_;  // guards the rest
  bool has_leader_ = false;
  std::shared_ptr<Group> next_;  // the same as open_
  GroupCommitStats stats_;
  // Leads when only answers wait and whoever led has something else to do. Started when first needed.
  std::thread relief_;
  std::condition_variable relief_wake_;
  bool relief_wanted_ = false;
  bool stopping_ = false;
};

}  // namespace slipway::sql
