#include "app/cli/reproduce_flags.h"

#include <iostream>
#include <mutex>

#include "domains/data/params_formats.h"
#include "foundation/base/error.h"

namespace slipway::cli {

namespace {

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

std::string all(const std::vector<std::string>& names) {
  if (names.size() < 2) return text::join(names, "");
  return text::concat(text::join({names.begin(), names.end() - 1}, ", "), " and ", names.back());
}

// Answered on the terminal; anything but yes is no.
bool confirmed(const std::string& question) {
  std::cout << question << " [y/n] " << std::flush;
  std::string answer;
  return std::getline(std::cin, answer) && (text::lower(answer) == "y" || text::lower(answer) == "yes");
}

}  // namespace

data::Value stages_as_json(const data::ReproduceResult& result) {
  data::Value stages = data::Value::list();
  for (const data::StageResult& stage : result.stages) {
    data::Value item = data::Value::map();
    item.set("name", data::Value::string(stage.name));
    item.set("outcome", data::Value::string(name_of(stage.outcome)));
    item.set("duration_ms", data::Value::integer(stage.duration_ms));
    if (!stage.error.empty()) item.set("error", data::Value::string(stage.error));
    stages.push(std::move(item));
  }
  return stages;
}

int report_failures(const data::ReproduceResult& result, const ReproduceFlags& flags) {
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
  if (failed.empty() || flags.ignore_errors) return kExitOk;
  if (flags.keep_going) {
    print_error(text::concat("failed to reproduce", failed.size() > 1 ? " stages: " : " ", all(failed)));
  }
  return kDataError;
}

void prepare_reproduce(ReproduceFlags& flags) {
  watch_interrupts();
  const auto printer = std::make_shared<Printer>();
  flags.run.cancelled = was_interrupted;
  if (flags.keep_going) flags.run.on_error = data::OnStageError::kKeepGoing;
  if (flags.ignore_errors) flags.run.on_error = data::OnStageError::kIgnore;
  // JSON owns standard output, so everything that is for people goes to the other one.
  std::ostream& out = flags.json ? std::cerr : std::cout;
  if (!flags.data.quiet) flags.run.on_message = [printer, &out](std::string_view text) { printer->line(out, text); };
  if (flags.interactive) flags.run.confirm = confirmed;
  if (!flags.data.quiet) flags.run.on_warning = [](std::string_view text) { print_warning(std::string(text)); };
  if (flags.run.jobs > 1) {
    flags.run.on_output = [printer, &out](std::string_view stage, std::string_view text) {
      printer->line(out, text::concat(stage, " | ", text));
    };
  } else if (flags.json) {
    flags.run.on_output = [printer, &out](std::string_view, std::string_view text) { printer->line(out, text); };
  }
}

void declare_reproduce_flags(CLI::App& parser, ReproduceFlags& flags) {
  declare_data_flags(parser, flags.data);
  parser.add_flag("-f,--force", flags.run.force, "Run stages that did not change too");
  parser.add_flag("-i,--interactive", flags.interactive, "Ask before each stage");
  parser.add_flag("-s,--single-item", flags.run.plan.single_item, "Only the targets, not what they need");
  parser.add_flag("-p,--pipeline", flags.run.plan.pipeline, "Everything that hangs together with the targets");
  parser.add_flag("-P,--all-pipelines", flags.run.plan.all_pipelines, "Every stage of the repository");
  parser.add_flag("-R,--recursive", flags.run.plan.recursive, "A folder means all stages below it");
  parser.add_flag("--glob", flags.run.plan.glob, "Targets are patterns of stage names");
  parser.add_flag("--downstream", flags.run.plan.downstream, "The targets and what needs them");
  parser.add_flag("--force-downstream", flags.run.force_downstream, "Whatever needs a stage that ran runs too");
  parser.add_flag("--pull", flags.run.pull, "Fetch missing data instead of making it anew");
  parser.add_flag("--allow-missing", flags.run.allow_missing, "Data that is not there counts as unchanged");
  parser.add_flag("--dry", flags.run.dry, "Only say what would run");
  parser.add_flag("--no-run-cache", flags.run.no_run_cache, "Run even what gave a known result before");
  parser.add_flag("--no-commit", flags.run.no_commit, "Keep outputs out of the cache");
  parser.add_flag("-k,--keep-going", flags.keep_going, "After a failure go on with what does not need it");
  parser.add_flag("--ignore-errors", flags.ignore_errors, "Go on as if nothing failed");
  parser.add_flag("--json", flags.json, "Print the result of each stage as JSON");
  parser.add_option("targets", flags.targets, "Stages, .dvc files or a dvc.yaml; default: dvc.yaml");
}

}  // namespace slipway::cli
