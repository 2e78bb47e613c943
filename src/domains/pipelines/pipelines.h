// Pipelines that the server runs: a project folder and the steps to run in it, started by hand or by an alert, one run
// at a time for each pipeline (what an alert asks for meanwhile waits), every run kept with its steps, its log and its
// outcome.
//
// A step is a command of this very program ("repro", "promote models:/m@challenger"), so that what the server runs is
// what a person would type in that folder.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "foundation/base/clock.h"
#include "foundation/base/id.h"
#include "foundation/jobs/event_bus.h"
#include "foundation/jobs/worker_pool.h"
#include "foundation/sql/database.h"

namespace slipway::pipelines {

struct Step {
  std::vector<std::string> arguments;  // {{name}} is replaced by the trigger's attribute of that name
};

struct Pipeline {
  std::string name;
  std::string folder;  // absolute
  std::vector<Step> steps;
  int64_t timeout_ms = 3'600'000;
};

// Refused: a step did its work and its verdict is no (exit code 1: gates, drift, validation). Failed: it could not.
enum class RunState { kWaiting, kQueued, kRunning, kSucceeded, kRefused, kFailed, kCancelled };
std::string_view name_of(RunState state);

struct StepResult {
  std::string command;
  int exit_code = 0;
  int64_t duration_ms = 0;
};

struct PipelineRun {
  std::string id;
  std::string pipeline;
  RunState state = RunState::kQueued;
  std::string trigger;                            // "manual", "alert auc_low"
  std::map<std::string, std::string> attributes;  // of the trigger; they fill {{name}} in the steps
  std::vector<StepResult> steps;                  // those that ended
  std::string message;                            // why it failed
  std::string log;                                // the last 64 KiB of what the steps printed
  int64_t created_ms = 0;
  int64_t started_ms = 0;
  int64_t ended_ms = 0;
};

// How one step is run: gets the arguments, the folder, where lines go, whether to stop; returns the exit code. The
// composition root starts this program as a child; tests pass a function.
using StepRunner =
    std::function<int(const std::vector<std::string>& arguments, const Pipeline& pipeline, const PipelineRun& run,
                      const std::function<void(std::string_view)>& on_line, const jobs::Cancellation& cancellation)>;

class Pipelines {
 public:
  // Runs that a crash left queued or running are marked failed ("the server stopped during this run"), at the start and
  // later: another server on the same database may have crashed.
  Pipelines(sql::Database& database, const Clock& clock, IdSource& ids, jobs::EventBus& bus, StepRunner runner);
  // Stops the steps under way; their runs fail with the same message.
  ~Pipelines();

  // Creates or replaces. Throws invalid_argument for a bad name, a relative folder or no step.
  void put(const Pipeline& pipeline);
  std::optional<Pipeline> find(const std::string& name) const;
  Pipeline get(const std::string& name) const;
  std::vector<Pipeline> list() const;
  // Its runs are kept. Throws not_found, and conflict while one is queued or running.
  void remove(const std::string& name);

  // Queues a run. Throws conflict when one of this pipeline is queued or running.
  PipelineRun start(const std::string& name, const std::string& trigger, std::map<std::string, std::string> attributes);
  // The same, but it waits for the runs that are under way, across a restart too. Throws resource_exhausted when a
  // hundred wait already.
  PipelineRun start_or_wait(const std::string& name, const std::string& trigger,
                            std::map<std::string, std::string> attributes);
  // One that another server runs ends as soon as that server looks.
  void cancel(const std::string& run_id);
  PipelineRun get_run(const std::string& run_id) const;
  // Newest first; name "" for all.
  std::vector<PipelineRun> list_runs(const std::string& name, int limit) const;

  // Tells other servers that the runs of this one go on, ends what was cancelled or abandoned elsewhere and starts what
  // waits for nothing any more. Repeats by itself; public for tests.
  void look_after_runs();

 private:
  PipelineRun new_run(const std::string& name, const std::string& trigger,
                      std::map<std::string, std::string> attributes) const;
  void start_waiting(const std::string& name);
  void hand_to_workers(const PipelineRun& run);
  void execute(PipelineRun run, const jobs::Cancellation& server_stops);
  void run_steps(PipelineRun& run, const jobs::Cancellation& cancellation);
  void end(const PipelineRun& run, const jobs::Cancellation& server_stops);
  void forget(const std::string& run_id);
  void save(const PipelineRun& run);
  void save_progress(const PipelineRun& run);
  void publish(const PipelineRun& run);

  sql::Database& database_;
  const Clock& clock_;
  IdSource& ids_;
  jobs::EventBus& bus_;
  StepRunner runner_;
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;                                         // guards cancellations_
  std::map<std::string, jobs::Cancellation> cancellations_;  // of queued and running runs, by run id
  // Last: their threads use the members above. Runs may take all of the workers for hours.
  jobs::WorkerPool workers_;
  jobs::WorkerPool caretaker_;
};

// Each {{name}} in `argument` by the attribute of that name, {{name - 14d}} or {{name + 1h}} by that time (ISO 8601 or
// milliseconds) moved, in ISO 8601; throws
// invalid_argument naming an attribute that is absent or, when it is to be moved, no time.
std::string fill_in(const std::string& argument, const std::map<std::string, std::string>& attributes);

}  // namespace slipway::pipelines
