#include <iostream>
#include <memory>

#include "app/cli/all.h"
#include "app/cli/data_command.h"
#include "domains/data/paths.h"
#include "domains/data/repository.h"
#include "foundation/base/error.h"

namespace slipway::cli {

namespace {

struct CheckIgnoreFlags {
  DataFlags data;
  bool details = false;
  bool all = false;
  bool non_matching = false;
  bool from_input = false;
  std::vector<std::string> targets;
};

void check_flags(const CheckIgnoreFlags& flags) {
  if (!flags.from_input && flags.targets.empty()) throw invalid_argument("`targets` or `--stdin` needed");
  if (flags.from_input && !flags.targets.empty()) throw invalid_argument("cannot have both `targets` and `--stdin`");
  if (flags.non_matching && !flags.details) throw invalid_argument("`--non-matching` is only valid with `--details`");
  if (flags.all && !flags.details) throw invalid_argument("`--all` is only valid with `--details`");
  if (flags.data.quiet && flags.details) throw invalid_argument("cannot use both `--details` and `--quiet`");
}

// Whether a pattern says something about the path.
bool check_one(data::Repository& repository, const std::string& target, const CheckIgnoreFlags& flags) {
  const std::string path = data::paths::join(repository.seen_from(), target);
  data::IgnoreMatch found;
  if (data::paths::inside(path, repository.root())) {
    found = repository.ignores().explain(data::paths::relative(path, repository.root()), data::paths::is_folder(path));
  }
  if (flags.details) {
    const std::string origin = found.origin.empty() && flags.non_matching ? "::" : found.origin;
    if (!origin.empty()) std::cout << origin << '\t' << target << '\n';
    return !found.origin.empty();
  }
  if (found.ignored && !flags.data.quiet) std::cout << target << '\n';
  return found.ignored;
}

int run_check_ignore(const CheckIgnoreFlags& flags) {
  return run_in_repository(flags.data, {kDataError, "", false}, [&](data::Repository& repository) {
    check_flags(flags);
    bool any = false;
    for (const std::string& target : flags.targets) any = check_one(repository, target, flags) || any;
    std::string line;
    while (flags.from_input && std::getline(std::cin, line) && !line.empty()) {
      any = check_one(repository, line, flags) || any;
      std::cout.flush();
    }
    return any ? kExitOk : kDataFailed;
  });
}

}  // namespace

Command check_ignore_command() {
  return data_command("check-ignore", "Say which paths .dvcignore leaves out, and by which pattern",
                      "  slipway check-ignore -d data/raw.log", [](CLI::App& parser) -> Action {
                        const auto flags = std::make_shared<CheckIgnoreFlags>();
                        declare_data_flags(parser, flags->data);
                        parser.add_flag("-d,--details", flags->details, "With the pattern that decides");
                        parser.add_flag("-a,--all", flags->all, "Every pattern that decides, which is one");
                        parser.add_flag("-n,--non-matching", flags->non_matching, "Paths without a pattern too");
                        parser.add_flag("--stdin", flags->from_input, "Read paths from the input, one a line");
                        parser.add_option("targets", flags->targets, "Files and folders");
                        return [flags] { return run_check_ignore(*flags); };
                      });
}

}  // namespace slipway::cli
