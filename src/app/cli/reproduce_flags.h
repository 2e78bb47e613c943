// What `repro` and `exp run` share: the flags that say which stages run and how, and telling what became of them.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/cli/data_command.h"
#include "domains/data/pipeline.h"

namespace slipway::cli {

struct ReproduceFlags {
  DataFlags data;
  data::ReproduceOptions run;
  bool interactive = false;
  bool keep_going = false;
  bool ignore_errors = false;
  bool json = false;
  std::vector<std::string> targets;
};

void declare_reproduce_flags(CLI::App& parser, ReproduceFlags& flags);
// Fills what `flags.run` calls back with; Ctrl-C is watched from here on.
void prepare_reproduce(ReproduceFlags& flags);
// Errors of stages, on standard error; the exit code. Nothing is printed for a run without faults.
int report_failures(const data::ReproduceResult& result, const ReproduceFlags& flags);
// Each stage with its outcome.
data::Value stages_as_json(const data::ReproduceResult& result);

}  // namespace slipway::cli
