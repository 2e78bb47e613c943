#include <iostream>
#include <memory>

#include "app/cli/all.h"
#include "app/cli/reproduce_flags.h"
#include "app/cli/stage_events.h"

namespace slipway::cli {

namespace {

int conclude(const data::ReproduceResult& result, const ReproduceFlags& flags) {
  if (flags.json) {
    data::Value out = data::Value::map();
    out.set("stages", stages_as_json(result));
    std::cout << python_json(out, data::KeyOrder::kAsIs) << '\n';
  }
  const int code = report_failures(result, flags);
  if (code != kExitOk || flags.json || flags.data.quiet) return code;
  std::cout << (result.anything_ran() ? "Use `slipway push` to send your updates to remote storage."
                                      : "Data and pipelines are up to date.")
            << '\n';
  return kExitOk;
}

int run_repro(ReproduceFlags& flags) {
  prepare_reproduce(flags);
  return run_in_repository(flags.data, {kDataError, "", !flags.json}, [&](data::Repository& repository) {
    const data::ReproduceResult result = data::reproduce(repository, flags.targets, flags.run);
    if (!flags.run.dry) report_stages(result);
    return conclude(result, flags);
  });
}

Action declare_repro(CLI::App& parser) {
  const auto flags = std::make_shared<ReproduceFlags>();
  declare_reproduce_flags(parser, *flags);
  parser.add_option("-j,--jobs", flags->run.jobs, "How many stages side by side; default: 1")
      ->check(CLI::Range(1, 256));
  return [flags] { return run_repro(*flags); };
}

}  // namespace

Command repro_command() {
  return data_command("repro", "Run the stages of dvc.yaml whose inputs changed", "  slipway repro -j 4",
                      declare_repro);
}

}  // namespace slipway::cli
