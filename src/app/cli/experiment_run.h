// An experiment as a run on the tracking server, when one is set: its parameters, its metrics, and what became of it.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "domains/experiments/run.h"
#include "foundation/http/client.h"
#include "protocols/mlflow/client.h"

namespace slipway::cli {

class ExperimentRun {
 public:
  explicit ExperimentRun(const data::Repository& repository);
  // A run that was not finished is marked as failed.
  ~ExperimentRun();
  ExperimentRun(const ExperimentRun&) = delete;
  ExperimentRun& operator=(const ExperimentRun&) = delete;

  // Creates the run; the environment in which commands log to that very run. A server that cannot be reached costs a
  // warning, never the experiment.
  std::map<std::string, std::string> start(const experiments::Experiment& planned);
  void finish(data::Repository& repository, const experiments::RunResult& result);

 private:
  void end(const std::string& status);

  const std::string url_;
  std::string experiment_;
  std::unique_ptr<http::Client> http_;
  std::unique_ptr<mlflow::Client> client_;
  std::string run_id_;
};

}  // namespace slipway::cli
