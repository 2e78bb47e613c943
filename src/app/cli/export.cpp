#include <filesystem>

#include "adapters/mlflow_store/slipway_store.h"
#include "adapters/mlflow_store/sql_target.h"
#include "app/cli/all.h"
#include "app/cli/move_command.h"
#include "foundation/base/error.h"
#include "foundation/base/files.h"

namespace slipway::cli {

namespace {

struct ExportFlags : MoveFlags {
  std::string to;
  std::string artifacts;
  std::string artifact_root;
};

std::string absolute(const std::string& path) {
  return std::filesystem::absolute(std::filesystem::path(path)).lexically_normal().string();
}

// Beside a database file; a database on a server has no folder of its own.
std::string artifact_folder(const ExportFlags& flags, const std::optional<std::string>& file) {
  if (!flags.artifacts.empty()) return absolute(flags.artifacts);
  if (!file) throw invalid_argument("name a folder for the artifacts with --artifacts");
  return absolute((std::filesystem::path(*file).parent_path() / "mlartifacts").string());
}

void check_target(const std::string& to, const std::optional<std::string>& file) {
  if (!file) return;
  if (std::filesystem::is_directory(*file))
    throw invalid_argument(*file, " is a folder: MLflow 3 wants a database; name one, such as ", *file, "/mlflow.db");
  if (!files::exists(*file))
    throw not_found("there is no database ", *file,
                    ". Its tables are MLflow's own; let it make them: `mlflow db upgrade ",
                    to.find("://") == std::string::npos ? "sqlite:///" + to : to, "`, then run this again");
}

int run_export(const ExportFlags& flags) {
  const auto file = sqlite_file_of(flags.to);
  check_target(flags.to, file);
  OwnStore own(flags.own, OwnStore::Open::kExisting);
  const std::string folder = artifact_folder(flags, file);
  const auto blobs = blobs::open_blob_store(folder);
  mlflow_store::SqlTargetOptions options;
  options.name = "MLflow database " + file.value_or("on PostgreSQL");
  options.artifact_root = flags.artifact_root.empty() ? folder + "/" : flags.artifact_root;
  options.only_look = flags.dry_run;
  sql::DatabaseOptions access;
  access.access = flags.dry_run ? sql::Access::kReadOnly : sql::Access::kOwner;
  int code = kExitError;
  {
    const auto database = sql::open_database(flags.to, access);
    mlflow_store::SqlTarget target(*database, *blobs, options);
    own.database().read([&](sql::Transaction& transaction) {
      mlflow_store::SlipwaySource source(transaction, own.blobs(), own.name());
      code = move_and_report("export", source, target, flags);
    });
  }
  // The mark of a SQLite file's owner means nothing to MLflow.
  if (file && !flags.dry_run) std::filesystem::remove(*file + ".lock");
  return code;
}

}  // namespace

Command export_command() {
  Command command;
  command.name = "export";
  command.group = "Server";
  command.summary = "Write everything back into an MLflow database, while the server is stopped";
  command.example =
      "  mlflow db upgrade sqlite:///out/mlflow.db\n"
      "  slipway export mlflow --data ./slipway-data --to out/mlflow.db\n"
      "  mlflow server --backend-store-uri sqlite:///out/mlflow.db";
  command.declare = [](CLI::App& app) -> Action {
    const auto flags = std::make_shared<ExportFlags>();
    CLI::App* mlflow = app.add_subcommand("mlflow", "To a database whose tables the real MLflow has made");
    app.require_subcommand(1);
    mlflow->add_option("--to", flags->to, "The database: ./mlflow.db, sqlite:///FILE or postgresql://...")->required();
    mlflow->add_option("--artifacts", flags->artifacts, "The folder for the files (mlartifacts beside the database)");
    mlflow->add_option("--artifact-root", flags->artifact_root,
                       "What locations in the database begin with, when it is not that folder: mlflow-artifacts:/ for "
                       "`mlflow server --artifacts-destination FOLDER`");
    flags->declare(*mlflow, "there");
    return [flags] { return run_export(*flags); };
  };
  return command;
}

}  // namespace slipway::cli
