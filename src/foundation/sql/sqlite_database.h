// SQLite: a file in WAL mode with one writer and a pool of readers, or a database in memory on one connection. Made by
// open_database; the tests and the benchmark use it directly.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "foundation/base/files.h"
#include "foundation/sql/database.h"
#include "foundation/sql/group_commit.h"
#include "foundation/sql/pool.h"

namespace slipway::sql {

class SqliteDatabase final : public Database {
 public:
  // No path: in memory.
  SqliteDatabase(const std::optional<std::string>& path, const DatabaseOptions& options);

  Dialect dialect() const override { return Dialect::kSqlite; }
  void read(const std::function<void(Transaction&)>& work) override;
  void write(const std::function<void(Transaction&)>& work) override;
  void write_for_answer(const std::function<void(Transaction&)>& work) override;
  // How many writes shared how many commits.
  GroupCommitStats stats() const { return writer_ ? writer_->stats() : GroupCommitStats{}; }

 private:
  std::shared_ptr<PendingChange> begin(const std::function<void(Transaction&)>& work);

  const std::string name_;
  files::Descriptor lock_;                           // held on FILE.lock by an owner
  std::unique_ptr<GroupCommit> writer_;              // null when opened for reading only
  std::unique_ptr<Pool<SqliteConnection>> readers_;  // null in memory, where readers borrow the writer's connection
};

}  // namespace slipway::sql
