// One suite for every database: what a store may rely on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <future>
#include <limits>
#include <thread>

#include "foundation/base/error.h"
#include "foundation/base/files.h"
#include "foundation/sql/database.h"
#include "foundation/sql/testing/private_postgres.h"

namespace slipway::sql {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

ErrorCode code_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_STRNE(error.what(), "");
    return error.code();
  }
  ADD_FAILURE() << "nothing was thrown";
  return ErrorCode::kInternal;
}

class Conformance : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    database_ = open(4);
    database_->write([](Transaction& t) {
      t.execute("CREATE TABLE items (id BIGINT PRIMARY KEY, name TEXT UNIQUE, score DOUBLE PRECISION)");
    });
  }

  std::unique_ptr<Database> open(int max_connections) {
    DatabaseOptions options;
    options.max_connections = max_connections;
    options.busy_timeout_ms = 20'000;
    if (GetParam() == "memory") return open_database("sqlite::memory:", options);
    if (GetParam() == "file") return open_database("sqlite:///" + folder_.file("test.db"), options);
    if (url_.empty()) url_ = PrivatePostgres::instance().new_database();
    return open_database(url_, options);
  }

  void put(int64_t id, const std::string& name) {
    database_->write([&](Transaction& t) { t.execute("INSERT INTO items (id, name) VALUES (?, ?)", {id, name}); });
  }
  int64_t count() {
    return database_->read_value<int64_t>([](Transaction& t) { return *t.query_int("SELECT count(*) FROM items"); });
  }

  files::TemporaryFolder folder_;
  std::string url_;
  std::unique_ptr<Database> database_;
};

TEST_P(Conformance, EveryKindOfValueComesBackAsItWent) {
  database_->write([](Transaction& t) {
    const std::string_view type = t.dialect() == Dialect::kSqlite ? "BLOB" : "BYTEA";
    t.execute("CREATE TABLE kinds (a BIGINT, b DOUBLE PRECISION, c TEXT, d " + std::string(type) + ", e TEXT)");
    t.execute("INSERT INTO kinds VALUES (?, ?, ?, ?, ?)",
              {std::numeric_limits<int64_t>::min(), 0.1, std::string("it's é ? \n\\"),
               Bytes{std::string("\0\xff\\x", 4)}, nullptr});
  });
  database_->read([](Transaction& t) {
    int rows = 0;
    t.query("SELECT a, b, c, d, e FROM kinds", {}, [&](const Row& row) {
      ++rows;
      EXPECT_EQ(row.get_int(0), std::numeric_limits<int64_t>::min());
      EXPECT_EQ(row.get_double(1), 0.1);
      EXPECT_EQ(row.get_text(2), "it's é ? \n\\");
      EXPECT_EQ(row.get_bytes(3), std::string("\0\xff\\x", 4));
      EXPECT_TRUE(row.is_null(4));
      EXPECT_EQ(row.find_text(4), std::nullopt);
      EXPECT_EQ(row.find_int(0), std::numeric_limits<int64_t>::min());
    });
    EXPECT_EQ(rows, 1);
  });
}

TEST_P(Conformance, EmptyTextAndEmptyBytesAreNotNull) {
  database_->read([](Transaction& t) {
    const std::string_view sql = t.dialect() == Dialect::kSqlite ? "SELECT ?, ?" : "SELECT ?::text, ?::bytea";
    t.query(sql, {std::string(), Bytes{}}, [](const Row& row) {
      EXPECT_FALSE(row.is_null(0));
      EXPECT_FALSE(row.is_null(1));
      EXPECT_EQ(row.get_bytes(1), "");
    });
  });
}

TEST_P(Conformance, InfinityIsKeptAndNaNRefused) {
  const double infinity = std::numeric_limits<double>::infinity();
  database_->write([&](Transaction& t) { t.execute("INSERT INTO items (id, score) VALUES (1, ?)", {-infinity}); });
  database_->read([&](Transaction& t) {
    t.query("SELECT score FROM items", {}, [&](const Row& row) { EXPECT_EQ(row.get_double(0), -infinity); });
  });
  EXPECT_EQ(code_of([&] {
              database_->write([](Transaction& t) { t.execute("UPDATE items SET score = ?", {std::nan("")}); });
            }),
            ErrorCode::kInvalidArgument);
}

TEST_P(Conformance, TextThatIsNotTextIsRefused) {
  for (const std::string& bad : {std::string("a\0b", 3), std::string("\xff\xfe")}) {
    EXPECT_EQ(code_of([&] { put(1, bad); }), ErrorCode::kInvalidArgument);
  }
  EXPECT_EQ(count(), 0);
}

TEST_P(Conformance, QuestionMarksInsideQuotesAndCommentsAreText) {
  database_->read([](Transaction& t) {
    t.query("SELECT '?', 'it''s ?' /* ? */, CAST(? AS BIGINT) -- ?\n AS \"what?\"", {int64_t{7}}, [](const Row& row) {
      EXPECT_EQ(row.get_text(0), "?");
      EXPECT_EQ(row.get_text(1), "it's ?");
      EXPECT_EQ(row.get_int(2), 7);
    });
  });
}

TEST_P(Conformance, ExecuteCountsTheRowsItChanged) {
  database_->write([](Transaction& t) {
    EXPECT_EQ(t.execute("INSERT INTO items (id, name) VALUES (1, 'a'), (2, 'b'), (3, 'c')"), 3);
    EXPECT_EQ(t.execute("UPDATE items SET score = 1.5 WHERE id > ?", {int64_t{1}}), 2);
    EXPECT_EQ(t.execute("DELETE FROM items WHERE id = ?", {int64_t{9}}), 0);
    EXPECT_EQ(t.execute("CREATE TABLE other (id BIGINT)"), 0);
    EXPECT_EQ(t.query_int("INSERT INTO items (id, name) VALUES (4, 'd') RETURNING id"), 4);
    EXPECT_EQ(t.execute("INSERT INTO items (id, name) VALUES (4, 'd') ON CONFLICT DO NOTHING"), 0);
  });
  EXPECT_EQ(count(), 4);
}

TEST_P(Conformance, LikeMindsTheCase) {
  put(1, "Alpha");
  database_->read([](Transaction& t) {
    EXPECT_EQ(t.query_int("SELECT count(*) FROM items WHERE name LIKE ?", {std::string("alp%")}), 0);
    EXPECT_EQ(t.query_int("SELECT count(*) FROM items WHERE name LIKE ?", {std::string("Alp%")}), 1);
  });
}

TEST_P(Conformance, AQueryMayRunItselfInsideItsCallback) {
  put(1, "a");
  put(2, "b");
  std::vector<int64_t> seen;
  database_->read([&](Transaction& t) {
    const std::string_view sql = "SELECT id FROM items ORDER BY id";
    t.query(sql, {}, [&](const Row& row) {
      seen.push_back(row.get_int(0));
      t.query(sql, {}, [&](const Row& inner) { seen.push_back(inner.get_int(0) * 10); });
    });
  });
  EXPECT_THAT(seen, ElementsAre(1, 10, 20, 2, 10, 20));
}

TEST_P(Conformance, ManyDifferentStatementsDoNotPileUp) {
  database_->write([](Transaction& t) {
    for (int i = 0; i < 1000; ++i) {
      EXPECT_EQ(t.query_int("SELECT " + std::to_string(i) + " + CAST(? AS BIGINT)", {int64_t{1}}), i + 1);
    }
    EXPECT_EQ(t.query_int("SELECT 0 + CAST(? AS BIGINT)", {int64_t{5}}), 5);
  });
}

TEST_P(Conformance, AWriteThatThrowsLeavesNothingAndReachesItsCaller) {
  struct Oddity {};
  EXPECT_THROW(database_->write([](Transaction& t) {
    t.execute("INSERT INTO items (id) VALUES (1)");
    throw Oddity();
  }),
               Oddity);
  EXPECT_EQ(count(), 0);
  put(1, "after");
  EXPECT_EQ(count(), 1);
}

TEST_P(Conformance, AReadKeepsNothing) {
  EXPECT_EQ(code_of([&] { database_->read([](Transaction& t) { t.execute("INSERT INTO items (id) VALUES (1)"); }); }),
            ErrorCode::kFailedPrecondition);
  EXPECT_EQ(count(), 0);
  put(1, "after");
}

TEST_P(Conformance, ATakenKeyIsAlreadyExists) {
  put(1, "a");
  EXPECT_EQ(code_of([&] { put(1, "b"); }), ErrorCode::kAlreadyExists);
  EXPECT_EQ(code_of([&] { put(2, "a"); }), ErrorCode::kAlreadyExists);
  EXPECT_EQ(count(), 1);
}

TEST_P(Conformance, ABrokenRuleIsFailedPrecondition) {
  database_->write([](Transaction& t) {
    t.execute("CREATE TABLE parts (item BIGINT REFERENCES items (id), size BIGINT NOT NULL CHECK (size > 0))");
  });
  put(1, "a");
  const auto insert = [&](Values values) {
    return [this, values] {
      database_->write([&](Transaction& t) { t.execute("INSERT INTO parts (item, size) VALUES (?, ?)", values); });
    };
  };
  EXPECT_EQ(code_of(insert({int64_t{9}, int64_t{1}})), ErrorCode::kFailedPrecondition);
  EXPECT_EQ(code_of(insert({int64_t{1}, int64_t{0}})), ErrorCode::kFailedPrecondition);
  EXPECT_EQ(code_of(insert({int64_t{1}, nullptr})), ErrorCode::kFailedPrecondition);
  insert({int64_t{1}, int64_t{1}})();
}

TEST_P(Conformance, ADeferredRuleIsHeldAgainstItsOwnWriteOnly) {
  database_->write([](Transaction& t) {
    t.execute("CREATE TABLE later (item BIGINT REFERENCES items (id) DEFERRABLE INITIALLY DEFERRED)");
  });
  EXPECT_EQ(
      code_of([&] { database_->write([](Transaction& t) { t.execute("INSERT INTO later (item) VALUES (5)"); }); }),
      ErrorCode::kFailedPrecondition);
  database_->write([](Transaction& t) {
    t.execute("INSERT INTO later (item) VALUES (5)");
    t.execute("INSERT INTO items (id) VALUES (5)");
  });
  EXPECT_EQ(count(), 1);
}

TEST_P(Conformance, AFailureThatTheWorkSwallowsStillEndsTheTransaction) {
  put(1, "a");
  EXPECT_EQ(code_of([&] {
              database_->write([](Transaction& t) {
                t.execute("INSERT INTO items (id, name) VALUES (2, 'kept?')");
                try {
                  t.execute("INSERT INTO items (id) VALUES (1)");
                } catch (const Error&) {
                }
              });
            }),
            ErrorCode::kAlreadyExists);
  EXPECT_EQ(count(), 1);
}

TEST_P(Conformance, WrongStatementsAreInternalAndDoNoHarm) {
  for (const std::string bad : {"SELEC 1", "SELECT 1; SELECT 2", "SELECT * FROM nowhere", ""}) {
    EXPECT_EQ(code_of([&] { database_->read([&](Transaction& t) { t.query(bad, {}, [](const Row&) {}); }); }),
              ErrorCode::kInternal)
        << bad;
  }
  EXPECT_EQ(code_of([&] { database_->read([&](Transaction& t) { t.query("SELECT ?", {}, [](const Row&) {}); }); }),
            ErrorCode::kInternal);
  EXPECT_EQ(code_of([&] {
              database_->read([&](Transaction& t) { t.query("SELECT 1", {}, [](const Row& row) { row.get_int(1); }); });
            }),
            ErrorCode::kInternal);
  put(1, "fine");
}

TEST_P(Conformance, AReadOrWriteInsideAnotherIsRefused) {
  EXPECT_EQ(code_of([&] { database_->write([&](Transaction&) { put(1, "a"); }); }), ErrorCode::kInternal);
  EXPECT_EQ(code_of([&] { database_->write([&](Transaction&) { count(); }); }), ErrorCode::kInternal);
  EXPECT_EQ(code_of([&] { database_->read([&](Transaction&) { count(); }); }), ErrorCode::kInternal);
  put(1, "a");
}

TEST_P(Conformance, AReadSeesOneMomentWhileAWriteGoesOn) {
  put(1, "a");
  std::future<void> writing;
  database_->read([&](Transaction& t) {
    EXPECT_EQ(t.query_int("SELECT count(*) FROM items"), 1);
    writing = std::async(std::launch::async, [&] { put(2, "b"); });
    // In memory the write waits for the reader; elsewhere it is done by now. The reader may see it in neither case.
    writing.wait_for(std::chrono::milliseconds(GetParam() == "memory" ? 20 : 20'000));
    EXPECT_EQ(t.query_int("SELECT count(*) FROM items"), 1);
  });
  writing.get();
  EXPECT_EQ(count(), 2);
}

TEST_P(Conformance, ReadModifyWriteLosesNothing) {
  constexpr int kThreads = 8;
  constexpr int kRounds = 20;
  database_->write([](Transaction& t) { t.execute("INSERT INTO items (id, score) VALUES (1, 0)"); });
  std::vector<std::thread> threads;
  std::atomic<int> failures = 0;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < kRounds; ++round) {
        try {
          database_->write([](Transaction& t) {
            const int64_t before = *t.query_int("SELECT CAST(score AS BIGINT) FROM items WHERE id = 1");
            t.execute("UPDATE items SET score = ? WHERE id = 1", {static_cast<double>(before + 1)});
          });
        } catch (const Error& error) {
          ADD_FAILURE() << error.what();
          ++failures;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failures, 0);
  database_->read(
      [](Transaction& t) { EXPECT_EQ(t.query_int("SELECT CAST(score AS BIGINT) FROM items"), kThreads * kRounds); });
}

TEST_P(Conformance, WritersThatThrowAmongOthersUndoOnlyThemselves) {
  constexpr int kThreads = 16;
  constexpr int kRounds = 10;
  std::vector<std::thread> threads;
  std::atomic<int> refused = 0;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      for (int round = 0; round < kRounds; ++round) {
        const int64_t id = i * kRounds + round;
        try {
          database_->write([&](Transaction& t) {
            t.execute("INSERT INTO items (id) VALUES (?)", {id});
            if (id % 2 == 0) throw invalid_argument("even");
          });
        } catch (const Error& error) {
          refused += error.code() == ErrorCode::kInvalidArgument ? 1 : 0;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(refused, kThreads * kRounds / 2);
  EXPECT_EQ(count(), kThreads * kRounds / 2);
  database_->read([](Transaction& t) { EXPECT_EQ(t.query_int("SELECT count(*) FROM items WHERE id % 2 = 0"), 0); });
}

TEST_P(Conformance, MoreReadersThanConnectionsTakeTurns) {
  put(1, "a");
  std::vector<std::thread> threads;
  for (int i = 0; i < 12; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 20; ++round) EXPECT_EQ(count(), 1);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

const std::vector<Migration> kFirst = {
    {1, "things", "CREATE TABLE things (id {{identity}}, name TEXT NOT NULL, body {{bytes}});"}};

std::vector<Migration> two_steps() {
  std::vector<Migration> out = kFirst;
  out.push_back(
      {2, "colour", "ALTER TABLE things ADD COLUMN colour TEXT; CREATE INDEX things_colour ON things (colour);"});
  return out;
}

TEST_P(Conformance, MigrationsAreAppliedOnceAndAppended) {
  database_->migrate("things", kFirst);
  database_->write([](Transaction& t) {
    t.execute("INSERT INTO things (name, body) VALUES (?, ?)", {std::string("a"), Bytes{"b"}});
    EXPECT_EQ(t.query_int("INSERT INTO things (name) VALUES ('b') RETURNING id"), 2);
  });
  database_->migrate("things", two_steps());
  database_->migrate("things", two_steps());
  database_->read([](Transaction& t) {
    EXPECT_EQ(t.query_int("SELECT count(*) FROM things WHERE colour IS NULL"), 2);
    EXPECT_EQ(t.query_int("SELECT max(version) FROM slipway_migrations WHERE module = 'things'"), 2);
  });
}

TEST_P(Conformance, AChangedMigrationIsRefused) {
  database_->migrate("things", kFirst);
  auto changed = two_steps();
  changed[0].script = "CREATE TABLE things (id BIGINT)";
  EXPECT_EQ(code_of([&] { database_->migrate("things", changed); }), ErrorCode::kFailedPrecondition);
}

TEST_P(Conformance, ADatabaseNewerThanTheProgramIsRefused) {
  database_->migrate("things", two_steps());
  EXPECT_EQ(code_of([&] { database_->migrate("things", kFirst); }), ErrorCode::kFailedPrecondition);
  database_->migrate("others", {{1, "others", "CREATE TABLE others (id {{identity}})"}});
}

TEST_P(Conformance, AMigrationThatFailsLeavesNothing) {
  const std::vector<Migration> broken = {
      {1, "broken", "CREATE TABLE half (id BIGINT); CREATE TABLE half (id BIGINT);"}};
  EXPECT_THROW(database_->migrate("half", broken), Error);
  database_->migrate("half", {{1, "mended", "CREATE TABLE half (id BIGINT)"}});
}

TEST_P(Conformance, MigrationsOutOfOrderAreInternal) {
  EXPECT_EQ(code_of([&] { database_->migrate("gap", {{2, "two", "SELECT 1"}}); }), ErrorCode::kInternal);
}

INSTANTIATE_TEST_SUITE_P(Databases, Conformance, ::testing::Values("file", "memory", "postgresql"),
                         [](const auto& tested) { return tested.param; });

}  // namespace
}  // namespace slipway::sql
