#include "foundation/sql/sqlite_database.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <filesystem>
#include <utility>

#include "foundation/base/error.h"
#include "foundation/sql/nesting.h"

namespace slipway::sql {

namespace {

files::Descriptor lock_for_owner(const std::string& path) {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  if (!folder.empty()) files::create_folders(folder.string());
  const std::string lock_path = path + ".lock";
  files::Descriptor lock(::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644));
  if (!lock.valid()) throw system_error("database " + path + ": open " + lock_path);
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) == 0) return lock;
  if (errno != EWOULDBLOCK) throw system_error("database " + path + ": lock " + lock_path);
  throw failed_precondition("database ", path,
                            " is in use by another slipway server; stop that one or name another file");
}

// A transaction that keeps nothing, whatever way the work ends.
void run_read(const Database& owner, SqliteConnection& connection, const std::function<void(Transaction&)>& work) {
  struct Ending {
    SqliteConnection& connection;
    ~Ending() { connection.roll_back(); }
  };
  connection.run("BEGIN");
  const Ending ending{connection};
  const NestingGuard guard(owner);
  SqliteTransaction transaction(connection);
  work(transaction);
  transaction.check_usable();
}

}  // namespace

SqliteDatabase::SqliteDatabase(const std::optional<std::string>& path, const DatabaseOptions& options)
    : name_(path.value_or("in memory")) {
  const bool owner = options.access == Access::kOwner;
  if (!owner && !path) throw invalid_argument("a database in memory cannot be opened for reading only");
  if (!owner && !files::exists(*path)) throw not_found("database ", *path, " does not exist");
  if (owner) {
    if (path) lock_ = lock_for_owner(*path);
    auto connection =
        std::make_unique<SqliteConnection>(path.value_or(":memory:"), SqliteRole::kWriter, options.busy_timeout_ms);
    const std::optional<std::string> log = connection->log_path();
    writer_ = std::make_unique<GroupCommit>(*this, std::move(connection), log);
  }
  if (!path) return;
  const SqliteRole role = owner ? SqliteRole::kReader : SqliteRole::kForeignReader;
  readers_ = std::make_unique<Pool<SqliteConnection>>(*path, options, [file = *path, role, options] {
    return std::make_unique<SqliteConnection>(file, role, options.busy_timeout_ms);
  });
  // A file that cannot be read is told now, not at the first request.
  readers_->take();
}

void SqliteDatabase::read(const std::function<void(Transaction&)>& work) {
  NestingGuard::check(*this);
  if (!readers_) {
    writer_->between_writes([&](SqliteConnection& connection) {
      struct Ending {
        SqliteConnection& connection;
        ~Ending() { connection.refuse_changes(false); }
      };
      connection.refuse_changes(true);
      const Ending ending{connection};
      run_read(*this, connection, work);
    });
    return;
  }
  const auto connection = readers_->take();
  run_read(*this, *connection, work);
}

std::shared_ptr<PendingChange> SqliteDatabase::begin(const std::function<void(Transaction&)>& work) {
  NestingGuard::check(*this);
  if (!writer_) throw failed_precondition("database ", name_, " is open for reading only");
  return writer_->begin(work);
}

void SqliteDatabase::write(const std::function<void(Transaction&)>& work) { begin(work)->wait(); }

void SqliteDatabase::write_for_answer(const std::function<void(Transaction&)>& work) {
  AnswerScope* scope = AnswerScope::current();
  if (scope == nullptr) return write(work);
  scope->hold_for(begin(work));
}

}  // namespace slipway::sql
