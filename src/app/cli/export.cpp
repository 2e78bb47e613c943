#include <filesystem>

#include "adapters/mlflow_store/slipway_store.h"
#include "adapters/mlflow_store/sql_target.h"
#include "app/cli/all.h"
#include "app/cli/move_command.h"
#include "foundation/base/clock.h"
#include "foundation/base/error.h"
#include "foundation/base/files.h"
#include "foundation/base/progress.h"

namespace slipway::cli {

namespace {

struct ExportFlags {
  OwnStoreFlags own;
  std::string to;
  std::string artifacts;
  std::string artifact_root;
  std::string rename_prefix;
  bool without_artifacts = false;
  bool dry_run = false;
  bool as_json = false;
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

int move_to(mlflow_store::Target& target, OwnStore& own, const ExportFlags& flags) {
  const int64_t started_ms = steady_ms();
  MoveView view{own.name(), target.name(), flags.dry_run, flags.as_json, 0};
  mlflow_store::Report report;
  own.database().read([&](sql::Transaction& transaction) {
    mlflow_store::SlipwaySource source(transaction, own.blobs(), own.name());
    std::optional<Progress> progress;
    mlflow_store::MoveOptions options;
    options.only_look = flags.dry_run;
    options.rename_prefix = flags.rename_prefix;
    options.with_artifacts = !flags.without_artifacts;
    options.on_counted = [&](const mlflow_store::Tally& tally) {
      progress.emplace("export", static_cast<uint64_t>(mlflow_store::total_items(tally)));
    };
    options.on_progress = [&](int64_t items) { progress->add(static_cast<uint64_t>(items)); };
    report = mlflow_store::move_store(source, target, options);
  });
  view.duration_ms = steady_ms() - started_ms;
  return show_report(report, view);
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
    code = move_to(target, own, flags);
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
    mlflow->add_option("--rename-prefix", flags->rename_prefix,
                       "Put this before the names of experiments and models that mean something else there already");
    mlflow->add_flag("--without-artifacts", flags->without_artifacts, "Rows only, no files");
    mlflow->add_flag("--dry-run", flags->dry_run, "Say what would be moved and change nothing");
    mlflow->add_flag("--json", flags->as_json, "The report as JSON");
    flags->own.declare(*mlflow);
    return [flags] { return run_export(*flags); };
  };
  return command;
}

}  // namespace slipway::cli
