#include "foundation/sql/database.h"

#include "foundation/base/error.h"
#include "foundation/base/text.h"
#include "foundation/sql/nesting.h"
#include "foundation/sql/postgres_database.h"
#include "foundation/sql/sqlite_database.h"

namespace slipway::sql {

thread_local NestingGuard* NestingGuard::innermost_ = nullptr;

void NestingGuard::check(const Database& database) {
  for (const NestingGuard* guard = innermost_; guard != nullptr; guard = guard->outer_) {
    if (guard->database_ == &database) {
      throw internal_error(
          "a read or write was started inside another one of the same database; use the transaction at hand");
    }
  }
}

std::optional<int64_t> Row::find_int(int column) const {
  return is_null(column) ? std::nullopt : std::optional(get_int(column));
}

std::optional<double> Row::find_double(int column) const {
  return is_null(column) ? std::nullopt : std::optional(get_double(column));
}

std::optional<std::string> Row::find_text(int column) const {
  return is_null(column) ? std::nullopt : std::optional(get_text(column));
}

std::optional<int64_t> Transaction::query_int(std::string_view statement, const Values& values) {
  const auto found =
      query_one<std::optional<int64_t>>(statement, values, [](const Row& row) { return row.find_int(0); });
  return found ? *found : std::nullopt;
}

namespace {

constexpr std::string_view kSqliteScheme = "sqlite:";

// The file's path, or nothing for a database in memory.
std::optional<std::string> sqlite_path(std::string_view url) {
  if (url == "sqlite::memory:" || url == ":memory:") return std::nullopt;
  std::string_view path = url;
  if (url.starts_with(kSqliteScheme)) {
    if (!url.starts_with("sqlite:///") || url.size() == std::string_view("sqlite:///").size()) {
      throw invalid_argument("database url ", url,
                             ": write sqlite:///relative/path, sqlite:////absolute/path or sqlite::memory:");
    }
    path.remove_prefix(std::string_view("sqlite:///").size());
  } else if (url.find("://") != std::string_view::npos) {
    throw invalid_argument("database url scheme ", url.substr(0, url.find("://")),
                           " is not known: use sqlite or postgresql");
  }
  if (path.empty()) throw invalid_argument("the database url is empty: use sqlite:///path or postgresql://host/name");
  return std::string(path);
}

}  // namespace

std::unique_ptr<Database> open_database(const std::string& url, const DatabaseOptions& options) {
  if (options.max_connections < 1) throw invalid_argument("max_connections must be at least 1");
  if (url.starts_with("postgresql://") || url.starts_with("postgres://")) {
    return std::make_unique<PostgresDatabase>(url, options);
  }
  return std::make_unique<SqliteDatabase>(sqlite_path(url), options);
}

}  // namespace slipway::sql
