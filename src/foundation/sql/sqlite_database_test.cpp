// What is SQLite's own: group commit, one owner per file, damage, full disks, crashes.
#include "foundation/sql/sqlite_database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <set>
#include <thread>

#include "foundation/base/blocking.h"
#include "foundation/base/error.h"
#include "foundation/base/files.h"
#include "foundation/base/pending_change.h"

namespace slipway::sql {
namespace {

using ::testing::HasSubstr;

// The error's code and text; the test fails when there is none.
Error error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "nothing was thrown";
  return internal_error("nothing");
}

constexpr int kBlobBytes = 100'000;

class Sqlite : public ::testing::Test {
 protected:
  std::unique_ptr<SqliteDatabase> open(Access access = Access::kOwner) {
    DatabaseOptions options;
    options.access = access;
    options.max_connections = 2;
    options.busy_timeout_ms = 50;
    return std::make_unique<SqliteDatabase>(path_, options);
  }
  std::unique_ptr<SqliteDatabase> open_with_table() {
    auto database = open();
    database->write([](Transaction& t) { t.execute("CREATE TABLE items (id BIGINT PRIMARY KEY, body BLOB)"); });
    return database;
  }
  static void put(Database& database, int64_t id) {
    database.write([&](Transaction& t) {
      t.execute("INSERT INTO items VALUES (?, ?)", {id, Bytes{std::string(kBlobBytes, 'x')}});
    });
  }
  static int64_t count(Database& database) {
    return database.read_value<int64_t>([](Transaction& t) { return *t.query_int("SELECT count(*) FROM items"); });
  }
  // So many writes whose answers wait; nothing is durable yet when they return.
  static std::shared_ptr<PendingChange> put_for_answer(Database& database, int count) {
    AnswerScope scope;
    for (int id = 0; id < count; ++id) {
      database.write_for_answer([&](Transaction& t) {
        t.execute("INSERT INTO items VALUES (?, ?)", {int64_t{id}, Bytes{std::string(kBlobBytes, 'x')}});
      });
    }
    return scope.take();
  }

  files::TemporaryFolder folder_;
  const std::string path_ = folder_.file("folder/test.db");
};

TEST_F(Sqlite, WritesThatWaitTogetherShareOneCommit) {
  const auto database = open_with_table();
  const GroupCommitStats before = database->stats();
  const auto change = put_for_answer(*database, 10);
  EXPECT_EQ(database->stats().commits, before.commits);
  int told = 0;
  for (int i = 0; i < 2; ++i) {
    change->when_durable([&](const std::optional<Error>& failure) {
      ++told;
      EXPECT_FALSE(failure);
    });
  }
  change->wait();
  EXPECT_EQ(told, 2);
  const GroupCommitStats after = database->stats();
  EXPECT_EQ(after.writes - before.writes, 10U);
  EXPECT_EQ(after.commits - before.commits, 1U);
  EXPECT_EQ(count(*database), 10);
}

TEST_F(Sqlite, AWriteForAnAnswerThatFailsUndoesOnlyItself) {
  const auto database = open_with_table();
  AnswerScope scope;
  const auto insert = [&](int64_t id) {
    database->write_for_answer([&](Transaction& t) { t.execute("INSERT INTO items (id) VALUES (?)", {id}); });
  };
  insert(1);
  EXPECT_EQ(error_of([&] { insert(1); }).code(), ErrorCode::kAlreadyExists);
  insert(2);
  scope.take()->wait();
  EXPECT_EQ(count(*database), 2);
}

TEST_F(Sqlite, WithoutAnAnswerToWaitAWriteIsDurableWhenItReturns) {
  const auto database = open_with_table();
  const GroupCommitStats before = database->stats();
  database->write_for_answer([](Transaction& t) { t.execute("INSERT INTO items (id) VALUES (1)"); });
  EXPECT_EQ(database->stats().commits, before.commits + 1);
}

TEST_F(Sqlite, ACommitThatFailsReachesEveryWriterOfItsGroup) {
  const auto database = open_with_table();
  ASSERT_NE(::signal(SIGXFSZ, SIG_IGN), SIG_ERR);
  rlimit old{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &old), 0);
  const rlimit tight{200'000, old.rlim_max};
  const auto change = put_for_answer(*database, 5);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &tight), 0);
  std::optional<Error> told;
  change->when_durable([&](const std::optional<Error>& failure) { told = failure; });
  const Error thrown = error_of([&] { change->wait(); });
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &old), 0);
  ASSERT_TRUE(told);
  EXPECT_THAT(told->what(), ::testing::AllOf(HasSubstr("no space left"), HasSubstr("nothing was kept")));
  EXPECT_EQ(std::string(thrown.what()), told->what());
  EXPECT_EQ(count(*database), 0);
  put(*database, 1);
  EXPECT_EQ(count(*database), 1);
}

// Blocking writers, and answers that wait, from many threads at once: each is told once, and all is kept.
TEST_F(Sqlite, ManyThreadsWaitForAnswersAndForWrites) {
  constexpr int kThreads = 8;
  constexpr int kEach = 200;
  const auto database = open_with_table();
  std::atomic<int> told = 0;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < kEach; ++i) {
        const int64_t id = int64_t{thread} * kEach + i;
        const auto insert = [&](Transaction& t) { t.execute("INSERT INTO items (id) VALUES (?)", {id}); };
        if (thread % 2 == 0) {
          database->write(insert);
          ++told;
          continue;
        }
        AnswerScope scope;
        database->write_for_answer(insert);
        scope.take()->when_durable([&](const std::optional<Error>& failure) { told += failure ? 1000 : 1; });
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  while (told < kThreads * kEach) std::this_thread::yield();
  EXPECT_EQ(told, kThreads * kEach);
  EXPECT_EQ(count(*database), kThreads * kEach);
}

TEST_F(Sqlite, AFullDatabaseIsToldAndUsableAfterwards) {
  const auto database = open_with_table();
  put(*database, 1);
  const auto set_limit = [&](const char* pages) {
    database->write(
        [&](Transaction& t) { t.query("PRAGMA max_page_count = " + std::string(pages), {}, [](const Row&) {}); });
  };
  set_limit("30");
  EXPECT_EQ(error_of([&] { put(*database, 2); }).code(), ErrorCode::kOutOfSpace);
  EXPECT_EQ(count(*database), 1);
  set_limit("100000");
  put(*database, 2);
  EXPECT_EQ(count(*database), 2);
}

TEST_F(Sqlite, ASecondOwnerIsRefusedAndAReaderIsNot) {
  auto database = open_with_table();
  put(*database, 1);
  const Error refused = error_of([&] { open(); });
  EXPECT_EQ(refused.code(), ErrorCode::kFailedPrecondition);
  EXPECT_THAT(refused.what(), HasSubstr("in use by another slipway server"));
  const auto reader = open(Access::kReadOnly);
  EXPECT_EQ(count(*reader), 1);
  put(*database, 2);
  EXPECT_EQ(count(*reader), 2);
  EXPECT_EQ(error_of([&] { put(*reader, 3); }).code(), ErrorCode::kFailedPrecondition);
  database.reset();
  EXPECT_EQ(count(*open()), 2);
}

TEST_F(Sqlite, AReaderOfNothingIsNotFound) {
  EXPECT_EQ(error_of([&] { open(Access::kReadOnly); }).code(), ErrorCode::kNotFound);
}

TEST_F(Sqlite, AFileThatIsNoDatabaseIsDataLoss) {
  files::write_atomic(path_, std::string(8192, 'n'));
  const Error refused = error_of([&] { open(); });
  EXPECT_EQ(refused.code(), ErrorCode::kDataLoss);
  EXPECT_THAT(refused.what(), HasSubstr("restore a backup or move it away"));
  EXPECT_EQ(files::read(path_), std::string(8192, 'n'));
}

TEST_F(Sqlite, ADamagedFileIsDataLoss) {
  {
    const auto database = open();
    database->write([](Transaction& t) {
      t.execute("CREATE TABLE items (id BIGINT, name TEXT)");
      for (int64_t i = 0; i < 2000; ++i) t.execute("INSERT INTO items VALUES (?, ?)", {i, std::string(50, 'n')});
    });
  }
  std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(4096);
  file << std::string(size_t{8} * 4096, '\xff');
  file.close();
  EXPECT_EQ(error_of([&] { count(*open()); }).code(), ErrorCode::kDataLoss);
}

TEST_F(Sqlite, AFolderThatCannotBeWrittenIsPermissionDenied) {
  const std::string sealed = folder_.file("sealed");
  files::create_folders(sealed);
  ASSERT_EQ(::chmod(folder_.path().c_str(), 0755), 0);
  ASSERT_EQ(::chmod(sealed.c_str(), 0555), 0);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    constexpr uid_t kNobody = 65534;
    if (::geteuid() == 0 && ::setuid(kNobody) != 0) ::_exit(2);
    try {
      SqliteDatabase(sealed + "/test.db", {});
    } catch (const Error& error) {
      ::_exit(error.code() == ErrorCode::kPermissionDenied ? 0 : 1);
    }
    ::_exit(3);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST_F(Sqlite, ReadersBeyondTheLimitAreToldToTryAgain) {
  const auto database = open_with_table();
  std::atomic<bool> checked = false;
  std::atomic<int> inside = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&] {
      database->read([&](Transaction&) {
        ++inside;
        while (!checked) std::this_thread::yield();
      });
    });
  }
  while (inside < 2) std::this_thread::yield();
  EXPECT_EQ(error_of([&] { count(*database); }).code(), ErrorCode::kUnavailable);
  checked = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(count(*database), 0);
}

TEST_F(Sqlite, AWaitingWriterSaysThatItBlocks) {
  struct Observer final : BlockingObserver {
    int blocked = 0;
    void on_block() override { ++blocked; }
    void on_unblock() override {}
  };
  const auto database = open_with_table();
  Observer observer;
  set_blocking_observer(&observer);
  put(*database, 1);
  set_blocking_observer(nullptr);
  EXPECT_EQ(observer.blocked, 1);
}

TEST_F(Sqlite, UrlsNameFilesMemoryOrNothingKnown) {
  open_database("sqlite:///" + path_)->write([](Transaction&) {});
  EXPECT_TRUE(files::exists(path_));
  open_database(folder_.file("plain.db"));
  EXPECT_TRUE(files::exists(folder_.file("plain.db")));
  open_database("sqlite::memory:");
  for (const char* bad : {"", "mysql://localhost/x", "sqlite://x", "sqlite:///"}) {
    EXPECT_EQ(error_of([&] { open_database(bad); }).code(), ErrorCode::kInvalidArgument) << bad;
  }
}

// The child acknowledges each id on the pipe after its write returned.
[[noreturn]] void write_until_killed(const std::string& path, int pipe_end) {
  SqliteDatabase database(path, {});
  database.write(
      [](Transaction& t) { t.execute("CREATE TABLE IF NOT EXISTS items (id BIGINT PRIMARY KEY, body BLOB)"); });
  std::vector<std::thread> threads;
  std::atomic<int64_t> next = 0;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (;;) {
        const int64_t id = next++;
        database.write([&](Transaction& t) {
          t.execute("INSERT INTO items VALUES (?, ?)", {id, Bytes{std::string(500, 'x')}});
        });
        if (::write(pipe_end, &id, sizeof(id)) != sizeof(id)) ::_exit(1);
      }
    });
  }
  for (;;) ::pause();
}

TEST_F(Sqlite, AfterAKillEveryAcknowledgedWriteIsThere) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    ::close(ends[0]);
    write_until_killed(path_, ends[1]);
  }
  ::close(ends[1]);
  std::set<int64_t> acknowledged;
  int64_t id = 0;
  while (::read(ends[0], &id, sizeof(id)) == sizeof(id)) {
    acknowledged.insert(id);
    if (acknowledged.size() == 300) ::kill(child, SIGKILL);
  }
  ::close(ends[0]);
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  ASSERT_GE(acknowledged.size(), 300U);

  const auto database = open();
  std::set<int64_t> found;
  database->read([&](Transaction& t) {
    t.query("SELECT id FROM items", {}, [&](const Row& row) { found.insert(row.get_int(0)); });
    t.query("PRAGMA integrity_check", {}, [](const Row& row) { EXPECT_EQ(row.get_text(0), "ok"); });
  });
  EXPECT_TRUE(std::includes(found.begin(), found.end(), acknowledged.begin(), acknowledged.end()));
}

}  // namespace
}  // namespace slipway::sql
