// One small interface over SQLite and PostgreSQL. Every store of every domain keeps its rows through it.
//
// A write is a function that runs inside a transaction; it returns when what it wrote is durable. On SQLite, writes
// that arrive while a commit is under way share the next transaction and its one fsync (group commit); each runs in its
// own savepoint, so one that throws undoes only itself. On PostgreSQL each write is a transaction of its own and the
// server groups the commits.
//
// Statements use `?` for values in both dialects and are prepared once per connection. Text that both databases take:
// `ON CONFLICT ... DO UPDATE`, `RETURNING`, `LIMIT ? OFFSET ?`, BIGINT, DOUBLE PRECISION, TEXT, and for bytes {{bytes}}
// (BLOB or BYTEA), for an own integer key {{identity}} (INTEGER PRIMARY KEY AUTOINCREMENT or BIGINT GENERATED ... KEY),
// and {{clustered}} behind a table whose rows SQLite shall keep in the primary key's own tree (WITHOUT ROWID).
//
// What both databases hold each other to: LIKE minds the case and needs its own ESCAPE clause; text is UTF-8 without
// NUL and a double is never NaN (invalid_argument); a statement that threw ends its transaction, so do not catch and go
// on: say ON CONFLICT DO NOTHING or look first. ORDER BY on text is bytewise on SQLite and follows the database's
// collation on PostgreSQL. Regular expressions: see regular_expression.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace slipway::sql {

// Raw bytes, as opposed to text.
struct Bytes {
  std::string value;
};

using Value = std::variant<std::nullptr_t, int64_t, double, std::string, Bytes>;
using Values = std::vector<Value>;

// nullopt becomes NULL.
template <typename T>
Value optional_value(const std::optional<T>& value) {
  return value ? Value(*value) : Value(nullptr);
}

// The current row of a query; valid only inside the callback. Columns count from 0.
class Row {
 public:
  virtual ~Row() = default;
  virtual bool is_null(int column) const = 0;
  virtual int64_t get_int(int column) const = 0;
  virtual double get_double(int column) const = 0;
  virtual std::string get_text(int column) const = 0;
  virtual std::string get_bytes(int column) const = 0;

  std::optional<int64_t> find_int(int column) const;
  std::optional<double> find_double(int column) const;
  std::optional<std::string> find_text(int column) const;
};

enum class Dialect { kSqlite, kPostgresql };

// What a read or a write runs its statements on.
class Transaction {
 public:
  virtual ~Transaction() = default;
  virtual Dialect dialect() const = 0;
  // Runs a statement and returns the number of rows it changed. A violated unique or primary key throws already_exists,
  // a violated foreign key or check failed_precondition.
  virtual int64_t execute(std::string_view statement, const Values& values = {}) = 0;
  // Runs a query and calls back for each row.
  virtual void query(std::string_view statement, const Values& values,
                     const std::function<void(const Row&)>& on_row) = 0;
  // Several statements separated by `;` without values; for migrations.
  virtual void execute_script(std::string_view script) = 0;

  // Every row, turned into a T.
  template <typename T>
  std::vector<T> query_all(std::string_view statement, const Values& values,
                           const std::function<T(const Row&)>& convert) {
    std::vector<T> out;
    query(statement, values, [&](const Row& row) { out.push_back(convert(row)); });
    return out;
  }
  // The first row, if there is one.
  template <typename T>
  std::optional<T> query_one(std::string_view statement, const Values& values,
                             const std::function<T(const Row&)>& convert) {
    std::optional<T> out;
    query(statement, values, [&](const Row& row) {
      if (!out) out = convert(row);
    });
    return out;
  }
  std::optional<int64_t> query_int(std::string_view statement, const Values& values = {});
};

// A step that brings a module's tables from one version to the next. Migrations are only ever appended.
struct Migration {
  int version;  // 1, 2, 3, ... without gaps
  std::string_view name;
  std::string_view script;  // {{identity}}, {{bytes}} and {{clustered}} are replaced by the dialect's words
};

class Database {
 public:
  virtual ~Database() = default;
  virtual Dialect dialect() const = 0;
  // Runs `work` on a consistent snapshot; nothing it does is kept. Many at once.
  virtual void read(const std::function<void(Transaction&)>& work) = 0;
  // Runs `work` and returns once it is durable; what it throws undoes it and reaches the caller. `work`
  // must not call read or write of the same database (nor may that of read: internal), and on
  // PostgreSQL may run again after a serialization failure: it must have no effect outside the transaction.
  virtual void write(const std::function<void(Transaction&)>& work) = 0;
  // The same, but where an answer waits for the change (AnswerScope) it may become durable after the call and before
  // the answer leaves. For requests whose last act of weight is this one: nothing outside of the database that cannot
  // be taken back may follow.
  virtual void write_for_answer(const std::function<void(Transaction&)>& work) { write(work); }

  // read and write with a result.
  template <typename T>
  T read_value(const std::function<T(Transaction&)>& work) {
    std::optional<T> out;
    read([&](Transaction& transaction) { out = work(transaction); });
    return *std::move(out);
  }
  template <typename T>
  T write_value(const std::function<T(Transaction&)>& work) {
    std::optional<T> out;
    write([&](Transaction& transaction) { out = work(transaction); });
    return *std::move(out);
  }

  // Applies the migrations of `module` that this database has not seen, each in one transaction, and records them.
  // Throws failed_precondition when the database is newer than the program or a recorded script has changed.
  void migrate(std::string_view module, const std::vector<Migration>& migrations);

 protected:
  // Runs `work` while no other program migrates this database; it uses read and write.
  virtual void while_migrating(const std::function<void()>& work) { work(); }
};

enum class Access {
  kOwner,     // a SQLite file has one owner at a time: a second one gets failed_precondition
  kReadOnly,  // beside an owner; write throws failed_precondition, the file must exist
};

struct DatabaseOptions {
  int max_connections = 8;         // readers (SQLite), all (PostgreSQL)
  int64_t busy_timeout_ms = 5000;  // a file locked by another program, a pool with nothing free
  Access access = Access::kOwner;
};

// "sqlite:///relative/path", "sqlite:////absolute/path", a plain path, "sqlite::memory:", or "postgresql://...".
// Creates the SQLite file and its folder. Errors say what to do: data_loss for a file that is not a database or is
// damaged
// ("restore a backup or move it away"), permission_denied for a read-only folder, unavailable for no server there.
std::unique_ptr<Database> open_database(const std::string& url, const DatabaseOptions& options = {});

}  // namespace slipway::sql
