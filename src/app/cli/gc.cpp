#include <iostream>
#include <memory>
#include <unordered_map>

#include "app/cli/all.h"
#include "app/cli/gc_data.h"
#include "app/cli/settings.h"
#include "app/server/server.h"
#include "domains/data/paths.h"
#include "domains/data/repository.h"
#include "domains/genai/genai.h"
#include "domains/registry/registry.h"
#include "domains/traces/tracing.h"
#include "domains/tracking/logged_models.h"
#include "domains/tracking/purge.h"
#include "domains/tracking/tracking.h"
#include "foundation/base/clock.h"
#include "foundation/base/error.h"
#include "foundation/base/files.h"

namespace slipway::cli {

namespace {

struct GcFlags {
  std::string data;
  std::string database;
  std::string blobs;
  std::string older_than = "30d";
  std::string run_ids;
  std::string experiment_ids;
  bool dry_run = false;
};

template <typename Id>
std::vector<Id> ids_of(const std::string& list) {
  std::vector<Id> out;
  for (const std::string& id : text::split(list, ',')) {
    if (!text::trim(id).empty()) out.emplace_back(std::string(text::trim(id)));
  }
  return out;
}

// Runs and logged models whose files a registered version is served from.
std::unordered_map<std::string, std::string> registered(registry::Registry& registry) {
  std::unordered_map<std::string, std::string> out;
  tracking::Search search;
  search.max_results = 10'000;
  std::optional<std::string> token = "";
  while (token) {
    search.page_token = *token;
    const auto page = registry.search_versions(search);
    for (const auto& version : page.items) {
      const std::string name = text::concat("version ", version.version, " of model ", version.name);
      if (!version.run_id.empty()) out.emplace(version.run_id, name);
      if (!version.model_id.empty()) out.emplace(version.model_id, name);
    }
    token = page.next;
  }
  return out;
}

void print(const tracking::PurgeReport& report, bool dry_run) {
  for (const std::string& line : report.kept) std::cout << "kept: " << line << '\n';
  std::cout << (dry_run ? "would remove " : "removed ") << report.runs << " runs, " << report.logged_models
            << " logged models, " << report.experiments << " experiments\n";
}

int run_gc(const GcFlags& flags) {
  server::ServerConfig config;
  config.data_folder = setting("data", flags.data);
  config.database_url = setting("database", flags.database);
  config.blobs_url = setting("blobs", flags.blobs);
  // A folder that is not there would be made and found empty; the files of what goes would stay where they are.
  if ((config.database_url.empty() || config.blobs_url.empty()) && !files::exists(config.data_folder)) {
    throw not_found("there is no data folder ", config.data_folder, "; name the server's own with --data");
  }
  SystemClock clock;
  RandomIdSource ids;
  jobs::EventBus bus;
  const auto database = sql::open_database(server::database_url(config));
  const auto blobs = blobs::open_blob_store(server::blobs_url(config));
  tracking::Tracking tracking(*database, clock, ids, bus);
  tracking::LoggedModels logged_models(*database, clock, ids);
  tracking::Artifacts artifacts(*blobs);
  registry::Registry registry(*database, tracking, logged_models, clock, bus);
  // Their tables have to be there to be cleared.
  traces::Tracing tracing(*database, tracking, clock, ids);
  genai::Genai genai(*database, tracing, clock, ids);

  tracking::PurgeRequest request;
  request.deleted_until_ms = clock.now_ms() - text::parse_duration_ms(flags.older_than);
  request.runs = ids_of<tracking::RunId>(flags.run_ids);
  request.experiments = ids_of<tracking::ExperimentId>(flags.experiment_ids);
  request.only_look = flags.dry_run;
  const auto needed = registered(registry);
  const auto needed_by = [&](const std::string& id) {
    const auto found = needed.find(id);
    return found == needed.end() ? std::nullopt : std::optional<std::string>(found->second);
  };
  const std::vector<tracking::Forget> forget = {genai::forget_experiment, traces::forget_experiment};
  print(tracking::purge(*database, artifacts, request, needed_by, forget), flags.dry_run);
  return kExitOk;
}

// In a repository of tracked data without a server beside it, the repository is meant.
bool is_about_data(const GcFlags& flags, const DataGcFlags& of_data) {
  if (of_data.is_meant()) return true;
  const bool names_server = !flags.data.empty() || !flags.database.empty() || !flags.blobs.empty() || flags.dry_run ||
                            !flags.run_ids.empty() || !flags.experiment_ids.empty();
  return !names_server && setting("database").empty() && !files::exists(setting("data")) &&
         data::Repository::discover(data::paths::current_folder());
}

}  // namespace

Command gc_command() {
  Command command;
  command.name = "gc";
  command.group = "Server";
  command.summary = "Remove for good what a stopped server deleted, or what no version of tracked data needs";
  command.example =
      "  slipway gc --data ./slipway-data --older-than 30d --dry-run\n  slipway gc --workspace --all-tags";
  command.declare = [](CLI::App& app) -> Action {
    const auto flags = std::make_shared<GcFlags>();
    const auto of_data = std::make_shared<DataGcFlags>();
    declare_data_gc(app, *of_data);
    app.add_option("--data", flags->data, "The server's data folder (./slipway-data)");
    app.add_option("--database", flags->database, "The server's database, when it is not in the data folder");
    app.add_option("--blobs", flags->blobs, "The server's artifacts, when they are not in the data folder");
    app.add_option("--older-than", flags->older_than, "Only what was deleted longer ago: 12h, 30d, 8w; 0s for all")
        ->capture_default_str();
    app.add_option("--run-ids", flags->run_ids, "Only these runs, separated by commas");
    app.add_option("--experiment-ids", flags->experiment_ids, "Only these experiments with all in them");
    app.add_flag("--dry-run", flags->dry_run, "Say what would go and change nothing");
    return [flags, of_data] { return is_about_data(*flags, *of_data) ? run_data_gc(*of_data) : run_gc(*flags); };
  };
  return command;
}

}  // namespace slipway::cli
