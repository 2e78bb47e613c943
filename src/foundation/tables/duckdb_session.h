// A DuckDB database in memory with one connection, for the time of one script. Used by query.cpp.
#pragma once

#include <string>

#include "foundation/tables/duckdb_api.h"

namespace slipway::tables::duckdb {

class Session {
 public:
  explicit Session(int threads);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  Connection connection() const { return connection_; }

 private:
  void open(Config config);

  Database database_ = nullptr;
  Connection connection_ = nullptr;
};

// Statements that DuckDB made of a text (one text can be several, as PIVOT is). Throws invalid_argument.
class ParsedText {
 public:
  ParsedText(const Session& session, const std::string& text);
  ~ParsedText();
  ParsedText(const ParsedText&) = delete;
  ParsedText& operator=(const ParsedText&) = delete;
  Index count() const { return count_; }
  Statements get() const { return statements_; }

 private:
  Statements statements_ = nullptr;
  Index count_ = 0;
};

class PreparedStatement {
 public:
  PreparedStatement(const Session& session, const ParsedText& parsed, Index index);
  ~PreparedStatement();
  PreparedStatement(const PreparedStatement&) = delete;
  PreparedStatement& operator=(const PreparedStatement&) = delete;
  Prepared get() const { return prepared_; }

 private:
  Prepared prepared_ = nullptr;
};

class QueryResult {
 public:
  explicit QueryResult(const PreparedStatement& statement);
  ~QueryResult();
  QueryResult(const QueryResult&) = delete;
  QueryResult& operator=(const QueryResult&) = delete;
  Result* get() { return &result_; }

 private:
  Result result_{};
};

}  // namespace slipway::tables::duckdb
