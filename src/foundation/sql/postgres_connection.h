// One connection to a PostgreSQL server with its prepared statements, and the transaction that runs on it. One thread
// at a time. Used by postgres_database.
#pragma once

#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "foundation/base/error.h"
#include "foundation/sql/database.h"
#include "foundation/sql/postgres_library.h"

namespace slipway::sql {

// A failure with the five characters by which PostgreSQL names it; "" when the connection broke.
struct PostgresFailure {
  Error error;
  std::string state;
  // The transaction lost against another one and may run again.
  bool lost_a_race() const { return state == "40001" || state == "40P01"; }
};

class PostgresConnection {
 public:
  struct ClearResult {
    const PostgresLibrary* library;
    void operator()(PGresult* result) const { library->clear(result); }
  };
  using Result = std::unique_ptr<PGresult, ClearResult>;

  // Throws unavailable when the server cannot be reached or refuses.
  PostgresConnection(const PostgresLibrary& library, const std::string& url, const DatabaseOptions& options);
  ~PostgresConnection();
  PostgresConnection(const PostgresConnection&) = delete;
  PostgresConnection& operator=(const PostgresConnection&) = delete;

  const PostgresLibrary& library() const { return library_; }
  // Without values, maybe several statements. These throw PostgresFailure.
  Result run(const std::string& script);
  Result run_prepared(std::string_view statement, const Values& values);
  bool broken() const { return library_.status(connection_) != CONNECTION_OK; }

 private:
  struct Entry {
    std::string key;
    std::string name;
    int count;
  };
  using Entries = std::list<Entry>;

  const Entry& prepared(std::string_view statement, const Values& values);
  void evict();
  Result checked(PGresult* result, std::string_view statement) const;

  const PostgresLibrary& library_;
  PGconn* connection_ = nullptr;
  Entries entries_;  // most recently used first
  std::unordered_map<std::string_view, Entries::iterator> by_key_;
  uint64_t next_name_ = 1;
};

class PostgresTransaction final : public Transaction {
 public:
  explicit PostgresTransaction(PostgresConnection& connection) : connection_(connection) {}
  Dialect dialect() const override { return Dialect::kPostgresql; }
  int64_t execute(std::string_view statement, const Values& values) override;
  void query(std::string_view statement, const Values& values, const std::function<void(const Row&)>& on_row) override;
  void execute_script(std::string_view script) override;
  // Throws what a statement threw and the work swallowed.
  void check_usable() const;
  const std::optional<PostgresFailure>& failure() const { return failure_; }

 private:
  PostgresConnection::Result run(const std::function<PostgresConnection::Result()>& statement);

  PostgresConnection& connection_;
  std::optional<PostgresFailure> failure_;
};

}  // namespace slipway::sql
