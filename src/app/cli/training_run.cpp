#include "app/cli/training_run.h"

#include <algorithm>
#include <cmath>

#include "app/cli/data_command.h"
#include "foundation/base/error.h"
#include "foundation/base/log.h"

namespace slipway::cli {

namespace {

// Progress of one trial, of which nobody knows how many rounds it will take: half of it after 100 rounds.
constexpr uint64_t kUnitsPerTrial = 1000;

void stop_if_interrupted() {
  if (was_interrupted()) throw failed_precondition("the training was interrupted");
}

uint64_t units_after(size_t rounds) { return kUnitsPerTrial * rounds / (rounds + 100); }

}  // namespace

std::vector<mlflow::LoggedMetric> validation_metrics(const evaluation::BinaryMetrics& metrics, int64_t timestamp_ms,
                                                     int64_t step) {
  std::vector<mlflow::LoggedMetric> out;
  for (const auto& [name, value] : evaluation::named_values(metrics)) {
    out.push_back({"validation_" + name, value, timestamp_ms, step});
  }
  return out;
}

TrainingRun::TrainingRun(mlflow::Client* client, const Clock& clock, Options options)
    : client_(client),
      clock_(clock),
      options_(std::move(options)),
      progress_("training", static_cast<uint64_t>(options_.trials) * kUnitsPerTrial) {
  stop_if_interrupted();
  if (client_ == nullptr) return;
  experiment_id_ = client_->ensure_experiment(options_.experiment);
  run_id_ = client_->create_run(experiment_id_, options_.run_name, options_.tags, clock_.now_ms());
}

TrainingRun::~TrainingRun() {
  if (client_ == nullptr || finished_) return;
  const std::string status = was_interrupted() ? "KILLED" : "FAILED";
  try {
    if (!trial_run_id_.empty()) client_->finish_run(trial_run_id_, status, clock_.now_ms());
    client_->finish_run(run_id_, status, clock_.now_ms());
  } catch (const Error& error) {
    log::warning("cannot mark the run", {{"run_id", run_id_}, {"status", status}, {"error", error.what()}});
  }
}

void TrainingRun::trial_started(const training::Trial& trial) {
  stop_if_interrupted();
  drawn_units_ = 0;
  if (client_ == nullptr) return;
  std::map<std::string, std::string> tags = options_.tags;
  tags["mlflow.parentRunId"] = run_id_;
  tags["slipway.trial"] = std::to_string(trial.number);
  tags["slipway.learner"] = training::name_of(trial.learner);
  trial_run_id_ = client_->create_run(experiment_id_, trial.name(), tags, trial.started_ms);
  trial_run_ids_.push_back(trial_run_id_);
  std::map<std::string, std::string> params = trial.parameters;
  params["learner"] = training::name_of(trial.learner);
  params["seed"] = std::to_string(trial.seed);
  client_->log_batch(trial_run_id_, {}, params, {});
}

void TrainingRun::round_done(const training::Trial& trial) {
  stop_if_interrupted();
  advance(units_after(trial.curve.size()));
}

void TrainingRun::trial_failed(const training::Trial& trial, const std::string& why) {
  advance(kUnitsPerTrial);
  log::warning("a trial gave no model", {{"trial", trial.name()}, {"reason", why}});
  if (client_ == nullptr) return;
  client_->finish_run(trial_run_id_, "FAILED", clock_.now_ms());
  trial_run_id_.clear();
}

void TrainingRun::trial_finished(const training::Trial& trial) {
  advance(kUnitsPerTrial);
  if (client_ == nullptr) return;
  const int64_t now_ms = clock_.now_ms();
  std::vector<mlflow::LoggedMetric> metrics = validation_metrics(trial.validation, now_ms, trial.best_rounds);
  // Under a name of its own: the latest point of the curve is not the best one.
  for (size_t i = 0; i < trial.curve.size(); ++i) {
    const int64_t share = trial.duration_ms * static_cast<int64_t>(i + 1) / static_cast<int64_t>(trial.curve.size());
    metrics.push_back(
        {"curve_" + options_.metric, trial.curve[i], trial.started_ms + share, static_cast<int64_t>(i + 1)});
  }
  metrics.push_back({"best_rounds", static_cast<double>(trial.best_rounds), now_ms, 0});
  metrics.push_back({"duration_seconds", static_cast<double>(trial.duration_ms) / 1000, now_ms, 0});
  client_->log_batch(trial_run_id_, metrics, {}, {});
  client_->finish_run(trial_run_id_, "FINISHED", now_ms);
  trial_run_id_.clear();
}

void TrainingRun::log_result(const training::TrainingResult& result, const std::map<std::string, std::string>& params,
                             const std::map<std::string, std::string>& tags) {
  stop_if_interrupted();
  if (client_ == nullptr) return;
  const training::Trial& best = result.trials[result.best];
  const int64_t now_ms = clock_.now_ms();
  std::vector<mlflow::LoggedMetric> metrics = validation_metrics(best.validation, now_ms, 0);
  metrics.push_back({"best_rounds", static_cast<double>(best.best_rounds), now_ms, 0});
  std::map<std::string, std::string> all_params = params;
  for (const auto& [name, value] : best.parameters) all_params[name] = value;
  all_params["learner"] = training::name_of(best.learner);
  std::map<std::string, std::string> all_tags = tags;
  all_tags["slipway.best_trial"] = trial_run_ids_.at(static_cast<size_t>(best.number));
  client_->log_batch(run_id_, metrics, all_params, all_tags);
}

void TrainingRun::upload(const std::string& local_path, const std::string& artifact_path) {
  stop_if_interrupted();
  if (client_ != nullptr) client_->upload(run_id_, local_path, artifact_path);
}

void TrainingRun::finish() {
  finished_ = true;
  if (client_ != nullptr) client_->finish_run(run_id_, "FINISHED", clock_.now_ms());
}

void TrainingRun::advance(uint64_t units) {
  if (units <= drawn_units_) return;
  progress_.add(units - drawn_units_);
  drawn_units_ = units;
}

}  // namespace slipway::cli
