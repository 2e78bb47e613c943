// What is PostgreSQL's own: a server that comes and goes, and several programs on one database.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "foundation/base/error.h"
#include "foundation/sql/database.h"
#include "foundation/sql/testing/private_postgres.h"

namespace slipway::sql {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

int64_t count(Database& database) {
  return database.read_value<int64_t>([](Transaction& t) { return *t.query_int("SELECT count(*) FROM items"); });
}

void put(Database& database, int64_t id) {
  database.write([&](Transaction& t) { t.execute("INSERT INTO items (id) VALUES (?)", {id}); });
}

TEST(Postgres, AServerThatCannotBeReachedIsUnavailableAndThePasswordStaysSecret) {
  for (const char* url : {"postgresql://me:secret@127.0.0.1:1/x", "postgresql://me:secret@[::1/x"}) {
    try {
      open_database(url);
      FAIL() << "nothing was thrown";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kUnavailable);
      EXPECT_THAT(error.what(), Not(HasSubstr("secret")));
    }
  }
}

TEST(Postgres, AServerThatRestartsIsFoundAgain) {
  PrivatePostgres& server = PrivatePostgres::instance();
  const auto database = open_database(server.new_database());
  database->write([](Transaction& t) { t.execute("CREATE TABLE items (id BIGINT PRIMARY KEY)"); });
  put(*database, 1);
  server.stop();
  try {
    put(*database, 2);
    ADD_FAILURE() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUnavailable);
  }
  server.start();
  put(*database, 2);
  EXPECT_EQ(count(*database), 2);
}

TEST(Postgres, AWriteWhoseConnectionBreaksRunsAgainOnce) {
  const auto database = open_database(PrivatePostgres::instance().new_database());
  database->write([](Transaction& t) { t.execute("CREATE TABLE items (id BIGINT PRIMARY KEY)"); });
  int runs = 0;
  database->write([&](Transaction& t) {
    t.execute("INSERT INTO items (id) VALUES (?)", {int64_t{7}});
    if (++runs == 1) t.query_int("SELECT CAST(pg_terminate_backend(pg_backend_pid()) AS INTEGER)");
  });
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(count(*database), 1);
  EXPECT_THROW(database->write([](Transaction& t) {
    t.query_int("SELECT CAST(pg_terminate_backend(pg_backend_pid()) AS INTEGER)");
  }),
               Error);
  EXPECT_EQ(count(*database), 1);
}

TEST(Postgres, AReadWhoseConnectionBreaksIsUnavailable) {
  const auto database = open_database(PrivatePostgres::instance().new_database());
  try {
    database->read(
        [](Transaction& t) { t.query_int("SELECT CAST(pg_terminate_backend(pg_backend_pid()) AS INTEGER)"); });
    ADD_FAILURE() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUnavailable);
  }
  database->read([](Transaction& t) { EXPECT_EQ(t.query_int("SELECT 1"), 1); });
}

TEST(Postgres, ProgramsThatStartTogetherMigrateOnce) {
  const std::string url = PrivatePostgres::instance().new_database();
  const std::vector<Migration> migrations = {
      {1, "one", "CREATE TABLE one (id {{identity}})"},
      {2, "two", "CREATE TABLE two (id {{identity}}); INSERT INTO two DEFAULT VALUES"}};
  std::atomic<int> failures = 0;
  std::vector<std::thread> programs;
  for (int i = 0; i < 6; ++i) {
    programs.emplace_back([&] {
      try {
        DatabaseOptions options;
        options.max_connections = 1;
        open_database(url, options)->migrate("numbers", migrations);
      } catch (const Error& error) {
        ADD_FAILURE() << error.what();
        ++failures;
      }
    });
  }
  for (std::thread& program : programs) program.join();
  EXPECT_EQ(failures, 0);
  open_database(url)->read([](Transaction& t) {
    EXPECT_EQ(t.query_int("SELECT count(*) FROM two"), 1);
    EXPECT_EQ(t.query_int("SELECT count(*) FROM slipway_migrations"), 2);
  });
}

TEST(Postgres, AnOwnerForReadingOnlyMayNotWrite) {
  DatabaseOptions options;
  options.access = Access::kReadOnly;
  const auto database = open_database(PrivatePostgres::instance().new_database(), options);
  EXPECT_THROW(put(*database, 1), Error);
}

TEST(Postgres, TruthValuesAndAggregatesReadAsNumbers) {
  const auto database = open_database(PrivatePostgres::instance().new_database());
  database->read([](Transaction& t) {
    t.query("SELECT 1 < 2, 2 < 1, sum(x), avg(x) FROM (VALUES (1), (2)) AS v (x)", {}, [](const Row& row) {
      EXPECT_EQ(row.get_int(0), 1);
      EXPECT_EQ(row.get_int(1), 0);
      EXPECT_EQ(row.get_int(2), 3);
      EXPECT_EQ(row.get_double(3), 1.5);
    });
  });
}

}  // namespace
}  // namespace slipway::sql
