// Runs the stages of a repository whose inputs changed, in order and side by side. Used by `slipway repro` and by
// pipelines on the server.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "domains/data/pipeline_plan.h"
#include "domains/data/repository.h"

namespace slipway::data {

enum class StageOutcome { kSkipped, kRan, kFromCache, kFailed, kNotReached, kWouldRun };
std::string_view name_of(StageOutcome outcome);

struct StageResult {
  std::string name;
  StageOutcome outcome = StageOutcome::kNotReached;
  int64_t duration_ms = 0;
  int64_t ended_ms = 0;  // by the clock
  std::string error;
};

enum class OnStageError { kStop, kKeepGoing, kIgnore };

struct ReproduceOptions {
  PlanOptions plan;
  bool force = false;
  bool force_downstream = false;  // whatever needs a stage that ran runs too
  bool allow_missing = false;     // data that is not there counts as unchanged
  bool pull = false;              // data that is not there is fetched instead of made anew
  bool dry = false;
  bool no_run_cache = false;
  bool no_commit = false;
  size_t jobs = 1;
  OnStageError on_error = OnStageError::kStop;
  // Messages in DVC's words. Lines of commands come with the stage's name when several run; with one job and no
  // `on_output` they go straight to our own output.
  std::function<void(std::string_view message)> on_message;
  std::function<void(std::string_view message)> on_warning;
  std::function<void(std::string_view stage, std::string_view line)> on_output;
  std::function<bool()> cancelled;
  // Asked before each stage that would run; empty: not asked.
  std::function<bool(const std::string& question)> confirm;
  std::map<std::string, std::string> environment;  // for the commands, besides DVC_ROOT and DVC_STAGE
};

struct ReproduceResult {
  std::vector<StageResult> stages;  // in the order of the plan
  std::vector<Stage> recorded;      // those that ran or were restored, with what was recorded
  bool interrupted = false;
  bool failed() const;
  bool anything_ran() const;
};

// Throws not_found for unknown targets and invalid_argument for a damaged dvc.yaml; a failing stage is in the result.
ReproduceResult reproduce(Repository& repository, const std::vector<std::string>& targets,
                          const ReproduceOptions& options);

}  // namespace slipway::data
