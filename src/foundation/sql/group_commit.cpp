#include "foundation/sql/group_commit.h"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <utility>

#include "foundation/base/blocking.h"
#include "foundation/base/log.h"
#include "foundation/base/text.h"
#include "foundation/sql/nesting.h"

namespace slipway::sql {

namespace {

files::Descriptor open_log(const std::string& path) {
  files::Descriptor log(::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
  if (!log.valid()) throw system_error("database: open " + path);
  // A file that was just made must be found again.
  files::sync_folder(std::filesystem::path(path).parent_path().string());
  return log;
}

// What is being handled, for those who had no part in it.
Error current_error() {
  try {
    throw;
  } catch (const Error& error) {
    return error;
  } catch (...) {
    return internal_error("the transaction was undone because another write in it failed; try again");
  }
}

}  // namespace

GroupCommit::GroupCommit(const Database& owner, std::unique_ptr<SqliteConnection> connection,
                         std::optional<std::string> log)
    : owner_(owner), connection_(std::move(connection)) {
  if (log) log_ = open_log(*log);
}

GroupCommit::~GroupCommit() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  relief_wake_.notify_one();
  if (relief_.joinable()) relief_.join();
}

GroupCommitStats GroupCommit::stats() const {
  const std::lock_guard lock(mutex_);
  return stats_;
}

void GroupCommit::between_writes(const std::function<void(SqliteConnection&)>& work) {
  const std::lock_guard lock(connection_mutex_);
  work(*connection_);
}

std::shared_ptr<PendingChange> GroupCommit::begin(const Work& work) {
  std::unique_lock lock(connection_mutex_);
  open_group();
  std::shared_ptr<Group> group = open_;
  try {
    run_one(work);
  } catch (...) {
    // With nobody else in it the transaction need not stay open. When SQLite undid all of it, as it does when the disk
    // is full, the others have to know.
    if (connection_->in_transaction() && group->writes_ > 0) throw;
    std::optional<Error> failure = current_error();
    close_group(failure);
    lock.unlock();
    settle(*group, failure);
    throw;
  }
  ++group->writes_;
  if (!log_.valid()) {
    std::optional<Error> failure;
    close_group(failure);
    lock.unlock();
    settle(*group, failure);
  }
  return group;
}

// With the connection's lock held, as the next three.
void GroupCommit::open_group() {
  if (broken_) throw *broken_;
  if (open_) return;
  connection_->run("BEGIN IMMEDIATE");
  open_ = std::make_shared<Group>(*this);
  const std::lock_guard lock(mutex_);
  next_ = open_;
}

void GroupCommit::run_one(const Work& work) {
  try {
    connection_->run("SAVEPOINT one_write");
    SqliteTransaction transaction(*connection_);
    {
      const NestingGuard guard(owner_);
      work(transaction);
    }
    transaction.check_usable();
    if (connection_->has_deferred_violations())
      throw failed_precondition("the row breaks a rule of its table: FOREIGN KEY");
    connection_->run("RELEASE one_write");
  } catch (...) {
    if (!connection_->in_transaction()) throw;
    try {
      connection_->run("ROLLBACK TO one_write");
      connection_->run("RELEASE one_write");
    } catch (const Error&) {
      connection_->roll_back();  // what cannot be undone alone is undone with all
    }
    throw;
  }
}

// Commits, unless there is a failure already, and leaves no transaction open.
std::shared_ptr<GroupCommit::Group> GroupCommit::close_group(std::optional<Error>& failure) {
  std::shared_ptr<Group> group = std::exchange(open_, nullptr);
  if (group == nullptr) return nullptr;
  {
    const std::lock_guard lock(mutex_);
    next_ = nullptr;
  }
  if (!failure) failure = broken_;
  try {
    if (!failure) connection_->run(group->writes_ > 0 ? "COMMIT" : "ROLLBACK");
  } catch (const Error& error) {
    failure = error;
  }
  if (failure) connection_->roll_back();
  return group;
}

// After a failed sync the system calls the pages clean although they are not on the disk: a later success would tell
// nothing. So this is the end of writing until the server is started anew on what the disk really has.
std::optional<Error> GroupCommit::sync() {
  if (!log_.valid() || ::fdatasync(log_.get()) == 0) return std::nullopt;
  const Error reason = system_error("the disk did not keep the last changes");
  const Error broken(reason.code(), text::concat(reason.what(), "; see to the disk, then start the server again"));
  log::error("no more writes", {{"reason", broken.what()}});
  const std::lock_guard lock(connection_mutex_);
  broken_ = broken;
  return broken;
}

void GroupCommit::settle(Group& group, const std::optional<Error>& failure) {
  std::vector<Group::Listener> listeners;
  {
    const std::lock_guard lock(mutex_);
    group.done_ = true;
    group.failure_ = failure;
    listeners.swap(group.listeners_);
    if (!failure && group.writes_ > 0) {
      stats_.writes += group.writes_;
      ++stats_.commits;
    }
  }
  group.settled_.notify_all();
  for (const Group::Listener& listener : listeners) listener(failure);
}

// Brings the open group to the disk; false when there is none.
bool GroupCommit::lead_one() {
  std::optional<Error> failure;
  std::shared_ptr<Group> group;
  {
    const std::lock_guard lock(connection_mutex_);
    group = close_group(failure);
  }
  if (group == nullptr) return false;
  if (!failure) failure = sync();
  settle(*group, failure);
  return true;
}

void GroupCommit::lead_all() {
  const BlockingSection blocking;
  for (;;) {
    while (lead_one()) {
    }
    const std::lock_guard lock(mutex_);
    if (next_ != nullptr) continue;
    has_leader_ = false;
    return;
  }
}

// With mutex_ held. Of a group that nobody waits for yet, whoever comes to wait for it will lead.
void GroupCommit::pass_lead() {
  has_leader_ = false;
  if (next_ == nullptr) return;
  if (next_->waiting_ > 0) return next_->settled_.notify_one();
  if (next_->listeners_.empty()) return;
  if (!relief_.joinable()) relief_ = std::thread([this] { run_relief(); });
  relief_wanted_ = true;
  relief_wake_.notify_one();
}

void GroupCommit::run_relief() {
  std::unique_lock lock(mutex_);
  for (;;) {
    relief_wake_.wait(lock, [this] { return relief_wanted_ || stopping_; });
    if (stopping_) return;
    relief_wanted_ = false;
    if (has_leader_ || next_ == nullptr) continue;
    has_leader_ = true;
    lock.unlock();
    lead_all();
    lock.lock();
  }
}

void GroupCommit::Group::wait() {
  const BlockingSection blocking;
  std::unique_lock lock(of_.mutex_);
  while (!done_) {
    if (of_.has_leader_) {
      ++waiting_;
      settled_.wait(lock);
      --waiting_;
      continue;
    }
    of_.has_leader_ = true;
    lock.unlock();
    of_.lead_one();
    lock.lock();
    of_.pass_lead();
  }
  if (failure_) throw Error(*failure_);
}

void GroupCommit::Group::when_durable(Listener listener) {
  {
    std::unique_lock lock(of_.mutex_);
    if (done_) {
      const std::optional<Error> failure = failure_;
      lock.unlock();
      return listener(failure);
    }
    listeners_.push_back(std::move(listener));
    if (of_.has_leader_) return;
    of_.has_leader_ = true;
  }
  of_.lead_all();
}

}  // namespace slipway::sql
