#include "foundation/sql/postgres_database.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "foundation/base/blocking.h"
#include "foundation/base/clock.h"
#include "foundation/base/error.h"
#include "foundation/base/id.h"
#include "foundation/sql/nesting.h"

namespace slipway::sql {

namespace {

// Tried that often at least, and that long: where many clients write to the same few rows, races are lost in a row.
constexpr int kMinAttempts = 12;
constexpr int64_t kPatienceMs = 10'000;
// From this attempt on, writes that keep losing races go one after the other.
constexpr int kFirstInLine = 3;
// Our class of advisory locks ("slip") and the two locks in it.
constexpr const char* kLockMigrations = "SET lock_timeout = 60000; SELECT pg_advisory_lock(1936484720, 1)";
constexpr const char* kLockLine = "SELECT pg_advisory_lock(1936484720, 2)";
constexpr const char* kUnlockLine = "SELECT pg_advisory_unlock(1936484720, 2)";

void back_off(int attempt) {
  const uint64_t limit_us = 1000ULL << static_cast<unsigned>(std::min(attempt, 6));
  std::this_thread::sleep_for(std::chrono::microseconds(RandomIdSource().next_u64() % limit_us));
}

// The first statement tells whether the connection still lives; before it nothing is lost by taking a new one.
void start(Pool<PostgresConnection>::Loan& connection, const char* statement) {
  try {
    connection->run(statement);
    return;
  } catch (const PostgresFailure& failure) {
    if (!connection->broken()) throw Error(failure.error);
  }
  connection.replace();
  try {
    connection->run(statement);
  } catch (const PostgresFailure& failure) {
    throw Error(failure.error);
  }
}

void end(Pool<PostgresConnection>::Loan& connection, const char* statement) {
  if (connection.discarded()) return;
  try {
    if (!connection->broken()) connection->run(statement);
  } catch (const PostgresFailure&) {
    connection.discard();
    return;
  }
  if (connection->broken()) connection.discard();
}

}  // namespace

PostgresDatabase::PostgresDatabase(const std::string& url, const DatabaseOptions& options)
    : url_(url), options_(options), connections_("postgresql", options, [this] {
        return std::make_unique<PostgresConnection>(library_, url_, options_);
      }) {
  connections_.take();
}

void PostgresDatabase::read(const std::function<void(Transaction&)>& work) {
  NestingGuard::check(*this);
  const BlockingSection blocking;
  auto connection = connections_.take();
  start(connection, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  struct Ending {
    Connections::Loan& connection;
    ~Ending() { end(connection, "ROLLBACK"); }
  };
  const Ending ending{connection};
  const NestingGuard guard(*this);
  PostgresTransaction transaction(*connection);
  work(transaction);
  transaction.check_usable();
}

void PostgresDatabase::write(const std::function<void(Transaction&)>& work) {
  NestingGuard::check(*this);
  if (options_.access == Access::kReadOnly) throw failed_precondition("the database is open for reading only");
  const BlockingSection blocking;
  const int64_t begun_ms = steady_ms();
  for (int i = 0; i < kMinAttempts || steady_ms() - begun_ms < kPatienceMs; ++i) {
    if (i > 0) back_off(i);
    if (attempt(work, i) == Outcome::kDone) return;
  }
  throw unavailable("too many others change the same rows at the same time; try again");
}

PostgresDatabase::Outcome PostgresDatabase::attempt(const std::function<void(Transaction&)>& work, int attempt) {
  auto connection = connections_.take();
  const bool in_line = attempt >= kFirstInLine;
  // Before the transaction, whose snapshot must not be older than the end of the wait.
  if (in_line) start(connection, kLockLine);
  struct Ending {
    Connections::Loan& connection;
    bool in_line;
    ~Ending() {
      if (in_line) end(connection, kUnlockLine);
    }
  };
  const Ending ending{connection, in_line};
  start(connection, "BEGIN ISOLATION LEVEL SERIALIZABLE");
  PostgresTransaction transaction(*connection);
  try {
    const NestingGuard guard(*this);
    work(transaction);
    transaction.check_usable();
  } catch (...) {
    const auto& failure = transaction.failure();
    const bool lost_connection = connection->broken();
    end(connection, "ROLLBACK");
    // Nothing was committed, so the work may run again: on a new connection once, after a lost race some times.
    if (failure && (failure->lost_a_race() || (lost_connection && attempt == 0))) return Outcome::kAgain;
    throw;
  }
  try {
    connection->run("COMMIT");
    return Outcome::kDone;
  } catch (const PostgresFailure& failure) {
    const bool unknown = connection->broken();
    end(connection, "ROLLBACK");
    if (failure.lost_a_race()) return Outcome::kAgain;
    if (!unknown) throw Error(failure.error);
    throw unavailable(
        "the connection to the PostgreSQL server was lost during the commit: what was written may or may "
        "not be there; look before trying again");
  }
}

void PostgresDatabase::while_migrating(const std::function<void()>& work) {
  // A connection of its own, so that a pool of one is enough; closing it releases the lock.
  PostgresConnection connection(library_, url_, options_);
  try {
    connection.run(kLockMigrations);
  } catch (const PostgresFailure& failure) {
    throw Error(failure.error);
  }
  work();
}

}  // namespace slipway::sql
