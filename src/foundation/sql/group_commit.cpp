#include "foundation/sql/group_commit.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "foundation/base/blocking.h"
#include "foundation/base/text.h"
#include "foundation/sql/nesting.h"

namespace slipway::sql {

namespace {

constexpr size_t kMaxQueued = 10'000;
constexpr int64_t kMaxGatherUs = 2'000;

int64_t now_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

Error error_of(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const Error& error) {
    return error;
  } catch (...) {
    return internal_error("the transaction was undone because another write in it failed; try again");
  }
}

}  // namespace

void GroupCommit::Ticket::finish(std::exception_ptr failure) {
  {
    const std::lock_guard lock(mutex_);
    failure_ = std::move(failure);
    state_ = State::kDone;
  }
  changed_.notify_one();
}

void GroupCommit::Ticket::give_lead() {
  {
    const std::lock_guard lock(mutex_);
    state_ = State::kLeader;
  }
  changed_.notify_one();
}

bool GroupCommit::Ticket::wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return state_ != State::kQueued; });
  if (state_ == State::kLeader) return true;
  if (std::exception_ptr failure = std::exchange(failure_, nullptr)) std::rethrow_exception(std::move(failure));
  return false;
}

GroupCommit::GroupCommit(const Database& owner, std::unique_ptr<SqliteConnection> connection, const GroupLimits& limits)
    : owner_(owner), limits_(limits), connection_(std::move(connection)) {}

void GroupCommit::write(const Work& work) {
  const auto ticket = std::make_shared<Ticket>();
  const BlockingSection blocking;
  std::unique_lock lock(mutex_);
  if (queue_.size() >= kMaxQueued) {
    throw Error(ErrorCode::kResourceExhausted,
                text::concat("over ", kMaxQueued, " writes are waiting for the database; try again later"));
  }
  queue_.push_back({&work, ticket, nullptr});
  if (has_leader_) {
    if (queue_.size() == wanted_) gathered_.notify_one();
    lock.unlock();
    if (!ticket->wait()) return;
    lock.lock();
  }
  has_leader_ = true;
  lead(std::move(lock));
  ticket->wait();
}

void GroupCommit::between_groups(const std::function<void(SqliteConnection&)>& work) {
  const std::lock_guard lock(connection_mutex_);
  work(*connection_);
}

GroupCommitStats GroupCommit::stats() const {
  const std::lock_guard lock(mutex_);
  GroupCommitStats out = stats_;
  out.waiting = queue_.size();
  return out;
}

// Those whose commit just ended are about to write again: without a short wait the first of them would get a
// transaction to itself and the others the next one. A writer alone (last_group_ 1) and one that comes after an idle
// time never wait.
void GroupCommit::gather(std::unique_lock<std::mutex>& lock) {
  const int64_t patience_us = last_end_us_ + std::min(last_commit_us_ / 2, kMaxGatherUs) - now_us();
  if (last_group_ < 2 || queue_.size() >= last_group_ || patience_us <= 0) return;
  wanted_ = last_group_;
  gathered_.wait_for(lock, std::chrono::microseconds(patience_us), [this] { return queue_.size() >= wanted_; });
  wanted_ = 0;
}

// One group, with the caller's own write at its head, and then the lead goes on.
void GroupCommit::lead(std::unique_lock<std::mutex> lock) noexcept {
  gather(lock);
  Group group = run_group(lock);
  lock.lock();
  last_group_ = group.size();
  last_end_us_ = now_us();
  has_leader_ = !queue_.empty();
  const std::shared_ptr<Ticket> next = has_leader_ ? queue_.front().ticket : nullptr;
  lock.unlock();
  if (next) next->give_lead();
  for (Pending& pending : group) pending.ticket->finish(std::exchange(pending.failure, nullptr));
}

// Called with the lock held, returns without it. Waits neither for a reader nor for the disk while it holds the lock.
GroupCommit::Group GroupCommit::run_group(std::unique_lock<std::mutex>& lock) {
  Group group;
  lock.unlock();
  const std::lock_guard connection_lock(connection_mutex_);
  const auto take = [&] {
    group.push_back(std::move(queue_.front()));
    queue_.pop_front();
  };
  try {
    connection_->run("BEGIN IMMEDIATE");
  } catch (const Error& error) {
    lock.lock();
    while (!queue_.empty()) take();
    lock.unlock();
    give_up(group, error);
    return group;
  }
  const int64_t started_us = now_us();
  lock.lock();
  while (!queue_.empty() && group.size() < limits_.writes && now_us() - started_us < limits_.duration_us) {
    take();
    lock.unlock();
    run_one(group.back());
    lock.lock();
    if (!connection_->in_transaction()) break;
  }
  lock.unlock();
  commit(group);
  return group;
}

void GroupCommit::run_one(Pending& pending) {
  try {
    connection_->run("SAVEPOINT one_write");
    SqliteTransaction transaction(*connection_);
    {
      const NestingGuard guard(owner_);
      (*pending.work)(transaction);
    }
    transaction.check_usable();
    if (connection_->has_deferred_violations())
      throw failed_precondition("the row breaks a rule of its table: FOREIGN KEY");
    connection_->run("RELEASE one_write");
  } catch (...) {
    pending.failure = std::current_exception();
  }
  if (!pending.failure || !connection_->in_transaction()) return;
  try {
    connection_->run("ROLLBACK TO one_write");
    connection_->run("RELEASE one_write");
  } catch (const Error&) {
    // What cannot be undone alone is undone with all; commit() tells everyone.
    connection_->roll_back();
  }
}

void GroupCommit::commit(Group& group) {
  const auto succeeded =
      std::count_if(group.begin(), group.end(), [](const Pending& pending) { return !pending.failure; });
  const int64_t started_us = now_us();
  try {
    if (!connection_->in_transaction()) {
      // SQLite rolled the whole transaction back on the failure of the last one.
      give_up(group, error_of(group.back().failure));
      return;
    }
    connection_->run(succeeded > 0 ? "COMMIT" : "ROLLBACK");
  } catch (const Error& error) {
    give_up(group, error);
    return;
  }
  last_commit_us_ = now_us() - started_us;
  const std::lock_guard lock(mutex_);
  stats_.writes += static_cast<uint64_t>(succeeded);
  stats_.commits += succeeded > 0 ? 1 : 0;
}

void GroupCommit::give_up(Group& group, const Error& failure) {
  for (Pending& pending : group) {
    // Each gets an exception of its own: they end up in different threads.
    if (!pending.failure) pending.failure = std::make_exception_ptr(Error(failure.code(), std::string(failure.what())));
  }
  connection_->roll_back();
}

}  // namespace slipway::sql
