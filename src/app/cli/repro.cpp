#include <unistd.h>

#include <iostream>
#include <memory>
#include <mutex>

#include "app/cli/all.h"
#include "app/cli/data_command.h"
#include "app/cli/stage_events.h"
#include "domains/data/pipeline.h"
#include "foundation/base/error.h"

namespace slipway::cli {

namespace {

struct ReproFlags {
  DataFlags data;
  data::ReproduceOptions run;
  bool keep_going = false;
  bool ignore_errors = false;
  bool json = false;
  std::vector<std::string> targets;
};

// Lines of several threads, whole and at once.
class Printer {
 public:
  void line(std::ostream& out, std::string_view text) {
    const std::lock_guard guard(mutex_);
    out << text << '\n' << std::flush;
  }

 private:
  std::mutex mutex_;  // guards the streams
};

void print_json(const data::ReproduceResult& result) {
  data::Value stages = data::Value::list();
  for (const data::StageResult& stage : result.stages) {
    data::Value item = data::Value::map();
    item.set("name", data::Value::string(stage.name));
    item.set("outcome", data::Value::string(name_of(stage.outcome)));
    item.set("duration_ms", data::Value::integer(stage.duration_ms));
    if (!stage.error.empty()) item.set("error", data::Value::string(stage.error));
    stages.push(std::move(item));
  }
  data::Value out = data::Value::map();
  out.set("stages", std::move(stages));
  std::cout << python_json(out, data::KeyOrder::kAsIs) << '\n';
}

int conclude(const data::ReproduceResult& result, const ReproFlags& flags) {
  if (flags.json) print_json(result);
  if (result.interrupted) {
    print_error("interrupted by the user");
    return kDataInterrupted;
  }
  std::vector<std::string> failed;
  for (const data::StageResult& stage : result.stages) {
    if (stage.outcome != data::StageOutcome::kFailed) continue;
    failed.push_back("'" + stage.name + "'");
    if (!flags.keep_going && !flags.ignore_errors) {
      print_error(text::concat("failed to reproduce '", stage.name, "': ", stage.error));
    }
  }
  if (!failed.empty() && !flags.ignore_errors) {
    if (flags.keep_going) print_error("failed to reproduce " + text::join(failed, ", "));
    return kDataError;
  }
  if (flags.json || flags.data.quiet) return kExitOk;
  std::cout << (result.anything_ran() ? "Use `slipway push` to send your updates to remote storage."
                                      : "Data and pipelines are up to date.")
            << '\n';
  return kExitOk;
}

int run_repro(ReproFlags& flags) {
  watch_interrupts();
  Printer printer;
  flags.run.cancelled = was_interrupted;
  if (flags.keep_going) flags.run.on_error = data::OnStageError::kKeepGoing;
  if (flags.ignore_errors) flags.run.on_error = data::OnStageError::kIgnore;
  // JSON owns standard output, so everything that is for people goes to the other one.
  std::ostream& out = flags.json ? std::cerr : std::cout;
  if (!flags.data.quiet) flags.run.on_message = [&](std::string_view text) { printer.line(out, text); };
  if (flags.run.jobs > 1) {
    flags.run.on_output = [&](std::string_view stage, std::string_view text) {
      printer.line(out, text::concat(stage, " | ", text));
    };
  } else if (flags.json) {
    flags.run.on_output = [&](std::string_view, std::string_view text) { printer.line(out, text); };
  }
  return run_in_repository(flags.data, {kDataError, "", !flags.json}, [&](data::Repository& repository) {
    const data::ReproduceResult result = data::reproduce(repository, flags.targets, flags.run);
    if (!flags.run.dry) report_stages(result);
    return conclude(result, flags);
  });
}

Action declare_repro(CLI::App& parser) {
  const auto flags = std::make_shared<ReproFlags>();
  declare_data_flags(parser, flags->data);
  parser.add_flag("-f,--force", flags->run.force, "Run stages that did not change too");
  parser.add_flag("-s,--single-item", flags->run.single_item, "Only the targets, not what they need");
  parser.add_flag("--downstream", flags->run.downstream, "The targets and what needs them");
  parser.add_flag("--dry", flags->run.dry, "Only say what would run");
  parser.add_flag("--no-run-cache", flags->run.no_run_cache, "Run even what gave a known result before");
  parser.add_flag("--no-commit", flags->run.no_commit, "Keep outputs out of the cache");
  parser.add_flag("-k,--keep-going", flags->keep_going, "After a failure go on with what does not need it");
  parser.add_flag("--ignore-errors", flags->ignore_errors, "Go on as if nothing failed");
  parser.add_option("-j,--jobs", flags->run.jobs, "How many stages side by side; default: 1")
      ->check(CLI::Range(1, 256));
  parser.add_flag("--json", flags->json, "Print the result of each stage as JSON");
  parser.add_option("targets", flags->targets, "Stages, .dvc files or a dvc.yaml; default: dvc.yaml");
  return [flags] { return run_repro(*flags); };
}

}  // namespace

Command repro_command() {
  return data_command("repro", "Run the stages of dvc.yaml whose inputs changed", "  slipway repro -j 4",
                      declare_repro);
}

}  // namespace slipway::cli
