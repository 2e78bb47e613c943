#include "domains/pipelines/pipelines.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "domains/pipelines/pipeline_store.h"
#include "foundation/base/error.h"
#include "foundation/base/log.h"

namespace slipway::pipelines {

namespace {

constexpr int kVerdictIsNo = 1;  // the exit code of our commands for it
constexpr int kWorkers = 2;
constexpr int64_t kLookEveryMs = 5000;
// Long enough for a server that is only slow, or whose clock differs.
constexpr int64_t kLeaseMs = 60'000;
constexpr int64_t kWriteAgainMs = 1000;
constexpr int64_t kMaxWaiting = 100;  // of one pipeline
constexpr size_t kMaxLogBytes = size_t{64} << 10U;

void check_name(const std::string& name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  };
  if (name.empty() || name.size() > 100 || !std::all_of(name.begin(), name.end(), allowed)) {
    throw invalid_argument("a pipeline's name has 1 to 100 letters, digits, '-' or '_', got '", name, "'");
  }
}

// "name", "name - 14d" or "name + 1h".
std::string value_of(std::string_view expression, const std::map<std::string, std::string>& attributes) {
  const size_t sign = expression.find_first_of("+-");
  const std::string name(text::trim(expression.substr(0, sign)));
  const auto found = attributes.find(name);
  if (found == attributes.end()) throw invalid_argument("the trigger of this run has no attribute '", name, "'");
  if (sign == std::string_view::npos) return found->second;
  auto time_ms = text::parse_time_ms(found->second);
  if (!time_ms) time_ms = text::parse_int(found->second);  // events carry milliseconds
  if (!time_ms) throw invalid_argument("attribute '", name, "' is no time that could be moved: '", found->second, "'");
  const int64_t by_ms = text::parse_duration_ms(text::trim(expression.substr(sign + 1)));
  return text::format_time_ms(expression[sign] == '+' ? *time_ms + by_ms : *time_ms - by_ms);
}

bool has_ended(RunState state) {
  return state != RunState::kWaiting && state != RunState::kQueued && state != RunState::kRunning;
}

}  // namespace

std::string_view name_of(RunState state) {
  switch (state) {
    case RunState::kWaiting:
      return "waiting";
    case RunState::kQueued:
      return "queued";
    case RunState::kRunning:
      return "running";
    case RunState::kSucceeded:
      return "succeeded";
    case RunState::kRefused:
      return "refused";
    case RunState::kFailed:
      return "failed";
    case RunState::kCancelled:
      return "cancelled";
  }
  return "failed";
}

std::string fill_in(const std::string& argument, const std::map<std::string, std::string>& attributes) {
  std::string out;
  size_t at = 0;
  while (true) {
    const size_t open = argument.find("{{", at);
    const size_t close = open == std::string::npos ? open : argument.find("}}", open);
    if (close == std::string::npos) return out.append(argument, at);
    const std::string_view expression = text::trim(std::string_view(argument).substr(open + 2, close - open - 2));
    out.append(argument, at, open - at).append(value_of(expression, attributes));
    at = close + 2;
  }
}

Pipelines::Pipelines(sql::Database& database, const Clock& clock, IdSource& ids, jobs::EventBus& bus, StepRunner runner)
    : database_(database),
      clock_(clock),
      ids_(ids),
      bus_(bus),
      runner_(std::move(runner)),
      workers_("pipelines", kWorkers),
      caretaker_("pipeline leases", 1) {
  store::migrate(database_);
  database_.write([&](sql::Transaction& transaction) {
    // A SQLite database has one owner: whoever held a lease is no more.
    if (transaction.dialect() == sql::Dialect::kSqlite) store::end_all_leases(transaction);
    store::fail_abandoned(transaction, clock_.now_ms());
  });
  caretaker_.repeat(kLookEveryMs, [this](const jobs::Cancellation&) { look_after_runs(); });
}

Pipelines::~Pipelines() {
  caretaker_.stop();
  stopping_ = true;
  {
    const std::lock_guard lock(mutex_);
    for (auto& [run, cancellation] : cancellations_) cancellation.request();
  }
  workers_.stop();
}

void Pipelines::put(const Pipeline& pipeline) {
  check_name(pipeline.name);
  if (!std::filesystem::path(pipeline.folder).is_absolute()) {
    throw invalid_argument("pipeline ", pipeline.name, " needs an absolute folder, got '", pipeline.folder, "'");
  }
  if (pipeline.steps.empty()) throw invalid_argument("pipeline ", pipeline.name, " has no steps");
  for (const Step& step : pipeline.steps) {
    if (step.arguments.empty()) throw invalid_argument("pipeline ", pipeline.name, " has a step without a command");
  }
  database_.write([&](sql::Transaction& transaction) { store::put_pipeline(transaction, pipeline); });
}

std::optional<Pipeline> Pipelines::find(const std::string& name) const {
  return database_.read_value<std::optional<Pipeline>>(
      [&](sql::Transaction& transaction) { return store::find_pipeline(transaction, name); });
}

Pipeline Pipelines::get(const std::string& name) const {
  auto found = find(name);
  if (!found) throw not_found("pipeline ", name, " does not exist");
  return *std::move(found);
}

std::vector<Pipeline> Pipelines::list() const {
  return database_.read_value<std::vector<Pipeline>>(
      [](sql::Transaction& transaction) { return store::list_pipelines(transaction); });
}

void Pipelines::remove(const std::string& name) {
  database_.write([&](sql::Transaction& transaction) {
    if (const auto run = store::find_unfinished(transaction, name)) {
      throw conflict("pipeline ", name, " is running, as ", *run, ": cancel that run first");
    }
    if (!store::remove_pipeline(transaction, name)) throw not_found("pipeline ", name, " does not exist");
  });
}

PipelineRun Pipelines::new_run(const std::string& name, const std::string& trigger,
                               std::map<std::string, std::string> attributes) const {
  const Pipeline pipeline = get(name);
  for (const Step& step : pipeline.steps) {
    for (const std::string& argument : step.arguments) fill_in(argument, attributes);
  }
  PipelineRun run;
  run.id = ids_.hex(32);
  run.pipeline = name;
  run.trigger = trigger;
  run.attributes = std::move(attributes);
  run.created_ms = clock_.now_ms();
  return run;
}

PipelineRun Pipelines::start(const std::string& name, const std::string& trigger,
                             std::map<std::string, std::string> attributes) {
  const PipelineRun run = new_run(name, trigger, std::move(attributes));
  database_.write([&](sql::Transaction& transaction) {
    if (const auto other = store::find_unfinished(transaction, name)) {
      throw conflict("pipeline ", name, " is running already, as ", *other);
    }
    store::put_run(transaction, run);
    store::lease(transaction, run.id, run.created_ms + kLeaseMs);
  });
  hand_to_workers(run);
  return run;
}

PipelineRun Pipelines::start_or_wait(const std::string& name, const std::string& trigger,
                                     std::map<std::string, std::string> attributes) {
  PipelineRun run = new_run(name, trigger, std::move(attributes));
  run.state = RunState::kWaiting;
  database_.write([&](sql::Transaction& transaction) {
    if (store::count_waiting(transaction, name) >= kMaxWaiting) {
      throw Error(ErrorCode::kResourceExhausted,
                  text::concat(kMaxWaiting, " runs of pipeline ", name, " wait already; cancel some of them"));
    }
    store::put_run(transaction, run);
  });
  publish(run);
  start_waiting(name);
  return get_run(run.id);
}

// Starts the oldest run that waits, unless another one is under way.
void Pipelines::start_waiting(const std::string& name) {
  using Next = std::optional<PipelineRun>;
  const Next next = database_.write_value<Next>([&](sql::Transaction& transaction) -> Next {
    if (store::find_unfinished(transaction, name)) return std::nullopt;
    Next run = store::find_waiting(transaction, name);
    if (!run || !store::end_waiting(transaction, run->id, RunState::kQueued, 0)) return std::nullopt;
    store::lease(transaction, run->id, clock_.now_ms() + kLeaseMs);
    run->state = RunState::kQueued;
    return run;
  });
  if (next) hand_to_workers(*next);
}

void Pipelines::hand_to_workers(const PipelineRun& run) {
  {
    const std::lock_guard lock(mutex_);
    cancellations_.try_emplace(run.id);
  }
  publish(run);
  try {
    workers_.submit([this, run](const jobs::Cancellation& server_stops) { execute(run, server_stops); });
  } catch (const Error& error) {
    forget(run.id);
    PipelineRun failed = run;
    failed.state = RunState::kFailed;
    failed.message = error.what();
    failed.ended_ms = clock_.now_ms();
    save(failed);
    publish(failed);
    throw;
  }
}

void Pipelines::cancel(const std::string& run_id) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = cancellations_.find(run_id);
    if (found != cancellations_.end()) return found->second.request();
  }
  const bool waited = database_.write_value<bool>([&](sql::Transaction& transaction) {
    return store::end_waiting(transaction, run_id, RunState::kCancelled, clock_.now_ms());
  });
  if (waited) return publish(get_run(run_id));
  const bool runs_elsewhere = database_.write_value<bool>(
      [&](sql::Transaction& transaction) { return store::ask_to_cancel(transaction, run_id, clock_.now_ms()); });
  if (!runs_elsewhere) throw failed_precondition("pipeline run ", run_id, " is not running");
}

void Pipelines::look_after_runs() {
  std::map<std::string, jobs::Cancellation> mine;
  {
    const std::lock_guard lock(mutex_);
    mine = cancellations_;
  }
  if (!mine.empty()) {
    database_.write([&](sql::Transaction& transaction) {
      for (const auto& [run, cancellation] : mine) store::renew(transaction, run, clock_.now_ms() + kLeaseMs);
    });
  }
  bool has_abandoned = false;
  std::vector<std::string> waiting;
  database_.read([&](sql::Transaction& transaction) {
    for (auto& [run, cancellation] : mine) {
      if (store::is_cancelled(transaction, run)) cancellation.request();
    }
    has_abandoned = store::has_abandoned(transaction, clock_.now_ms());
    waiting = store::pipelines_with_waiting(transaction);
  });
  if (has_abandoned) {
    database_.write([&](sql::Transaction& transaction) { store::fail_abandoned(transaction, clock_.now_ms()); });
  }
  for (const std::string& name : waiting) start_waiting(name);
}

PipelineRun Pipelines::get_run(const std::string& run_id) const {
  auto found = database_.read_value<std::optional<PipelineRun>>(
      [&](sql::Transaction& transaction) { return store::find_run(transaction, run_id); });
  if (!found) throw not_found("pipeline run ", run_id, " does not exist");
  return *std::move(found);
}

std::vector<PipelineRun> Pipelines::list_runs(const std::string& name, int limit) const {
  return database_.read_value<std::vector<PipelineRun>>(
      [&](sql::Transaction& transaction) { return store::list_runs(transaction, name, limit); });
}

void Pipelines::execute(PipelineRun run, const jobs::Cancellation& server_stops) {
  jobs::Cancellation cancellation;
  {
    const std::lock_guard lock(mutex_);
    cancellation = cancellations_.at(run.id);
  }
  if (server_stops.requested()) cancellation.request();
  run.state = RunState::kRunning;
  run.started_ms = clock_.now_ms();
  save_progress(run);
  try {
    run_steps(run, cancellation);
  } catch (const std::exception& error) {
    run.message = error.what();
    run.state = RunState::kFailed;
  }
  if (cancellation.requested()) run.state = RunState::kCancelled;
  if (stopping_ && cancellation.requested()) {
    run.state = RunState::kFailed;
    run.message = store::kServerStopped;
  }
  if (!has_ended(run.state)) run.state = RunState::kSucceeded;
  run.ended_ms = clock_.now_ms();
  end(run, server_stops);
}

void Pipelines::run_steps(PipelineRun& run, const jobs::Cancellation& cancellation) {
  const Pipeline pipeline = get(run.pipeline);
  const auto keep_line = [&run](std::string_view line) {
    run.log.append(line).push_back('\n');
    if (run.log.size() > 2 * kMaxLogBytes) run.log.erase(0, run.log.size() - kMaxLogBytes);
  };
  for (const Step& step : pipeline.steps) {
    if (cancellation.requested()) return;
    std::vector<std::string> arguments;
    for (const std::string& argument : step.arguments) arguments.push_back(fill_in(argument, run.attributes));
    StepResult result;
    result.command = text::join(arguments, " ");
    keep_line(text::concat("$ slipway ", result.command));
    const int64_t begun_ms = steady_ms();
    result.exit_code = runner_(arguments, pipeline, run, keep_line, cancellation);
    result.duration_ms = steady_ms() - begun_ms;
    run.steps.push_back(result);
    if (result.exit_code != 0 && !cancellation.requested()) {
      const bool is_verdict = result.exit_code == kVerdictIsNo;
      run.message =
          text::concat("step '", result.command, is_verdict ? "' gave the verdict no" : "' ended with exit code ",
                       is_verdict ? "" : std::to_string(result.exit_code));
      run.state = is_verdict ? RunState::kRefused : RunState::kFailed;
      return;
    }
    save_progress(run);
  }
}

// Until its end is written a run counts as running, and no other one of its pipeline can start. So this does not give
// up before the server stops; then the next start says that it ended.
void Pipelines::end(const PipelineRun& run, const jobs::Cancellation& server_stops) {
  for (bool told = false; true; told = true) {
    try {
      save(run);
      break;
    } catch (const std::exception& error) {
      if (!told) {
        log::error("the end of a pipeline run cannot be written; trying again every second",
                   {{"pipeline", run.pipeline}, {"run", run.id}, {"reason", error.what()}});
      }
    }
    if (server_stops.wait_for_ms(kWriteAgainMs)) return forget(run.id);
  }
  forget(run.id);
  publish(run);
  // What waits is for the next start then.
  if (!stopping_) start_waiting(run.pipeline);
}

void Pipelines::forget(const std::string& run_id) {
  const std::lock_guard lock(mutex_);
  cancellations_.erase(run_id);
}

void Pipelines::save(const PipelineRun& run) {
  database_.write([&](sql::Transaction& transaction) {
    store::put_run(transaction, run);
    if (has_ended(run.state)) store::end_lease(transaction, run.id);
  });
}

// The steps go on without it; the end is what has to be written.
void Pipelines::save_progress(const PipelineRun& run) {
  try {
    save(run);
  } catch (const std::exception& error) {
    log::warning("the progress of a pipeline run cannot be written",
                 {{"pipeline", run.pipeline}, {"run", run.id}, {"reason", error.what()}});
  }
}

void Pipelines::publish(const PipelineRun& run) {
  log::info("pipeline run", {{"pipeline", run.pipeline}, {"run", run.id}, {"state", std::string(name_of(run.state))}});
  jobs::Event event;
  event.kind = text::concat("pipeline_run.", name_of(run.state));
  event.subject = run.id;
  event.attributes = {{"pipeline", run.pipeline}, {"trigger", run.trigger}, {"message", run.message}};
  event.time_ms = clock_.now_ms();
  bus_.publish(std::move(event));
}

}  // namespace slipway::pipelines
