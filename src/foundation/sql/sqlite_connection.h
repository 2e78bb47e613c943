// One connection to a SQLite database with its prepared statements, and the transaction that runs on it. One thread at
// a time. Used by sqlite_database and group_commit.
#pragma once

#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "foundation/base/error.h"
#include "foundation/sql/database.h"

struct sqlite3;
struct sqlite3_stmt;

namespace slipway::sql {

enum class SqliteRole {
  kWriter,         // creates the file, sets it up
  kReader,         // beside the writer of this program
  kForeignReader,  // beside the writer of another program; never changes the file
};

class SqliteConnection {
 public:
  // `path` as SQLite takes it; ":memory:" for a database of its own.
  SqliteConnection(const std::string& path, SqliteRole role, int64_t busy_timeout_ms);
  ~SqliteConnection();
  SqliteConnection(const SqliteConnection&) = delete;
  SqliteConnection& operator=(const SqliteConnection&) = delete;

  // A statement ready to be bound; goes back to the cache when the lease ends.
  class Lease {
   public:
    Lease(SqliteConnection& connection, std::string_view statement);
    ~Lease();
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    sqlite3_stmt* get() const { return statement_; }

   private:
    friend class SqliteConnection;
    sqlite3_stmt* statement_ = nullptr;
    bool* in_use_ = nullptr;  // of the cache's entry; null for a statement that is not in the cache
  };

  sqlite3* handle() const { return handle_; }
  // Of the write-ahead log, whose sync is then the caller's business after each COMMIT; nothing where there is none
  // (in memory, on file systems that cannot have one) and COMMIT does all.
  std::optional<std::string> log_path() const;
  // BEGIN, COMMIT and the like: no values, no rows.
  void run(std::string_view statement);
  // For a writer's connection that serves a read: statements that change rows fail meanwhile.
  void refuse_changes(bool refuse);
  // Ends a transaction, if there is one, and keeps nothing of it.
  void roll_back();
  // False after SQLite itself rolled back, as it does when the disk is full.
  bool in_transaction() const;
  bool has_deferred_violations() const;
  // The Error for a result code of the last call.
  Error error(int result_code, std::string_view statement) const;

 private:
  struct Entry {
    std::string text;
    sqlite3_stmt* statement;
    bool in_use;
  };
  using Entries = std::list<Entry>;

  void set_up(int64_t busy_timeout_ms);
  void close();
  void evict();
  sqlite3_stmt* prepare(std::string_view statement, unsigned flags);
  Error constraint_error(int result_code) const;
  Error io_error(int result_code) const;

  const std::string path_;
  const SqliteRole role_;
  sqlite3* handle_ = nullptr;
  bool refusing_ = false;
  Entries entries_;  // most recently used first
  std::unordered_map<std::string_view, Entries::iterator> by_text_;
};

// The work of a read or a write sees this. A statement that failed ends it: later ones throw, and so does the end.
class SqliteTransaction final : public Transaction {
 public:
  explicit SqliteTransaction(SqliteConnection& connection) : connection_(connection) {}
  Dialect dialect() const override { return Dialect::kSqlite; }
  int64_t execute(std::string_view statement, const Values& values) override;
  void query(std::string_view statement, const Values& values, const std::function<void(const Row&)>& on_row) override;
  void execute_script(std::string_view script) override;
  // Throws what a statement threw and the work swallowed.
  void check_usable() const;

 private:
  [[noreturn]] void fail(const Error& error);
  void bind(sqlite3_stmt* prepared, std::string_view statement, const Values& values);

  SqliteConnection& connection_;
  std::optional<Error> failure_;
};

}  // namespace slipway::sql
