#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <memory>

#include "app/cli/all.h"
#include "app/cli/settings.h"
#include "domains/data/repository.h"
#include "domains/packaging/mlmodel.h"
#include "foundation/base/clock.h"
#include "foundation/base/error.h"
#include "foundation/base/files.h"
#include "foundation/base/json.h"
#include "foundation/base/process.h"
#include "protocols/mlflow/client.h"

namespace slipway::cli {

namespace fs = std::filesystem;

namespace {

struct ReproduceFlags {
  std::string model;
  std::string output = "model";
  std::string keep;
  std::string server;
  bool as_json = false;
};

struct Origin {
  mlflow::RemoteVersion version;
  std::map<std::string, std::string> tags;  // of the run
};

Origin origin_of(mlflow::Client& client, const ReproduceFlags& flags) {
  const auto resolved = client.fetch_model(flags.model, model_cache_folder());
  if (!resolved.version)
    throw invalid_argument("a model to reproduce is addressed as models:/NAME@ALIAS or models:/NAME/VERSION");
  Origin out{*resolved.version, {}};
  if (out.version.run_id.empty())
    throw failed_precondition(flags.model, " comes from no run, so nothing is recorded of its making");
  out.tags = client.run_tags(out.version.run_id);
  return out;
}

// The recorded project, in `folder`: code and parameters from the run, tracked data from the cache of the repository
// that the command is run in.
void restore_project(mlflow::Client& client, const Origin& origin, const std::string& folder) {
  try {
    client.download("runs:/" + origin.version.run_id + "/project", folder);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kNotFound) throw;
  }
  if (!files::exists(folder + "/dvc.yaml")) {
    throw failed_precondition(
        "run ", origin.version.run_id,
        " has no copy of its project; models that `slipway train` makes inside a data repository have one");
  }
  const auto root = data::Repository::discover(fs::current_path().string());
  if (!root)
    throw failed_precondition("this folder belongs to no data repository; go to the project, its cache holds the data");
  std::vector<data::VersionFile> versions;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".dvc") continue;
    versions.push_back({fs::relative(entry.path(), folder).generic_string(), files::read(entry.path().string())});
  }
  data::Repository(*root).materialize(versions, folder);
}

void run_pipeline(const std::string& folder, bool quiet) {
  ProcessOptions options;
  options.folder = folder;
  // Offline: the rebuilt model is compared, not logged as a new run.
  options.environment = {{"SLIPWAY_SERVER", ""}, {"MLFLOW_TRACKING_URI", ""}, {"SLIPWAY_PIPELINE_RUN", ""}};
  const fs::path program = own_program_path();
  const char* path = std::getenv("PATH");
  options.environment["PATH"] = text::concat(program.parent_path().string(), ":", path == nullptr ? "" : path);
  options.on_line = [quiet](std::string_view line) {
    if (!quiet) std::cerr << "  " << line << '\n';
  };
  if (run_process({program.string(), "init", "--no-scm", "-q"}, options).exit_code != 0) {
    throw internal_error("cannot start a repository in ", folder);
  }
  const int code = run_process({program.string(), "repro", "--force", "--no-run-cache"}, options).exit_code;
  if (code != 0)
    throw failed_precondition("the recorded pipeline failed with exit code ", code, "; its output is above");
}

int report(const ReproduceFlags& flags, const Origin& origin, const std::string& rebuilt, int64_t duration_ms) {
  const auto tag = [&origin](const char* key) {
    const auto found = origin.tags.find(key);
    return found == origin.tags.end() ? std::string() : found->second;
  };
  const std::string recorded = tag("slipway.model_uuid");
  const bool identical = !recorded.empty() && recorded == rebuilt;
  if (flags.as_json) {
    std::cout << json::write_pretty(
        json::object{{"model", text::concat("models:/", origin.version.name, "/", origin.version.version)},
                     {"run_id", origin.version.run_id},
                     {"data_commit", tag("slipway.data_commit")},
                     {"recorded", recorded},
                     {"rebuilt", rebuilt},
                     {"identical", identical},
                     {"duration_ms", duration_ms}});
  } else {
    std::cout << "models:/" << origin.version.name << "/" << origin.version.version << " from data "
              << tag("slipway.data_commit").substr(0, 12) << ", code " << tag("mlflow.source.git.commit").substr(0, 12)
              << '\n'
              << "  recorded " << recorded << "\n  rebuilt  " << rebuilt << '\n'
              << (identical ? "bit-identical" : "NOT identical") << ", in " << text::format_duration_ms(duration_ms)
              << '\n';
  }
  return identical ? kExitOk : kExitFailed;
}

int reproduce(const ReproduceFlags& flags) {
  const int64_t begun_ms = steady_ms();
  const auto http = http::make_client();
  mlflow::Client client(*http, required_server_url(flags.server), server_authorization());
  const Origin origin = origin_of(client, flags);
  const files::TemporaryFolder scratch("slipway-reproduce");
  const std::string folder = flags.keep.empty() ? scratch.file("project") : flags.keep;
  if (!flags.keep.empty() && files::exists(folder)) throw already_exists(folder, " exists; --keep names a new folder");
  restore_project(client, origin, folder);
  run_pipeline(folder, flags.as_json);
  return report(flags, origin, packaging::read_mlmodel(folder + "/" + flags.output).model_uuid, steady_ms() - begun_ms);
}

}  // namespace

Command reproduce_command() {
  Command command;
  command.name = "reproduce";
  command.group = "Models";
  command.summary =
      "Rebuild a registered model from its recorded data, code, parameters and seed; say whether it is bit-identical";
  command.example = "  slipway reproduce models:/flights@champion";
  command.declare = [](CLI::App& app) -> Action {
    const auto flags = std::make_shared<ReproduceFlags>();
    app.add_option("model", flags->model, "models:/NAME@ALIAS or models:/NAME/VERSION")->required();
    app.add_option("--output", flags->output, "The folder that the pipeline writes the model to")
        ->capture_default_str();
    app.add_option("--keep", flags->keep, "Rebuild in this new folder and keep it");
    app.add_option("--server", flags->server, "URL of the server that has the model");
    app.add_flag("--json", flags->as_json, "Print the outcome as JSON");
    return [flags] { return reproduce(*flags); };
  };
  return command;
}

}  // namespace slipway::cli
