#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <memory>

#include "app/cli/all.h"
#include "app/cli/data_command.h"
#include "app/cli/project_copy.h"
#include "app/cli/settings.h"
#include "app/cli/training_run.h"
#include "domains/training/training.h"
#include "foundation/base/error.h"
#include "foundation/base/files.h"
#include "foundation/base/hash.h"
#include "foundation/base/json.h"
#include "foundation/base/process.h"
#include "foundation/base/text.h"
#include "foundation/tables/io.h"

namespace slipway::cli {

namespace {

struct TrainFlags {
  std::string config;
  std::string data;
  std::vector<std::string> overrides;
  std::string output = "model";
  std::string metrics;
  std::string experiment = "training";
  std::string run_name;
  std::string server;
  std::string name;
  std::vector<std::string> aliases;
  std::vector<std::string> tags;
  std::string data_commit;
  int threads = 0;
  bool as_json = false;
};

// The commit that the working folder is at, if it is one of git's.
std::string git_commit() {
  std::string commit;
  ProcessOptions options;
  options.timeout_ms = 5000;
  options.on_line = [&commit](std::string_view line) {
    if (commit.empty()) commit = line;
  };
  try {
    const ProcessResult result = run_process({"git", "rev-parse", "HEAD"}, options);
    return result.exit_code == 0 ? commit : "";
  } catch (const Error&) {
    return "";  // no git on this machine
  }
}

std::map<std::string, std::string> tags_of(const TrainFlags& flags, const std::string& config_text) {
  std::map<std::string, std::string> tags = {{"mlflow.source.name", "slipway train"},
                                             {"mlflow.source.type", "JOB"},
                                             {"slipway.version", SLIPWAY_VERSION},
                                             {"slipway.data", flags.data},
                                             {"slipway.data_sha256", hash_file_hex(HashKind::kSha256, flags.data)},
                                             {"slipway.config_sha256", hash_hex(HashKind::kSha256, config_text)}};
  const std::string code = git_commit();
  if (!code.empty()) tags["mlflow.source.git.commit"] = code;
  const char* given = std::getenv("SLIPWAY_DATA_COMMIT");
  std::string commit = !flags.data_commit.empty() ? flags.data_commit : given != nullptr ? given : "";
  if (commit.empty()) commit = project_data_commit();
  if (!commit.empty()) tags["slipway.data_commit"] = commit;
  for (const std::string& tag : flags.tags) {
    const size_t equals = tag.find('=');
    if (equals == std::string::npos || equals == 0) throw invalid_argument("--tag takes KEY=VALUE, got '", tag, "'");
    tags[tag.substr(0, equals)] = tag.substr(equals + 1);
  }
  return tags;
}

std::map<std::string, std::string> params_of(const TrainFlags& flags, const training::TrainConfig& config,
                                             const training::TrainingResult& result) {
  std::map<std::string, std::string> params = {{"target", config.target},
                                               {"search_seed", std::to_string(config.seed)},
                                               {"search_trials", std::to_string(config.trials)},
                                               {"features", std::to_string(result.content.encoding.features().size())},
                                               {"train_rows", std::to_string(result.train_rows)},
                                               {"validation_rows", std::to_string(result.validation_rows)},
                                               {"refit", config.refit ? "true" : "false"}};
  if (!config.split.train_until.empty()) params["train_until"] = config.split.train_until;
  if (!config.split.validate_until.empty()) params["validate_until"] = config.split.validate_until;
  if (!flags.overrides.empty()) params["overrides"] = text::join(flags.overrides, " ");
  return params;
}

json::object metrics_json(const evaluation::BinaryMetrics& metrics) {
  json::object out;
  for (const auto& [name, value] : evaluation::named_values(metrics)) {
    out[name] = std::isfinite(value) ? json::value(value) : json::value(nullptr);
  }
  return out;
}

// The same for every run on the same data: no ids, no times.
json::object outcome_json(const training::TrainingResult& result) {
  const training::Trial& best = result.trials[result.best];
  json::array trials;
  for (const training::Trial& trial : result.trials) {
    trials.push_back(json::object{
        {"name", trial.name()}, {"best_rounds", trial.best_rounds}, {"validation", metrics_json(trial.validation)}});
  }
  return {{"best_trial", best.name()},
          {"rounds", best.best_rounds},
          {"train_rows", result.train_rows},
          {"validation_rows", result.validation_rows},
          {"unlabelled_rows", result.unlabelled_rows},
          {"unused_rows", result.unused_rows},
          {"validation", metrics_json(best.validation)},
          {"trials", std::move(trials)}};
}

json::array importance_json(const training::TrainingResult& result) {
  json::array out;
  for (const training::FeatureImportance& one : result.importance) {
    out.push_back(json::object{{"feature", one.feature}, {"gain", one.gain}, {"splits", one.splits}});
  }
  return out;
}

// The time that goes into the model's files: only one that the caller fixed, so that two trainings write the same
// bytes.
int64_t fixed_time_ms() {
  const char* epoch = std::getenv("SOURCE_DATE_EPOCH");
  if (epoch == nullptr) return 0;
  const auto seconds = text::parse_int(epoch);
  if (!seconds) throw invalid_argument("SOURCE_DATE_EPOCH must be seconds since 1970, got '", epoch, "'");
  return *seconds * 1000;
}

void write_outputs(const TrainFlags& flags, const training::TrainingResult& result) {
  packaging::write_model_folder(result.content, {"model", "", fixed_time_ms()}, flags.output);
  const std::string metrics = flags.metrics.empty() ? flags.output + "/metrics.json" : flags.metrics;
  files::write_atomic(metrics, json::write_pretty(outcome_json(result)));
  files::write_atomic(flags.output + "/feature_importance.json", json::write_pretty(importance_json(result)));
  files::create_folders(flags.output + "/monitoring");
  tables::write_table(result.reference, flags.output + "/monitoring/reference.parquet");
}

void upload_outputs(const TrainFlags& flags, const std::string& config_text, const training::TrainingResult& result,
                    const Clock& clock, TrainingRun& run) {
  if (run.run_id().empty()) return;
  const files::TemporaryFolder staging;
  packaging::write_model_folder(result.content, {"model", run.run_id(), clock.now_ms()}, staging.file("model"));
  files::write_atomic(staging.file("metrics.json"), json::write_pretty(outcome_json(result)));
  files::write_atomic(staging.file("train.yaml"), config_text);
  files::write_atomic(staging.file("feature_importance.json"), json::write_pretty(importance_json(result)));
  files::create_folders(staging.file("monitoring"));
  std::filesystem::copy_file(flags.output + "/monitoring/reference.parquet",
                             staging.file("monitoring/reference.parquet"));
  copy_project(staging.file("project"));
  run.upload(staging.path(), "");
}

// What is printed with --json beside the outcome.
struct Registered {
  std::string version;
};

Registered register_model(mlflow::Client* client, const TrainFlags& flags, const training::TrainingResult& result,
                          const std::map<std::string, std::string>& tags, const std::string& run_id) {
  if (client == nullptr || flags.name.empty()) return {};
  std::map<std::string, std::string> version_tags = {
      {"slipway.model_uuid", packaging::content_id(result.content)},
      {"slipway.validation_auc", text::format_double(result.trials[result.best].validation.auc)}};
  for (const char* key : {"slipway.data_commit", "slipway.data_sha256", "mlflow.source.git.commit"}) {
    if (tags.contains(key)) version_tags[key] = tags.at(key);
  }
  client->ensure_registered_model(flags.name);
  const auto version = client->create_version(flags.name, "runs:/" + run_id + "/model", run_id, version_tags);
  for (const std::string& alias : flags.aliases) client->set_alias(flags.name, alias, version.version);
  return {version.version};
}

void print(const TrainFlags& flags, const training::TrainingResult& result, const std::string& run_id,
           const Registered& registered, int64_t duration_ms) {
  if (flags.as_json) {
    json::object out = outcome_json(result);
    out["model_uuid"] = packaging::content_id(result.content);
    out["output"] = flags.output;
    out["duration_ms"] = duration_ms;
    if (!run_id.empty()) out["run_id"] = run_id;
    if (!registered.version.empty()) out["version"] = registered.version;
    std::cout << json::write_pretty(out);
    return;
  }
  for (size_t i = 0; i < result.trials.size(); ++i) {
    const training::Trial& trial = result.trials[i];
    std::cout << (i == result.best ? "* " : "  ") << trial.name() << "  auc "
              << text::format_fixed(trial.validation.auc, 4) << "  log_loss "
              << text::format_fixed(trial.validation.log_loss, 4);
    if (trial.best_rounds > 0) std::cout << "  " << trial.best_rounds << " trees";
    std::cout << "  " << text::format_duration_ms(trial.duration_ms) << '\n';
  }
  std::cout << "trained on " << result.train_rows << " rows, validated on " << result.validation_rows << " in "
            << text::format_duration_ms(duration_ms) << "; model in " << flags.output << '\n';
  if (run_id.empty()) std::cout << "not logged: no --server and no SLIPWAY_SERVER is set\n";
  if (!run_id.empty()) std::cout << "run " << run_id << " in experiment " << flags.experiment << '\n';
  if (!registered.version.empty())
    std::cout << "registered as models:/" << flags.name << "/" << registered.version << '\n';
}

int train(const TrainFlags& flags) {
  const std::string config_text = files::read(flags.config);
  const training::TrainConfig config = training::parse_train_config(config_text, flags.overrides);
  const std::string url = server_url(flags.server);
  if (url.empty() && !flags.name.empty()) throw invalid_argument("--register needs a server: give --server URL");
  const SystemClock clock;
  const int64_t started_ms = steady_ms();
  const tables::Table table = tables::read_table(flags.data);
  const auto tags = tags_of(flags, config_text);
  std::unique_ptr<http::Client> http;
  std::unique_ptr<mlflow::Client> client;
  if (!url.empty()) {
    http = http::make_client();
    client = std::make_unique<mlflow::Client>(*http, url, server_authorization());
  }
  const std::string run_name = flags.run_name.empty() ? "train " + config.target : flags.run_name;
  TrainingRun training_run(client.get(), clock,
                           {flags.experiment, run_name, config.metric, training::trial_count(config), tags});
  const training::TrainingResult result = training::train(table, config, clock, training_run, flags.threads);
  write_outputs(flags, result);
  training_run.log_result(result, params_of(flags, config, result),
                          {{"slipway.model_uuid", packaging::content_id(result.content)},
                           {"slipway.model_sha256", hash_hex(HashKind::kSha256, result.content.model)}});
  upload_outputs(flags, config_text, result, clock, training_run);
  training_run.finish();
  const Registered registered = register_model(client.get(), flags, result, tags, training_run.run_id());
  print(flags, result, training_run.run_id(), registered, steady_ms() - started_ms);
  return kExitOk;
}

int run(const TrainFlags& flags) {
  watch_interrupts();
  try {
    return train(flags);
  } catch (const Error&) {
    if (!was_interrupted()) throw;
    std::cerr << "slipway: interrupted; runs that were under way are marked as KILLED\n";
    return kExitInterrupted;
  }
}

}  // namespace

Command train_command() {
  Command command;
  command.name = "train";
  command.group = "Models";
  command.summary = "Train by a seeded search, log every trial as a run, write a model directory";
  command.example =
      "  slipway train --config train.yaml --data features.parquet --experiment flights --register flights --alias "
      "challenger\n"
      "  slipway train --config train.yaml --data features.parquet --set search.trials=2 --output trial";
  command.declare = [](CLI::App& app) -> Action {
    const auto flags = std::make_shared<TrainFlags>();
    app.add_option("--config", flags->config, "What to learn and how: target, split, features, search")->required();
    app.add_option("--data", flags->data, "Table to learn from: .parquet, .csv or .arrow")->required();
    app.add_option("--set", flags->overrides,
                   "KEY=VALUE over the configuration, as split.train_until=2013-10-01; may be repeated");
    app.add_option("--output", flags->output, "Folder for the model, its metrics and the monitor's reference")
        ->capture_default_str();
    app.add_option("--metrics", flags->metrics, "File for the metrics instead of metrics.json in the output");
    app.add_option("--server", flags->server, "URL of the server that keeps the runs; without one nothing is logged");
    app.add_option("--experiment", flags->experiment, "Experiment of the runs")->capture_default_str();
    app.add_option("--run-name", flags->run_name, "Name of the run");
    app.add_option("--register", flags->name, "Make the model a version under this name");
    app.add_option("--alias", flags->aliases, "Alias to point to the version; may be repeated");
    app.add_option("--tag", flags->tags, "KEY=VALUE on the runs; may be repeated");
    app.add_option("--data-commit", flags->data_commit,
                   "Commit of the data; default: SLIPWAY_DATA_COMMIT, else git's HEAD");
    app.add_option("--threads", flags->threads, "Threads, 0 for all cores; the model does not depend on it")
        ->check(CLI::Range(0, 1024));
    app.add_flag("--json", flags->as_json, "Print the outcome as JSON");
    return [flags] {
      if (flags->threads == 0) flags->threads = static_cast<int>(text::parse_int(setting("threads")).value_or(0));
      return run(*flags);
    };
  };
  return command;
}

}  // namespace slipway::cli
