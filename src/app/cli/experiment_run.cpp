#include "app/cli/experiment_run.h"

#include <cstdlib>

#include "app/cli/settings.h"
#include "domains/data/paths.h"
#include "domains/data/reports.h"
#include "domains/experiments/state.h"
#include "foundation/base/clock.h"
#include "foundation/base/error.h"
#include "foundation/base/log.h"

namespace slipway::cli {

namespace {

int64_t now_ms() { return SystemClock().now_ms(); }

// "lr" of params.yaml, "other.toml:lr" of other files.
std::string name_in(const std::string& file, const std::string& key, std::string_view standard) {
  return file == standard ? key : text::concat(file, ":", key);
}

std::map<std::string, std::string> parameters_of(const experiments::State& state) {
  std::map<std::string, std::string> out;
  for (const data::Member& file : state.params.members()) {
    const data::Value* content = file.value.find("data");
    if (content == nullptr) continue;
    const data::Value flat = data::flattened(*content);
    for (const data::Member& parameter : flat.members()) {
      const data::Value& value = parameter.value;
      out[name_in(file.key, parameter.key, "params.yaml")] =
          value.is_collection() ? data::python_json(value, data::KeyOrder::kAsIs) : data::plain_text(value);
    }
  }
  return out;
}

std::vector<mlflow::LoggedMetric> metrics_of(const experiments::State& state, int64_t time_ms) {
  std::vector<mlflow::LoggedMetric> out;
  const bool single = state.metrics.members().size() == 1;
  for (const data::Member& file : state.metrics.members()) {
    const data::Value* content = file.value.find("data");
    if (content == nullptr || !content->is_map()) continue;
    const data::Value flat = data::flattened(*content);
    for (const data::Member& metric : flat.members()) {
      const data::Value::Kind kind = metric.value.kind();
      if (kind != data::Value::Kind::kInt && kind != data::Value::Kind::kFloat) continue;
      const std::string name = single ? metric.key : text::concat(file.key, "/", metric.key);
      out.push_back({name, metric.value.as_double(), time_ms, 0});
    }
  }
  return out;
}

}  // namespace

ExperimentRun::ExperimentRun(const data::Repository& repository) : url_(server_url("")) {
  const char* named = std::getenv("MLFLOW_EXPERIMENT_NAME");
  experiment_ = named != nullptr && *named != '\0' ? named : data::paths::name(repository.root());
}

ExperimentRun::~ExperimentRun() {
  if (!run_id_.empty()) end("FAILED");
}

std::map<std::string, std::string> ExperimentRun::start(const experiments::Experiment& planned) {
  if (url_.empty()) return {};
  try {
    http_ = http::make_client();
    client_ = std::make_unique<mlflow::Client>(*http_, url_, server_authorization());
    const std::map<std::string, std::string> tags = {{"mlflow.source.git.commit", planned.baseline},
                                                     {"slipway.experiment", planned.name}};
    run_id_ = client_->create_run(client_->ensure_experiment(experiment_), planned.name, tags, now_ms());
  } catch (const Error& error) {
    log::warning("the experiment is not a run on the server", {{"reason", error.what()}});
    return {};
  }
  return {{"MLFLOW_RUN_ID", run_id_}, {"MLFLOW_TRACKING_URI", url_}, {"MLFLOW_EXPERIMENT_NAME", experiment_}};
}

void ExperimentRun::finish(data::Repository& repository, const experiments::RunResult& result) {
  if (run_id_.empty()) return;
  if (!result.experiment) return end(result.stages.interrupted ? "KILLED" : "FAILED");
  try {
    const experiments::State state = experiments::read_state(repository, result.experiment->commit);
    client_->log_batch(run_id_, metrics_of(state, now_ms()), parameters_of(state),
                       {{"slipway.experiment.commit", result.experiment->commit}});
  } catch (const Error& error) {
    log::warning("parameters and metrics were not reported", {{"reason", error.what()}});
  }
  end("FINISHED");
}

void ExperimentRun::end(const std::string& status) {
  try {
    client_->finish_run(run_id_, status, now_ms());
  } catch (const Error& error) {
    log::warning("the run on the server was not closed", {{"run_id", run_id_}, {"reason", error.what()}});
  }
  run_id_.clear();
}

}  // namespace slipway::cli
