// A training as runs on a tracking server: one run for the whole, one below it per trial. Used by `slipway train`;
// without a server it only draws progress.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "domains/training/training.h"
#include "foundation/base/progress.h"
#include "protocols/mlflow/client.h"

namespace slipway::cli {

class TrainingRun final : public training::TrainingObserver {
 public:
  struct Options {
    std::string experiment;
    std::string run_name;
    std::string metric;  // name of the trials' curves
    int trials = 0;
    std::map<std::string, std::string> tags;
  };
  // `client` may be null: nothing is logged. It must outlive this. Once watch_interrupts was called, every step of the
  // training throws after Ctrl-C or SIGTERM.
  TrainingRun(mlflow::Client* client, const Clock& clock, Options options);
  // A run that was not finished is marked as failed, or as killed after Ctrl-C or SIGTERM.
  ~TrainingRun() override;

  // Empty without a server.
  const std::string& run_id() const { return run_id_; }

  void trial_started(const training::Trial& trial) override;
  void round_done(const training::Trial& trial) override;
  void trial_finished(const training::Trial& trial) override;
  void trial_failed(const training::Trial& trial, const std::string& why) override;

  // The outcome: what the best trial reached, with its parameters; then the run is finished.
  void log_result(const training::TrainingResult& result, const std::map<std::string, std::string>& params,
                  const std::map<std::string, std::string>& tags);
  void upload(const std::string& local_path, const std::string& artifact_path);
  void finish();

 private:
  void advance(uint64_t units);

  mlflow::Client* client_;
  const Clock& clock_;
  Options options_;
  std::string experiment_id_;
  std::string run_id_;
  std::string trial_run_id_;  // of the trial under way
  std::vector<std::string> trial_run_ids_;
  bool finished_ = false;
  Progress progress_;
  uint64_t drawn_units_ = 0;  // of the trial under way
};

// Every number that is worth comparing between runs, by its key in MLflow.
std::vector<mlflow::LoggedMetric> validation_metrics(const evaluation::BinaryMetrics& metrics, int64_t timestamp_ms,
                                                     int64_t step);

}  // namespace slipway::cli
