#include "foundation/sql/sqlite_connection.h"

#include <sqlite3.h>

#include <cerrno>
#include <utility>

#include "foundation/base/text.h"
#include "foundation/sql/regular_expression.h"
#include "foundation/sql/values.h"

namespace slipway::sql {

namespace {

constexpr size_t kMaxCachedStatements = 300;

class SqliteRow final : public Row {
 public:
  explicit SqliteRow(sqlite3_stmt* statement) : statement_(statement) {}
  bool is_null(int column) const override { return sqlite3_column_type(statement_, checked(column)) == SQLITE_NULL; }
  int64_t get_int(int column) const override { return sqlite3_column_int64(statement_, checked(column)); }
  double get_double(int column) const override { return sqlite3_column_double(statement_, checked(column)); }
  std::string get_text(int column) const override {
    const auto* content = sqlite3_column_text(statement_, checked(column));
    const int size = sqlite3_column_bytes(statement_, column);
    return content == nullptr ? std::string() : std::string(reinterpret_cast<const char*>(content), size);
  }
  std::string get_bytes(int column) const override {
    const auto* content = static_cast<const char*>(sqlite3_column_blob(statement_, checked(column)));
    const int size = sqlite3_column_bytes(statement_, column);
    return content == nullptr ? std::string() : std::string(content, size);
  }

 private:
  int checked(int column) const {
    if (column < 0 || column >= sqlite3_column_count(statement_)) {
      throw internal_error("the query has no column ", column, ": ", sqlite3_sql(statement_));
    }
    return column;
  }

  sqlite3_stmt* statement_;
};

int bind_value(sqlite3_stmt* statement, int position, const Value& value) {
  // The values outlive the statement's run, so SQLite need not copy them.
  if (std::holds_alternative<std::nullptr_t>(value)) return sqlite3_bind_null(statement, position);
  if (const auto* integer = std::get_if<int64_t>(&value)) return sqlite3_bind_int64(statement, position, *integer);
  if (const auto* number = std::get_if<double>(&value)) return sqlite3_bind_double(statement, position, *number);
  if (const auto* content = std::get_if<std::string>(&value)) {
    return sqlite3_bind_text64(statement, position, content->data(), content->size(), SQLITE_STATIC, SQLITE_UTF8);
  }
  const std::string& bytes = std::get<Bytes>(value).value;
  // A null pointer would bind NULL instead of no bytes.
  return sqlite3_bind_blob64(statement, position, bytes.empty() ? "" : bytes.data(), bytes.size(), SQLITE_STATIC);
}

}  // namespace

SqliteConnection::SqliteConnection(const std::string& path, SqliteRole role, int64_t busy_timeout_ms)
    : path_(path), role_(role) {
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  flags |= role == SqliteRole::kForeignReader ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
  if (role == SqliteRole::kWriter) flags |= SQLITE_OPEN_CREATE;
  const int result = sqlite3_open_v2(path.c_str(), &handle_, flags, nullptr);
  try {
    if (result != SQLITE_OK) throw error(result, "open");
    set_up(busy_timeout_ms);
  } catch (const Error&) {
    close();
    throw;
  }
}

SqliteConnection::~SqliteConnection() { close(); }

void SqliteConnection::close() {
  for (const Entry& entry : entries_) sqlite3_finalize(entry.statement);
  sqlite3_close(handle_);
}

void SqliteConnection::set_up(int64_t busy_timeout_ms) {
  sqlite3_busy_timeout(handle_, static_cast<int>(busy_timeout_ms));
  add_regexp(handle_);
  const auto pragma = [&](const char* statement) {
    const int result = sqlite3_exec(handle_, statement, nullptr, nullptr, nullptr);
    if (result != SQLITE_OK) throw error(result, statement);
  };
  pragma("PRAGMA foreign_keys = ON");
  pragma("PRAGMA case_sensitive_like = ON");
  pragma("PRAGMA temp_store = MEMORY");
  // Enough for the inner pages of the indexes; more would only add to what the process seems to take.
  pragma("PRAGMA mmap_size = 67108864");
  if (role_ == SqliteRole::kWriter) {
    pragma("PRAGMA journal_mode = WAL");
    // Without a log of its own the file has to be in order after each COMMIT.
    pragma(log_path() ? "PRAGMA synchronous = NORMAL" : "PRAGMA synchronous = FULL");
    pragma("PRAGMA journal_size_limit = 67108864");
    pragma("PRAGMA cache_size = -16384");
  } else {
    pragma("PRAGMA query_only = ON");
    pragma("PRAGMA cache_size = -4096");
  }
  // The file's first page is read here, so that a file which is no database is told now.
  pragma("SELECT count(*) FROM sqlite_schema");
}

std::optional<std::string> SqliteConnection::log_path() const {
  std::string mode;
  const auto keep = [](void* to, int /*columns*/, char** values, char** /*names*/) {
    static_cast<std::string*>(to)->assign(values[0]);
    return 0;
  };
  const int result = sqlite3_exec(handle_, "PRAGMA journal_mode", keep, &mode, nullptr);
  if (result != SQLITE_OK) throw error(result, "PRAGMA journal_mode");
  if (mode != "wal") return std::nullopt;
  return sqlite3_filename_wal(sqlite3_db_filename(handle_, "main"));
}

sqlite3_stmt* SqliteConnection::prepare(std::string_view statement, unsigned flags) {
  sqlite3_stmt* prepared = nullptr;
  const char* rest = nullptr;
  const int result =
      sqlite3_prepare_v3(handle_, statement.data(), static_cast<int>(statement.size()), flags, &prepared, &rest);
  if (result != SQLITE_OK) throw error(result, statement);
  const std::string_view left(rest, static_cast<size_t>(statement.data() + statement.size() - rest));
  if (prepared != nullptr && text::trim(left).empty()) return prepared;
  sqlite3_finalize(prepared);
  throw internal_error("one SQL statement is expected, use execute_script for several: ", statement);
}

void SqliteConnection::evict() {
  if (entries_.size() <= kMaxCachedStatements || entries_.back().in_use) return;
  by_text_.erase(entries_.back().text);
  sqlite3_finalize(entries_.back().statement);
  entries_.pop_back();
}

SqliteConnection::Lease::Lease(SqliteConnection& connection, std::string_view statement) {
  const auto found = connection.by_text_.find(statement);
  if (found == connection.by_text_.end()) {
    statement_ = connection.prepare(statement, SQLITE_PREPARE_PERSISTENT);
    connection.entries_.push_front({std::string(statement), statement_, true});
    Entry& entry = connection.entries_.front();
    connection.by_text_.emplace(entry.text, connection.entries_.begin());
    in_use_ = &entry.in_use;
    connection.evict();
    return;
  }
  Entry& entry = *found->second;
  connection.entries_.splice(connection.entries_.begin(), connection.entries_, found->second);
  if (entry.in_use) {
    // A query that runs itself again inside its own callback gets a statement of its own.
    statement_ = connection.prepare(statement, 0);
    return;
  }
  statement_ = entry.statement;
  in_use_ = &entry.in_use;
  *in_use_ = true;
}

SqliteConnection::Lease::~Lease() {
  if (in_use_ == nullptr) {
    sqlite3_finalize(statement_);
    return;
  }
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
  *in_use_ = false;
}

void SqliteConnection::run(std::string_view statement) {
  const Lease lease(*this, statement);
  const int result = sqlite3_step(lease.get());
  if (result != SQLITE_DONE && result != SQLITE_ROW) throw error(result, statement);
}

void SqliteConnection::refuse_changes(bool refuse) {
  // Not through the cache: SQLite sets this when it prepares the statement, not when it runs it.
  sqlite3_exec(handle_, refuse ? "PRAGMA query_only = ON" : "PRAGMA query_only = OFF", nullptr, nullptr, nullptr);
  refusing_ = refuse;
}

void SqliteConnection::roll_back() {
  if (in_transaction()) sqlite3_exec(handle_, "ROLLBACK", nullptr, nullptr, nullptr);
}

bool SqliteConnection::in_transaction() const { return sqlite3_get_autocommit(handle_) == 0; }

bool SqliteConnection::has_deferred_violations() const {
  int violations = 0;
  int highest = 0;
  sqlite3_db_status(handle_, SQLITE_DBSTATUS_DEFERRED_FKS, &violations, &highest, 0);
  return violations != 0;
}

Error SqliteConnection::constraint_error(int result_code) const {
  const char* message = sqlite3_errmsg(handle_);
  switch (result_code) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
      return already_exists("a row with the same key exists already: ", message);
    default:
      return failed_precondition("the row breaks a rule of its table: ", message);
  }
}

Error SqliteConnection::io_error(int result_code) const {
  const int last = errno;
  // SQLite knows the number for the database's own file; what failed on the write-ahead log is still in errno.
  const int known = sqlite3_system_errno(handle_);
  const int number = known != 0 ? known : last;
  if (result_code == SQLITE_FULL || number == ENOSPC || number == EDQUOT || number == EFBIG) {
    return {ErrorCode::kOutOfSpace,
            text::concat("database ", path_,
                         ": no space left; free some space and try again; nothing was kept of this write")};
  }
  if (number == EACCES || number == EPERM || number == EROFS) {
    return permission_denied("database ", path_,
                             ": permission denied; let this user read and write the file and its folder");
  }
  if (number == EISDIR) return invalid_argument("database ", path_, " is a folder: name a file in it");
  return internal_error(
      "database ", path_, ": ", sqlite3_errmsg(handle_), " (code ", result_code, ", errno ", number,
      "): nothing was kept of this write; check the disk, its space and limits, and the system's log");
}

Error SqliteConnection::error(int result_code, std::string_view statement) const {
  switch (result_code & 0xff) {
    case SQLITE_CONSTRAINT:
      return constraint_error(result_code);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return unavailable("database ", path_, " is locked by another program; close that program or try again");
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
      return io_error(result_code);
    case SQLITE_CORRUPT:
      return data_loss("database ", path_, " is damaged; stop, then restore a backup or move it away");
    case SQLITE_NOTADB:
      return data_loss("file ", path_, " is not a database; restore a backup or move it away");
    case SQLITE_READONLY:
      if (refusing_ || role_ != SqliteRole::kWriter)
        return failed_precondition("a read may not change rows: ", statement);
      return permission_denied("database ", path_, " cannot be written; let this user write the file and its folder");
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return permission_denied("database ", path_, ": ", sqlite3_errmsg(handle_));
    case SQLITE_TOOBIG:
      return too_large("a value or statement is over the database's limit of size");
    case SQLITE_NOMEM:
      return {ErrorCode::kResourceExhausted, text::concat("database ", path_, ": out of memory")};
    default:
      return internal_error("database ", path_, ": ", handle_ == nullptr ? "cannot open" : sqlite3_errmsg(handle_),
                            " (code ", result_code, ") in: ", statement);
  }
}

void SqliteTransaction::fail(const Error& error) {
  failure_ = error;
  throw error;
}

void SqliteTransaction::check_usable() const {
  if (failure_) throw *failure_;
}

void SqliteTransaction::bind(sqlite3_stmt* prepared, std::string_view statement, const Values& values) {
  const int expected = sqlite3_bind_parameter_count(prepared);
  if (expected != static_cast<int>(values.size())) {
    throw internal_error("the statement takes ", expected, " values, got ", values.size(), ": ", statement);
  }
  for (int i = 0; i < expected; ++i) {
    const int result = bind_value(prepared, i + 1, values[i]);
    if (result != SQLITE_OK) fail(connection_.error(result, statement));
  }
}

int64_t SqliteTransaction::execute(std::string_view statement, const Values& values) {
  const int64_t before = sqlite3_total_changes64(connection_.handle());
  query(statement, values, [](const Row&) {});
  // sqlite3_changes keeps the count of an earlier statement when this one changes no rows by its nature.
  const bool changed = sqlite3_total_changes64(connection_.handle()) != before;
  return changed ? sqlite3_changes64(connection_.handle()) : 0;
}

void SqliteTransaction::query(std::string_view statement, const Values& values,
                              const std::function<void(const Row&)>& on_row) {
  check_usable();
  check_values(values);
  std::optional<SqliteConnection::Lease> lease;
  try {
    lease.emplace(connection_, statement);
  } catch (const Error& error) {
    fail(error);
  }
  bind(lease->get(), statement, values);
  const SqliteRow row(lease->get());
  for (;;) {
    const int result = sqlite3_step(lease->get());
    if (result == SQLITE_DONE) return;
    if (result != SQLITE_ROW) fail(connection_.error(result, statement));
    on_row(row);
  }
}

void SqliteTransaction::execute_script(std::string_view script) {
  check_usable();
  const std::string terminated(script);
  const int result = sqlite3_exec(connection_.handle(), terminated.c_str(), nullptr, nullptr, nullptr);
  if (result != SQLITE_OK) fail(connection_.error(result, script));
}

}  // namespace slipway::sql
