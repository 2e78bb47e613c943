#include "domains/data/pipeline.h"

#include <algorithm>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "domains/data/add.h"
#include "domains/data/checkout.h"
#include "domains/data/dvcfile.h"
#include "domains/data/lockfile.h"
#include "domains/data/paths.h"
#include "domains/data/pipeline_file.h"
#include "domains/data/remote.h"
#include "domains/data/run_cache.h"
#include "domains/data/status.h"
#include "domains/data/unprotect.h"
#include "foundation/base/clock.h"
#include "foundation/base/error.h"
#include "foundation/base/log.h"
#include "foundation/base/process.h"

namespace slipway::data {

namespace {

std::vector<std::string> shell_words(const std::string& command) {
  const char* variable = std::getenv("SHELL");
  const std::string shell = variable == nullptr || *variable == '\0' ? "/bin/sh" : variable;
  // Start-up files of the user must not change what the command does.
  const std::string name = text::lower(paths::name(shell));
  if (name == "zsh") return {shell, "--no-rcs", "-c", command};
  if (name == "bash") return {shell, "--noprofile", "--norc", "-c", command};
  return {shell, "-c", command};
}

// "a, b and c"
std::string joined(const std::vector<std::string>& words) {
  if (words.size() < 2) return text::join(words, "");
  return text::concat(text::join({words.begin(), words.end() - 1}, ", "), " and ", words.back());
}

std::string quoted(const std::string& address) { return text::concat("'", address, "'"); }

// A finished command, on its way from the thread that ran it.
struct Finished {
  size_t step = 0;
  std::string error;
  bool cancelled = false;
};

class Run {
 public:
  Run(Repository& repository, const std::vector<std::string>& targets, const ReproduceOptions& options)
      : repository_(repository), options_(options), lock_(repository.lock()), index_(repository.load_index()) {
    index_.check();
    add_steps(plan_stages(repository_, index_, targets, options.plan));
  }

  ReproduceResult go() {
    while (!stopping_ && start_ready()) {
      if (running_ > 0) wait_for_one();
    }
    while (running_ > 0) wait_for_one();
    // On the disk for good once, rather than after each stage.
    for (auto& [path, lock] : locks_) files::write_atomic(path, lock.write());
    return std::move(result_);
  }

 private:
  struct Step {
    size_t stage = 0;
    std::vector<size_t> after;  // steps
    bool started = false;
    bool done = false;
    bool force = false;
    int64_t started_ms = 0;
    std::unique_ptr<FileLocks> busy;
    std::jthread thread;
  };

  Stage& stage_of(const Step& step) { return index_.stages()[step.stage]; }
  std::string address(const Step& step) { return stage_of(step).address(repository_.seen_from()); }
  StageResult& outcome(const Step& step) { return result_.stages[static_cast<size_t>(&step - steps_.data())]; }
  void say(const std::string& message) const {
    if (options_.on_message) options_.on_message(message);
  }
  void warn(const std::string& message) const {
    if (options_.on_warning) options_.on_warning(message);
  }

  void add_steps(const std::vector<size_t>& order) {
    std::map<size_t, size_t> step_of;
    for (const size_t stage : order) {
      if (step_of.contains(stage)) continue;
      Step step;
      step.stage = stage;
      for (const size_t other : index_.needs(stage)) {
        if (!index_.stages()[stage].frozen && step_of.contains(other)) step.after.push_back(step_of[other]);
      }
      step_of[stage] = steps_.size();
      steps_.push_back(std::move(step));
    }
    for (const Step& step : steps_) {
      StageResult result;
      result.name = address(step);
      result_.stages.push_back(std::move(result));
    }
  }

  bool is_ready(const Step& step) const {
    return !step.started && std::all_of(step.after.begin(), step.after.end(), [&](size_t i) { return steps_[i].done; });
  }

  // False when nothing runs and nothing more can start.
  bool start_ready() {
    for (Step& step : steps_) {
      if (running_ >= options_.jobs || stopping_) break;
      if (!is_ready(step)) continue;
      if (interrupted()) break;
      step.started = true;
      if (blocked(step)) {
        step.done = true;
        continue;
      }
      try {
        begin(step);
      } catch (const std::exception& error) {
        fail(step, error.what());
      }
      // What just finished without a command may have made earlier steps ready.
      if (step.done) return true;
    }
    return running_ > 0 || std::any_of(steps_.begin(), steps_.end(), [&](const Step& step) { return is_ready(step); });
  }

  // Something it needs failed before.
  bool blocked(const Step& step) {
    if (options_.on_error == OnStageError::kIgnore) return false;
    return std::any_of(step.after.begin(), step.after.end(), [&](size_t i) {
      return result_.stages[i].outcome == StageOutcome::kFailed ||
             result_.stages[i].outcome == StageOutcome::kNotReached;
    });
  }

  bool interrupted() {
    if (options_.cancelled && options_.cancelled()) {
      result_.interrupted = true;
      stopping_ = true;
    }
    return stopping_;
  }

  void begin(Step& step) {
    Stage& stage = stage_of(step);
    step.started_ms = steady_ms();
    // An empty line behind a stage that did something.
    if (std::exchange(previous_ran_, false)) say("");
    if (stage.frozen && !stage.is_import()) {
      warn(text::concat("stage: ", quoted(address(step)),
                        " is frozen. Its dependencies are not going to be reproduced."));
    }
    const bool forced = options_.force || step.force;
    if (forced && options_.force_downstream) force_dependents(step);
    if (!forced) {
      const Value status = stage_status(repository_, stage);
      log::debug("judged", {{"stage", address(step)}, {"changes", python_json(status)}});
      if (!is_changed(step, status, options_.allow_missing)) {
        say(text::concat(stage.is_data() ? "" : "Stage ", quoted(address(step)), " didn't change, skipping"));
        finish(step, StageOutcome::kSkipped);
        return;
      }
      if (options_.pull && !is_changed(step, status, true) && pull_outputs(step)) return;
    }
    const std::string question =
        text::concat("Going to reproduce ", stage.is_data() ? "" : "stage: ", quoted(address(step)),
                     ". Are you sure you want to continue?");
    if (options_.confirm && !options_.confirm(question)) throw failed_precondition("reproduction aborted by the user");
    if (options_.dry) return begin_dry(step);
    if (stage.is_data() || stage.frozen) return verify(step);
    step.busy =
        std::make_unique<FileLocks>(repository_.dvc_folder() + "/tmp", text::concat("slipway repro ", address(step)),
                                    inputs(stage), outputs(stage));
    remove_outputs(stage);
    if (options_.pull && !forced) pull_dependencies(stage);
    if (restore(step)) return;
    if (!forced) record_dependencies(repository_, stage);
    launch(step);
  }

  void begin_dry(Step& step) {
    Stage& stage = stage_of(step);
    if (!stage.is_data() && !stage.frozen) announce(step);
    finish(step, StageOutcome::kWouldRun);
  }

  // `missing_is_fine`: what is not there counts as unchanged, unless a stage before it has made another version of it.
  bool is_changed(const Step& step, const Value& status, bool missing_is_fine) {
    if (!missing_is_fine) return !status.empty();
    const Stage& stage = stage_of(step);
    return std::any_of(status.items().begin(), status.items().end(), [&](const Value& item) {
      if (item.is_string()) return true;
      const Value* outs = item.find("changed outs");
      const Value& changes = outs != nullptr ? *outs : *item.find("changed deps");
      return std::any_of(changes.members().begin(), changes.members().end(), [&](const Member& change) {
        const bool missing =
            change.value.is_string() && (change.value.text() == "deleted" || change.value.text() == "not in cache");
        return !missing || (outs == nullptr && is_made_anew(stage, change.key));
      });
    });
  }

  bool is_made_anew(const Stage& stage, const std::string& shown) {
    return std::any_of(stage.deps.begin(), stage.deps.end(), [&](const Dependency& dep) {
      if (repository_.shown(dep.absolute) != shown) return false;
      return std::any_of(steps_.begin(), steps_.end(), [&](const Step& other) {
        const auto& outs = stage_of(other).outs;
        return std::any_of(outs.begin(), outs.end(), [&](const Output& out) {
          return out.absolute == dep.absolute && out.record.hash != dep.record.hash;
        });
      });
    });
  }

  // The outputs are only missing: brings them from the remote.
  bool pull_outputs(Step& step) {
    Stage& stage = stage_of(step);
    say(text::concat("Pulling data for stage: ", quoted(address(step))));
    try {
      fetch_target(stage.address(repository_.seen_from()));
      for (const Output& output : stage.outs) {
        if (!output.cache || files::exists(output.absolute)) continue;
        if (output.record.hash.empty() || !is_cached(repository_.store(), output.record)) {
          throw not_found("'", output.path, "' is not in the cache");
        }
        restore_output(repository_, output);
      }
    } catch (const Error&) {
      say(text::concat("Unable to pull data for stage: ", quoted(address(step))));
      return false;
    }
    finish(step, StageOutcome::kSkipped);
    return true;
  }

  void fetch_target(const std::string& target) {
    Selection selection;
    selection.targets = {target};
    fetch(repository_, selection, {});
  }

  void pull_dependencies(const Stage& stage) {
    for (const Dependency& dep : stage.deps) {
      if (dep.outside || files::exists(dep.absolute)) continue;
      fetch_target(repository_.shown(dep.absolute));
      const Stage* owner = index_.find_owner(dep.absolute);
      if (owner == nullptr) continue;
      for (const Output& output : owner->outs) {
        const bool holds = paths::overlap(output.absolute, dep.absolute) && !output.record.hash.empty();
        if (holds && is_cached(repository_.store(), output.record)) restore_output(repository_, output);
      }
    }
  }

  void force_dependents(const Step& step) {
    const auto number = static_cast<size_t>(&step - steps_.data());
    for (Step& other : steps_) {
      if (std::find(other.after.begin(), other.after.end(), number) != other.after.end()) other.force = true;
    }
  }

  // Data that is only tracked: what is there becomes the new version.
  void verify(Step& step) {
    Stage& stage = stage_of(step);
    say(text::concat("Verifying ",
                     stage.frozen ? "outputs in frozen stage: " : "data sources in stage: ", quoted(address(step))));
    if (stage.is_import()) throw failed_precondition("imports cannot be updated by repro; use `slipway checkout`");
    record_outputs(repository_, stage, !options_.no_commit);
    record(step);
    finish(step, StageOutcome::kRan);
  }

  static std::vector<std::string> inputs(const Stage& stage) {
    std::vector<std::string> out;
    for (const Dependency& dep : stage.deps) {
      if (!dep.outside) out.push_back(dep.absolute);
    }
    for (const ParamsDependency& params : stage.params) out.push_back(params.absolute);
    return out;
  }
  static std::vector<std::string> outputs(const Stage& stage) {
    std::vector<std::string> out;
    for (const Output& output : stage.outs) out.push_back(output.absolute);
    return out;
  }

  void remove_outputs(const Stage& stage) {
    for (const Output& output : stage.outs) {
      if (!output.persist) {
        std::filesystem::remove_all(output.absolute);
      } else {
        if (files::exists(output.absolute)) unprotect(output.absolute);
      }
    }
  }

  // Takes the outputs from the cache when they are known for these inputs.
  bool restore(Step& step) {
    Stage& stage = stage_of(step);
    if (options_.force || step.force) return false;
    Stage known = stage;
    if (!RunCache::applies_to(stage) || !matches_lock(stage)) {
      if (options_.no_run_cache) return false;
      for (const Dependency& dep : stage.deps) {
        if (dep.outside || !files::exists(dep.absolute)) return false;
      }
      record_dependencies(repository_, known);
      const auto entry = RunCache(repository_.store()).find(known);
      if (!entry) return false;
      apply_lock_entry(*entry, known);
    }
    for (const Output& output : known.outs) {
      if (output.record.hash.empty() || !is_cached(repository_.store(), output.record)) return false;
    }
    say(text::concat("Stage ", quoted(address(step)), " is cached - skipping run, checking out outputs"));
    for (const Output& output : known.outs) restore_output(repository_, output);
    known.command_changed = false;
    stage = known;
    record_dependencies(repository_, stage);
    record_outputs(repository_, stage, !options_.no_commit);
    record(step);
    finish(step, StageOutcome::kFromCache);
    return true;
  }

  // The lock entry is for exactly these inputs, only outputs are gone or changed.
  bool matches_lock(const Stage& stage) {
    if (stage.command_changed) return false;
    for (const Output& output : stage.outs) {
      if (output.record.hash.empty()) return false;
    }
    const Value status = stage_status(repository_, stage);
    return std::all_of(status.items().begin(), status.items().end(),
                       [](const Value& item) { return item.find("changed outs") != nullptr; });
  }

  void announce(const Step& step) {
    say(text::concat("Running stage ", quoted(index_.stages()[step.stage].address(repository_.seen_from())), ":"));
    if (options_.jobs > 1 && !options_.dry) return;
    for (const std::string& command : index_.stages()[step.stage].commands()) {
      if (options_.dry) say("> " + command);
    }
  }

  void launch(Step& step) {
    announce(step);
    ++running_;
    const size_t number = static_cast<size_t>(&step - steps_.data());
    step.thread = std::jthread([this, number, stage = stage_of(step), name = address(step)] {
      Finished done;
      done.step = number;
      try {
        run_commands(stage, name, done);
      } catch (const std::exception& error) {
        done.error = error.what();
      }
      const std::lock_guard guard(mutex_);
      finished_.push_back(std::move(done));
      wake_.notify_one();
    });
  }

  void run_commands(const Stage& stage, const std::string& name, Finished& done) const {
    ProcessOptions process;
    process.folder = stage.folder;
    process.environment = options_.environment;
    process.environment.emplace("DVC_ROOT", repository_.root());
    process.environment.insert_or_assign("DVC_STAGE", name);
    process.cancelled = options_.cancelled;
    if (options_.on_output) {
      process.on_line = [&](std::string_view line) { options_.on_output(name, line); };
    }
    for (const std::string& command : stage.commands()) {
      say("> " + command);
      const ProcessResult result = run_process(shell_words(command), process);
      done.cancelled = result.was_cancelled;
      if (result.exit_code == 0 && !result.was_cancelled) continue;
      done.error = text::concat("failed to run: ", command, ", exited with ", result.exit_code);
      return;
    }
  }

  // Other programs may use the repository while commands run.
  void wait_for_one() {
    Finished done;
    lock_.release();
    {
      std::unique_lock guard(mutex_);
      wake_.wait(guard, [&] { return !finished_.empty(); });
      done = std::move(finished_.back());
      finished_.pop_back();
    }
    lock_.acquire_again({});
    --running_;
    Step& step = steps_[done.step];
    step.thread.join();
    if (done.cancelled || interrupted()) {
      result_.interrupted = true;
      stopping_ = true;
    }
    if (!done.error.empty()) return fail(step, done.error);
    try {
      complete(step);
    } catch (const std::exception& error) {
      fail(step, error.what());
    }
  }

  void complete(Step& step) {
    Stage& stage = stage_of(step);
    // A forced stage may make what it needs itself.
    if (options_.force || step.force) record_dependencies(repository_, stage);
    record_outputs(repository_, stage, !options_.no_commit);
    stage.command_changed = false;
    const bool keeps_out_of_cache = std::any_of(stage.outs.begin(), stage.outs.end(), [](const Output& output) {
      return !output.cache && !output.metric && !output.plot;
    });
    if (!options_.no_commit && !keeps_out_of_cache) save_run(stage);
    record(step);
    finish(step, StageOutcome::kRan);
  }

  // Small results that Git keeps (metrics, plots) go to the cache as well, so that the run can be restored.
  void save_run(const Stage& stage) {
    if (!RunCache::applies_to(stage)) return;
    for (const Output& output : stage.outs) {
      if (output.cache) continue;
      ScanOptions options;
      options.store = &repository_.store();
      repository_.scanner().scan(output.absolute, options);
    }
    RunCache(repository_.store()).save(stage);
  }

  // Writes the .dvc file or the entry of dvc.lock.
  void record(const Step& step) {
    const Stage& stage = index_.stages()[step.stage];
    if (stage.name.empty()) {
      write_dvc_file(stage);
      repository_.note_changed(stage.file);
      return;
    }
    const std::string path = lock_path_of(stage.file);
    auto known = locks_.find(path);
    if (known == locks_.end()) known = locks_.emplace(path, LockFile::load(path)).first;
    LockFile& lock = known->second;
    const std::string shown = repository_.shown(path);
    const bool fresh = !lock.exists();
    std::vector<std::string> later;
    const bool is_new = lock.find(stage.name) == nullptr;
    if (is_new && options_.jobs > 1) later = recorded_after(step);
    if (is_new) recorded_new_.insert(&step);
    lock.set(stage.name, lock_entry(stage), later);
    if (!lock.save(false)) return;
    if (fresh) say(text::concat("Generating lock file ", quoted(shown)));
    say(text::concat("Updating lock file ", quoted(shown)));
    repository_.note_changed(path);
  }

  // Side by side, a later stage may be recorded first; the file keeps the order of the plan.
  std::vector<std::string> recorded_after(const Step& step) const {
    std::vector<std::string> out;
    for (const Step* other : recorded_new_) {
      const Stage& stage = index_.stages()[other->stage];
      if (other > &step && stage.file == index_.stages()[step.stage].file) out.push_back(stage.name);
    }
    return out;
  }

  void finish(Step& step, StageOutcome how) {
    step.done = true;
    if (how == StageOutcome::kRan || how == StageOutcome::kFromCache || how == StageOutcome::kWouldRun) {
      previous_ran_ = true;
    }
    if (how == StageOutcome::kRan || how == StageOutcome::kFromCache) {
      result_.recorded.push_back(stage_of(step));
      if (options_.force_downstream) force_dependents(step);
    }
    step.busy.reset();
    StageResult& result = outcome(step);
    result.outcome = how;
    result.duration_ms = steady_ms() - step.started_ms;
    result.ended_ms = SystemClock().now_ms();
  }

  void fail(Step& step, const std::string& why) {
    finish(step, StageOutcome::kFailed);
    outcome(step).error = why;
    if (options_.on_error == OnStageError::kStop) {
      stopping_ = true;
      return;
    }
    warn(text::concat(why, options_.on_error == OnStageError::kIgnore ? " (ignored)" : ""));
    if (options_.on_error == OnStageError::kIgnore) return;
    std::vector<std::string> lost;
    for (const size_t other : index_.downstream_order({step.stage})) {
      if (other != step.stage) lost.push_back(quoted(index_.stages()[other].address(repository_.seen_from())));
    }
    if (lost.empty()) return;
    warn(text::concat(lost.size() > 1 ? "Stages " : "Stage ", joined(lost), " will be skipped due to this failure"));
  }

  Repository& repository_;
  const ReproduceOptions& options_;
  RepositoryLock lock_;
  StageIndex index_;
  ReproduceResult result_;
  std::map<std::string, LockFile> locks_;
  std::set<const Step*> recorded_new_;
  size_t running_ = 0;
  bool stopping_ = false;
  bool previous_ran_ = false;
  std::mutex mutex_;  // guards finished_
  std::condition_variable wake_;
  std::vector<Finished> finished_;
  // Last: whatever ends this early waits for the threads of the steps, which use all of the above.
  std::vector<Step> steps_;
};

}  // namespace

std::string_view name_of(StageOutcome outcome) {
  switch (outcome) {
    case StageOutcome::kSkipped:
      return "skipped";
    case StageOutcome::kRan:
      return "ran";
    case StageOutcome::kFromCache:
      return "from_cache";
    case StageOutcome::kFailed:
      return "failed";
    case StageOutcome::kNotReached:
      return "not_reached";
    case StageOutcome::kWouldRun:
      return "would_run";
  }
  return "unknown";
}

bool ReproduceResult::failed() const {
  return std::any_of(stages.begin(), stages.end(),
                     [](const StageResult& stage) { return stage.outcome == StageOutcome::kFailed; });
}

bool ReproduceResult::anything_ran() const {
  return std::any_of(stages.begin(), stages.end(), [](const StageResult& stage) {
    return stage.outcome == StageOutcome::kRan || stage.outcome == StageOutcome::kFromCache ||
           stage.outcome == StageOutcome::kWouldRun;
  });
}

ReproduceResult reproduce(Repository& repository, const std::vector<std::string>& targets,
                          const ReproduceOptions& options) {
  return Run(repository, targets, options).go();
}

}  // namespace slipway::data
