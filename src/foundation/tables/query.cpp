#include "foundation/tables/query.h"

#include <filesystem>
#include <optional>

#include "foundation/base/error.h"
#include "foundation/base/text.h"
#include "foundation/tables/duckdb_result.h"
#include "foundation/tables/duckdb_session.h"
#include "foundation/tables/sql_script.h"

namespace slipway::tables {

namespace {

using duckdb::api;
using duckdb::ParsedText;
using duckdb::PreparedStatement;
using duckdb::QueryResult;
using duckdb::Session;

void run_quietly(const Session& session, const std::string& sql) {
  const ParsedText parsed(session, sql);
  const PreparedStatement prepared(session, parsed, 0);
  const QueryResult result(prepared);
}

std::string quoted(const std::string& value, char quote) {
  const std::string once(1, quote);
  return once + text::replace_all(value, once, once + once) + once;
}

std::string column_name(const PreparedStatement& prepared, duckdb::Index column) {
  char* name = api().prepared_statement_column_name(prepared.get(), column);
  std::string copy = name == nullptr ? "" : name;
  api().free(name);
  return copy;
}

// The statement around the given one that casts what has no column type of ours to text; nothing when all is readable.
std::optional<std::string> cast_around(const PreparedStatement& prepared, const std::string& text) {
  std::vector<std::string> casts;
  for (duckdb::Index i = 0; i < api().prepared_statement_column_count(prepared.get()); ++i) {
    const std::string name = quoted(column_name(prepared, i), '"');
    const duckdb::Type type = api().prepared_statement_column_type(prepared.get(), i);
    if (type == duckdb::kUBigInt || type == duckdb::kUHugeInt) {
      casts.push_back(text::concat("CAST(", name, " AS DECIMAL(38, 0)) AS ", name));
    } else if (!duckdb::is_readable(type)) {
      casts.push_back(text::concat("CAST(", name, " AS VARCHAR) AS ", name));
    }
  }
  if (casts.empty()) return std::nullopt;
  return text::concat("SELECT * REPLACE (", text::join(casts, ", "), ") FROM (", text, "\n)");
}

Table result_of(const Session& session, const PreparedStatement& prepared, const std::string& text) {
  const auto around = cast_around(prepared, text);
  if (!around) {
    QueryResult result(prepared);
    return duckdb::to_table(result);
  }
  const ParsedText parsed(session, *around);
  const PreparedStatement casting(session, parsed, 0);
  QueryResult result(casting);
  return duckdb::to_table(result);
}

// DuckDB counts lines from the statement's own; the first line of its message and the script's line are what helps.
Error explained(const std::string& message, const SqlStatement& statement) {
  size_t line = statement.line;
  const size_t mark = message.find("\nLINE ");
  if (mark != std::string::npos) {
    const size_t begin = mark + 6;
    const auto within = text::parse_int(message.substr(begin, message.find(':', begin) - begin));
    if (within && *within > 0) line += static_cast<size_t>(*within) - 1;
  }
  return invalid_argument("line ", line, ": ", text::trim(message));
}

std::optional<Table> run_statement(const Session& session, const std::string& text, bool wants_result) {
  const ParsedText parsed(session, text);
  std::optional<Table> table;
  for (duckdb::Index i = 0; i < parsed.count(); ++i) {
    const PreparedStatement prepared(session, parsed, i);
    const bool is_last = i + 1 == parsed.count();
    const bool gives_rows = api().prepared_statement_column_count(prepared.get()) != 0;
    if (wants_result && is_last && gives_rows) {
      table = result_of(session, prepared, text);
    } else {
      const QueryResult result(prepared);
    }
  }
  return table;
}

Table run_script(const std::string& script, const QueryOptions& options, bool wants_result) {
  const std::vector<SqlStatement> statements = split_statements(fill_variables(script, options.variables));
  if (statements.empty()) throw invalid_argument("the SQL text has no statement");
  if (!options.folder.empty() && !std::filesystem::is_directory(options.folder)) {
    throw not_found("there is no folder ", options.folder);
  }
  const Session session(options.threads);
  run_quietly(session, "SET TimeZone = 'UTC'");
  if (!options.folder.empty()) run_quietly(session, "SET file_search_path = " + quoted(options.folder, '\''));
  std::optional<Table> table;
  for (const SqlStatement& statement : statements) {
    const std::string text = options.folder.empty() ? statement.text : place_output(statement.text, options.folder);
    const bool is_last = &statement == &statements.back();
    try {
      table = run_statement(session, text, wants_result && is_last);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kInvalidArgument) throw;
      throw explained(error.what(), statement);
    }
    if (options.on_statement) options.on_statement();
  }
  return table.value_or(Table());
}

}  // namespace

Table query(const std::string& script, const QueryOptions& options) { return run_script(script, options, true); }

void execute_script(const std::string& script, const QueryOptions& options) { run_script(script, options, false); }

}  // namespace slipway::tables
