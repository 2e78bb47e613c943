#include <filesystem>

#include "adapters/mlflow_store/file_source.h"
#include "adapters/mlflow_store/http_source.h"
#include "adapters/mlflow_store/slipway_store.h"
#include "adapters/mlflow_store/sql_source.h"
#include "app/cli/all.h"
#include "app/cli/import_data.h"
#include "app/cli/move_command.h"
#include "app/cli/settings.h"

namespace slipway::cli {

namespace {

struct ImportFlags : MoveFlags {
  std::string from;
  std::vector<std::string> artifacts;
};

int move_from(mlflow_store::Source& source, const ImportFlags& flags) {
  OwnStore own(flags.own, flags.dry_run ? OwnStore::Open::kLook : OwnStore::Open::kCreate);
  mlflow_store::SlipwayTarget target(own.database(), own.blobs(), own.name(), flags.dry_run);
  return move_and_report("import", source, target, flags);
}

int import_from_database(const std::string& url, const ImportFlags& flags) {
  sql::DatabaseOptions options;
  options.access = sql::Access::kReadOnly;
  options.max_connections = 1;
  const auto database = sql::open_database(url, options);
  const auto file = sqlite_file_of(url);
  const std::string base =
      file ? std::filesystem::absolute(std::filesystem::path(*file)).parent_path().lexically_normal().string() : "";
  int code = kExitError;
  database->read([&](sql::Transaction& transaction) {
    mlflow_store::SqlSource source(transaction, "MLflow database " + file.value_or("on PostgreSQL"), base,
                                   flags.artifacts);
    code = move_from(source, flags);
  });
  return code;
}

int import_from_server(const ImportFlags& flags) {
  const auto http = http::make_client();
  mlflow::Client client(*http, flags.from, server_authorization());
  mlflow_store::HttpSource source(client, flags.from);
  return move_from(source, flags);
}

int run_import(const ImportFlags& flags) {
  if (flags.from.starts_with("http://") || flags.from.starts_with("https://")) return import_from_server(flags);
  if (!std::filesystem::is_directory(flags.from)) return import_from_database(flags.from, flags);
  mlflow_store::FileSource source(flags.from, flags.artifacts);
  return move_from(source, flags);
}

}  // namespace

Command import_command() {
  Command command;
  command.name = "import";
  command.group = "Server";
  command.summary = "Bring data of another repository and track it; or take over an MLflow store (import mlflow)";
  command.example =
      "  slipway import https://github.com/example/project data/raw.csv -o raw.csv\n"
      "  slipway import mlflow --from ./mlflow.db --data ./slipway-data --dry-run\n"
      "  slipway import mlflow --from ./mlflow.db --artifacts ./mlartifacts --data ./slipway-data";
  command.declare = [](CLI::App& app) -> Action {
    const auto flags = std::make_shared<ImportFlags>();
    CLI::App* mlflow =
        app.add_subcommand("mlflow", "From MLflow 2 or 3: experiments, runs, metrics, models, traces, files");
    app.require_subcommand(0, 1);
    const Action import_data = declare_import_data(app);
    mlflow
        ->add_option(
            "--from", flags->from,
            "The old store: ./mlflow.db, sqlite:///FILE, postgresql://..., a folder ./mlruns, or a server http://...")
        ->required();
    mlflow->add_option("--artifacts", flags->artifacts,
                       "A folder that files may be taken from, besides the store's own; also the one that `mlflow "
                       "server` kept artifacts in (--artifacts-destination)");
    flags->declare(*mlflow, "here");
    return [flags, mlflow, import_data] { return mlflow->parsed() ? run_import(*flags) : import_data(); };
  };
  return command;
}

}  // namespace slipway::cli
