// Catches a read or write inside another one of the same database, which would wait for itself. Used by both databases.
#pragma once

namespace slipway::sql {

class Database;

// Stands around the work of a read or a write, on the thread that runs it.
class NestingGuard {
 public:
  explicit NestingGuard(const Database& database) : database_(&database), outer_(innermost_) { innermost_ = this; }
  ~NestingGuard() { innermost_ = outer_; }
  NestingGuard(const NestingGuard&) = delete;
  NestingGuard& operator=(const NestingGuard&) = delete;

  // Throws internal when this thread is already inside the work of `database`.
  static void check(const Database& database);

 private:
  static thread_local NestingGuard* innermost_;
  const Database* database_;
  NestingGuard* outer_;
};

}  // namespace slipway::sql
