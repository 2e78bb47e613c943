#include "app/cli/move_command.h"

#include <iostream>

#include "app/cli/settings.h"
#include "app/cli/table_text.h"
#include "app/server/server.h"
#include "domains/genai/genai.h"
#include "domains/registry/registry.h"
#include "domains/traces/tracing.h"
#include "domains/tracking/logged_models.h"
#include "domains/tracking/tracking.h"
#include "foundation/base/clock.h"
#include "foundation/base/error.h"
#include "foundation/base/files.h"
#include "foundation/base/json.h"
#include "foundation/base/progress.h"

namespace slipway::cli {

using mlflow_store::Kind;
using mlflow_store::TallyRow;

namespace {

struct MoveView {
  std::string from;
  std::string to;
  bool only_look = false;
  bool as_json = false;
  int64_t duration_ms = 0;
};

// The constructors of the domains bring the tables up to date.
void update_tables(sql::Database& database) {
  SystemClock clock;
  RandomIdSource ids;
  jobs::EventBus bus;
  tracking::Tracking tracking(database, clock, ids, bus);
  tracking::LoggedModels models(database, clock, ids);
  traces::Tracing tracing(database, tracking, clock, ids);
  genai::Genai genai(database, tracing, clock, ids);
  registry::Registry registry(database, tracking, models, clock, bus);
}

// Kinds that neither side has are left out of the table.
bool is_empty(const TallyRow& row) { return row.in_source == 0 && row.moved == 0 && row.in_target == 0; }

void print_table(const mlflow_store::Report& report, const MoveView& view) {
  std::vector<std::vector<std::string>> rows;
  for (size_t i = 0; i < mlflow_store::kKinds; ++i) {
    const TallyRow& row = report.tally[static_cast<Kind>(i)];
    if (is_empty(row)) continue;
    std::vector<std::string> cells = {std::string(name_of(static_cast<Kind>(i))), std::to_string(row.in_source),
                                      std::to_string(row.moved), std::to_string(row.already),
                                      std::to_string(row.skipped)};
    if (!view.only_look) {
      cells.push_back(std::to_string(row.in_target));
      cells.push_back(row.is_complete() ? "yes" : "NO");
    }
    rows.push_back(std::move(cells));
  }
  std::vector<std::string> headers = {"kind", "in the source", view.only_look ? "would move" : "moved", "already there",
                                      "skipped"};
  if (!view.only_look) headers.insert(headers.end(), {"found there", "equal"});
  std::cout << table_text(headers, rows);
}

void print_lists(const mlflow_store::Report& report) {
  for (const std::string& note : report.notes) std::cout << "renamed: " << note << '\n';
  for (const auto& one : report.left_out) std::cout << "not moved: " << one.count << " " << one.what << '\n';
  for (const std::string& problem : report.problems) std::cout << "problem: " << problem << '\n';
  const auto shown = static_cast<int64_t>(report.problems.size());
  if (report.problem_count > shown) std::cout << "problem: " << report.problem_count - shown << " more\n";
}

json::value json_of(const mlflow_store::Report& report, const MoveView& view) {
  json::object kinds;
  for (size_t i = 0; i < mlflow_store::kKinds; ++i) {
    const TallyRow& row = report.tally[static_cast<Kind>(i)];
    json::object counts = {
        {"in_source", row.in_source}, {"moved", row.moved}, {"already_there", row.already}, {"skipped", row.skipped}};
    if (!view.only_look) {
      counts["in_target"] = row.in_target;
      counts["equal"] = row.is_complete();
    }
    kinds[name_of(static_cast<Kind>(i))] = counts;
  }
  json::object left_out;
  for (const auto& one : report.left_out) left_out[one.what] = one.count;
  json::array problems;
  for (const std::string& problem : report.problems) problems.emplace_back(problem);
  json::array notes;
  for (const std::string& note : report.notes) notes.emplace_back(note);
  return json::object{{"from", view.from},
                      {"to", view.to},
                      {"dry_run", view.only_look},
                      {"kinds", kinds},
                      {"artifact_bytes", report.artifact_bytes},
                      {"not_moved", left_out},
                      {"renamed", notes},
                      {"problems", problems},
                      {"problem_count", report.problem_count},
                      {"duration_ms", view.duration_ms},
                      {"complete", view.only_look ? report.problem_count == 0 : report.is_complete()}};
}

int show_report(const mlflow_store::Report& report, const MoveView& view) {
  const bool good = view.only_look ? report.problem_count == 0 : report.is_complete();
  if (view.as_json) {
    std::cout << json::write_pretty(json_of(report, view));
    return good ? kExitOk : kExitFailed;
  }
  std::cout << "from " << view.from << "\nto   " << view.to << "\n\n";
  print_table(report, view);
  std::cout << '\n';
  print_lists(report);
  if (view.only_look) {
    std::cout << "nothing was changed (--dry-run)\n";
  } else {
    std::cout << (good ? "everything is there" : "not everything is there: see the lines above") << "; "
              << text::format_bytes(report.artifact_bytes) << " of artifacts copied, "
              << text::format_duration_ms(view.duration_ms) << '\n';
  }
  return good ? kExitOk : kExitFailed;
}

}  // namespace

void OwnStoreFlags::declare(CLI::App& app) {
  app.add_option("--data", data, "The server's data folder (./slipway-data)");
  app.add_option("--database", database, "The server's database, when it is not in the data folder");
  app.add_option("--blobs", blobs, "The server's artifacts, when they are not in the data folder");
}

// Stands in for a store that is not there when one only looks.
struct OwnStore::Empty {
  files::TemporaryFolder folder{"slipway-look"};
};

OwnStore::OwnStore(const OwnStoreFlags& flags, Open open) {
  server::ServerConfig config;
  config.data_folder = setting("data", flags.data);
  config.database_url = setting("database", flags.database);
  config.blobs_url = setting("blobs", flags.blobs);
  name_ = config.database_url.empty() ? config.data_folder : config.database_url;
  const bool has_rows = !config.database_url.empty() || files::exists(server::database_url(config));
  const bool has_files = !config.blobs_url.empty() || files::exists(config.data_folder);
  if (!(has_rows && has_files) && open == Open::kExisting)
    throw not_found("there is no data folder ", config.data_folder, "; name the server's own with --data");
  if (!(has_rows && has_files) && open == Open::kLook) {
    empty_ = std::make_unique<Empty>();
    if (!has_rows) config.database_url = "sqlite::memory:";
    if (config.blobs_url.empty()) config.blobs_url = empty_->folder.path();
  }
  database_ = sql::open_database(server::database_url(config));
  blobs_ = blobs::open_blob_store(server::blobs_url(config));
  update_tables(*database_);
}

OwnStore::~OwnStore() = default;

void MoveFlags::declare(CLI::App& app, std::string_view place) {
  app.add_option(
      "--rename-prefix", rename_prefix,
      text::concat("Put this before the names of experiments and models that mean something else ", place, " already"));
  app.add_flag("--without-artifacts", without_artifacts, "Rows only, no files");
  app.add_flag("--dry-run", dry_run, "Say what would be moved and change nothing");
  app.add_flag("--json", as_json, "The report as JSON");
  own.declare(app);
}

int move_and_report(std::string_view label, mlflow_store::Source& source, mlflow_store::Target& target,
                    const MoveFlags& flags) {
  const int64_t started_ms = steady_ms();
  MoveView view{source.name(), target.name(), flags.dry_run, flags.as_json, 0};
  mlflow_store::Report report;
  {
    // Taken off the terminal before the report is printed.
    std::optional<Progress> progress;
    mlflow_store::MoveOptions options;
    options.only_look = flags.dry_run;
    options.rename_prefix = flags.rename_prefix;
    options.with_artifacts = !flags.without_artifacts;
    options.on_counted = [&](const mlflow_store::Tally& tally) {
      progress.emplace(std::string(label), static_cast<uint64_t>(mlflow_store::total_items(tally)));
    };
    options.on_progress = [&](int64_t items) { progress->add(static_cast<uint64_t>(items)); };
    report = mlflow_store::move_store(source, target, options);
  }
  view.duration_ms = steady_ms() - started_ms;
  return show_report(report, view);
}

std::optional<std::string> sqlite_file_of(const std::string& url) {
  constexpr std::string_view kScheme = "sqlite:///";
  if (url.starts_with(kScheme)) return url.substr(kScheme.size());
  if (url.find("://") != std::string::npos) return std::nullopt;
  return url;
}

}  // namespace slipway::cli
