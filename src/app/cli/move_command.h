// What `import` and `export` share: Slipway's own data folder while no server runs, and how a report is shown.
#pragma once

#include <memory>
#include <string>

#include "adapters/mlflow_store/move_store.h"
#include "app/cli/command.h"
#include "foundation/blobs/blob_store.h"
#include "foundation/sql/database.h"

namespace slipway::cli {

// Where the server keeps its rows and files; the flags of both commands.
struct OwnStoreFlags {
  std::string data;
  std::string database;
  std::string blobs;
  void declare(CLI::App& app);
};

// The opened store with its tables up to date. Throws failed_precondition while a server holds it.
class OwnStore {
 public:
  enum class Open {
    kExisting,  // not_found when it is not there
    kCreate,
    kLook,  // one that is not there yet is taken for empty, and is not made
  };
  OwnStore(const OwnStoreFlags& flags, Open open);
  ~OwnStore();

  sql::Database& database() { return *database_; }
  blobs::BlobStore& blobs() { return *blobs_; }
  const std::string& name() const { return name_; }

 private:
  struct Empty;
  std::string name_;
  std::unique_ptr<Empty> empty_;
  std::unique_ptr<sql::Database> database_;
  std::unique_ptr<blobs::BlobStore> blobs_;
};

// What a move may be told whichever way it goes; `place` is where things arrive: "here" or "there".
struct MoveFlags {
  OwnStoreFlags own;
  std::string rename_prefix;
  bool without_artifacts = false;
  bool dry_run = false;
  bool as_json = false;
  void declare(CLI::App& app, std::string_view place);
};

// Moves everything with a progress bar called `label`, then prints the table and what was left out; the exit code says
// whether everything arrived.
int move_and_report(std::string_view label, mlflow_store::Source& source, mlflow_store::Target& target,
                    const MoveFlags& flags);

// The path of a SQLite url or plain file name that names a file; nothing for other databases.
std::optional<std::string> sqlite_file_of(const std::string& url);

}  // namespace slipway::cli
