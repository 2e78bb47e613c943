// `exp run` and `exp save`: experiments come into being.
#include <iostream>
#include <memory>

#include "app/cli/exp.h"
#include "app/cli/experiment_run.h"
#include "app/cli/reproduce_flags.h"
#include "app/cli/stage_events.h"
#include "domains/experiments/run.h"
#include "foundation/base/error.h"

namespace slipway::cli {

namespace {

struct RunFlags {
  ReproduceFlags reproduce;
  experiments::RunOptions run;
  std::vector<std::string> set;
  bool no_hydra = false;  // Hydra's own configuration is never composed here
};

struct SaveFlags {
  DataFlags data;
  experiments::SaveOptions save;
  bool recursive = false;
  bool json = false;
};

void print_outcome(const experiments::RunResult& result, const RunFlags& flags) {
  if (flags.reproduce.json) {
    data::Value out = data::Value::map();
    out.set("name", data::Value::string(result.experiment->name));
    out.set("commit", data::Value::string(result.experiment->commit));
    out.set("baseline", data::Value::string(result.experiment->baseline));
    out.set("stages", stages_as_json(result.stages));
    std::cout << python_json(out, data::KeyOrder::kAsIs) << '\n';
    return;
  }
  std::cout << "\nRan experiment(s): " << result.experiment->name << '\n';
  if (flags.run.scratch) {
    std::cout << "To apply the results of an experiment to your workspace run:\n\n\tslipway exp apply <exp>\n";
  } else {
    std::cout << "Experiment results have been applied to your workspace.\n";
  }
}

int run(RunFlags& flags) {
  prepare_reproduce(flags.reproduce);
  return run_in_repository(flags.reproduce.data, {kDataError, "", false}, [&](data::Repository& repository) {
    flags.run.overrides = experiments::parse_overrides(flags.set);
    if (experiments::has_sweep(flags.run.overrides)) {
      throw invalid_argument("Sweep overrides can't be used without `--queue`");
    }
    flags.run.reproduce = flags.reproduce.run;
    ExperimentRun on_server(repository);
    flags.run.on_start = [&](const experiments::Experiment& planned) { return on_server.start(planned); };
    const experiments::RunResult result = experiments::run(repository, flags.reproduce.targets, flags.run);
    if (!flags.run.reproduce.dry) report_stages(result.stages);
    on_server.finish(repository, result);
    const int code = report_failures(result.stages, flags.reproduce);
    if (code != kExitOk || !result.experiment) return code;
    warn_untracked(result.untracked, "in the experiment directory after reproduction");
    if (!flags.reproduce.data.quiet) print_outcome(result, flags);
    return kExitOk;
  });
}

int save(const SaveFlags& flags) {
  return run_in_repository(flags.data, {kDataFailed, "failed to save experiment", false},
                           [&](data::Repository& repository) {
                             const experiments::SaveResult saved = experiments::save(repository, flags.save);
                             warn_untracked(saved.untracked, "in the workspace before saving");
                             if (flags.json) {
                               data::Value out = data::Value::map();
                               out.set("ref", data::Value::string(saved.experiment.commit));
                               std::cout << python_json(out, data::KeyOrder::kAsIs) << '\n';
                             } else {
                               std::cout << "Experiment has been saved as: " << saved.experiment.name << '\n';
                             }
                             return kExitOk;
                           });
}

}  // namespace

Action declare_exp_run(CLI::App& parser) {
  const auto flags = std::make_shared<RunFlags>();
  declare_reproduce_flags(parser, flags->reproduce);
  parser.add_option("-n,--name", flags->run.name, "Its name; default: two words");
  parser.add_option("-S,--set-param", flags->set, "[file:]name=value, changed for this experiment; may be given again");
  parser.add_flag("--temp", flags->run.scratch, "Run in a copy of the workspace, which stays as it is");
  parser.add_option("-C,--copy-paths", flags->run.copy_paths, "Ignored or untracked files that the copy needs");
  parser.add_option("-m,--message", flags->run.message, "Message of the experiment's commit");
  parser.add_flag("--no-hydra", flags->no_hydra, "Accepted as dvc does");
  return [flags] { return run(*flags); };
}

Action declare_exp_save(CLI::App& parser) {
  const auto flags = std::make_shared<SaveFlags>();
  declare_data_flags(parser, flags->data);
  parser.add_option("targets", flags->save.targets, "Record only these .dvc files and stages; default: all");
  parser.add_flag("-R,--recursive", flags->recursive, "Folders are always searched");
  parser.add_flag("-f,--force", flags->save.replace, "Replace an experiment of this name");
  parser.add_flag("--json", flags->json, "Print the commit as JSON");
  parser.add_option("-n,--name", flags->save.name, "Its name; default: two words");
  parser.add_option("-I,--include-untracked", flags->save.include_untracked, "Untracked files that belong to it");
  parser.add_option("-m,--message", flags->save.message, "Message of the experiment's commit");
  return [flags] { return save(*flags); };
}

}  // namespace slipway::cli
