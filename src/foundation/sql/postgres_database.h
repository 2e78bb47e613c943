// PostgreSQL through libpq: a pool of connections, snapshot reads, serializable writes that run again when they lost a
// race. Made by open_database.
#pragma once

#include <memory>
#include <string>

#include "foundation/sql/database.h"
#include "foundation/sql/pool.h"
#include "foundation/sql/postgres_connection.h"

namespace slipway::sql {

class PostgresDatabase final : public Database {
 public:
  // Connects once, so that a wrong URL is told now.
  PostgresDatabase(const std::string& url, const DatabaseOptions& options);
  Dialect dialect() const override { return Dialect::kPostgresql; }
  void read(const std::function<void(Transaction&)>& work) override;
  void write(const std::function<void(Transaction&)>& work) override;

 protected:
  void while_migrating(const std::function<void()>& work) override;

 private:
  using Connections = Pool<PostgresConnection>;
  enum class Outcome { kDone, kAgain };
  Outcome attempt(const std::function<void(Transaction&)>& work, int attempt);

  const PostgresLibrary library_;
  const std::string url_;
  const DatabaseOptions options_;
  Connections connections_;
};

}  // namespace slipway::sql
