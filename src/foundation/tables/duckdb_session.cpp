#include "foundation/tables/duckdb_session.h"

#include "foundation/base/error.h"

namespace slipway::tables::duckdb {

namespace {

std::string text_or(const char* text, const char* otherwise) { return text == nullptr ? otherwise : text; }

}  // namespace

Session::Session(int threads) {
  Config config = nullptr;
  if (api().create_config(&config) != kSuccess) throw internal_error("DuckDB cannot be configured");
  // Nothing is fetched from elsewhere: what a script needs is in the library or it fails.
  api().set_config(config, "autoinstall_known_extensions", "false");
  api().set_config(config, "autoload_known_extensions", "false");
  if (threads > 0) api().set_config(config, "threads", std::to_string(threads).c_str());
  try {
    open(config);
  } catch (...) {
    api().destroy_config(&config);
    throw;
  }
  api().destroy_config(&config);
}

void Session::open(Config config) {
  char* error = nullptr;
  if (api().open_ext(":memory:", &database_, config, &error) != kSuccess) {
    const std::string message = text_or(error, "unknown error");
    api().free(error);
    throw internal_error("DuckDB cannot start: ", message);
  }
  if (api().connect(database_, &connection_) != kSuccess) {
    api().close(&database_);
    throw internal_error("DuckDB cannot start: no connection");
  }
}

Session::~Session() {
  api().disconnect(&connection_);
  api().close(&database_);
}

ParsedText::ParsedText(const Session& session, const std::string& text) {
  count_ = api().extract_statements(session.connection(), text.c_str(), &statements_);
  if (count_ != 0) return;
  const std::string message = text_or(api().extract_statements_error(statements_), "there is no statement");
  api().destroy_extracted(&statements_);
  throw invalid_argument(message);
}

ParsedText::~ParsedText() { api().destroy_extracted(&statements_); }

PreparedStatement::PreparedStatement(const Session& session, const ParsedText& parsed, Index index) {
  if (api().prepare_extracted_statement(session.connection(), parsed.get(), index, &prepared_) == kSuccess) return;
  const std::string message = text_or(api().prepare_error(prepared_), "the statement cannot be prepared");
  api().destroy_prepare(&prepared_);
  throw invalid_argument(message);
}

PreparedStatement::~PreparedStatement() { api().destroy_prepare(&prepared_); }

QueryResult::QueryResult(const PreparedStatement& statement) {
  if (api().execute_prepared(statement.get(), &result_) == kSuccess) return;
  const std::string message = text_or(api().result_error(&result_), "the statement failed");
  api().destroy_result(&result_);
  throw invalid_argument(message);
}

QueryResult::~QueryResult() { api().destroy_result(&result_); }

}  // namespace slipway::tables::duckdb
