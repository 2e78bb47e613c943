// `exp list`, `apply`, `branch`, `remove` and `rename`: what is done to experiments that are there.
#include <iostream>
#include <map>
#include <memory>
#include <set>

#include "app/cli/exp.h"
#include "domains/data/repository.h"
#include "domains/experiments/run.h"
#include "foundation/base/error.h"

namespace slipway::cli {

namespace {

constexpr size_t kShortId = 7;

struct ListFlags {
  DataFlags data;
  BaselineFlags baselines;
  bool names_only = false;
  bool ids_only = false;
};

struct RemoveFlags {
  DataFlags data;
  BaselineFlags baselines;
  bool keep = false;
  std::vector<std::string> names;
};

struct RenameFlags {
  DataFlags data;
  bool replace = false;
  std::string from;
  std::string to;
};

std::vector<experiments::Experiment> chosen(const git::Repository& git, const experiments::Baselines& wanted) {
  std::vector<experiments::Experiment> all = experiments::list(git);
  if (wanted.all_commits) return all;
  const std::vector<std::string> commits = experiments::select(git, wanted);
  const std::set<std::string> known(commits.begin(), commits.end());
  std::erase_if(all, [&](const experiments::Experiment& each) { return !known.contains(each.baseline); });
  return all;
}

int list(ListFlags& flags) {
  return run_in_repository(flags.data, {kDataError, "", false}, [&](data::Repository& repository) {
    const git::Repository& git = repository.history();
    if (flags.baselines.wanted.revisions.empty()) flags.baselines.wanted.revisions = {"HEAD"};
    std::string baseline;
    for (const experiments::Experiment& each : chosen(git, flags.baselines.wanted)) {
      if (flags.names_only) {
        std::cout << each.name << '\n';
      } else if (flags.ids_only) {
        std::cout << each.commit << '\n';
      } else {
        if (std::exchange(baseline, each.baseline) != each.baseline) {
          std::cout << experiments::describe(git, each.baseline).value_or(each.baseline.substr(0, kShortId)) << ":\n";
        }
        std::cout << '\t' << each.commit.substr(0, kShortId) << " [" << each.name << "]\n";
      }
    }
    return kExitOk;
  });
}

int remove(const RemoveFlags& flags) {
  return run_in_repository(flags.data, {kDataError, "", false}, [&](data::Repository& repository) {
    const experiments::Baselines& wanted = flags.baselines.wanted;
    const bool by_commit = wanted.all_commits || !wanted.revisions.empty();
    if (by_commit == !flags.names.empty()) {
      throw invalid_argument(
          "Either provide an `experiment` argument, or use the `--rev` or `--all-commits` or `--queue` flag.");
    }
    const git::Repository& git = repository.history();
    std::vector<experiments::Experiment> gone = by_commit ? chosen(git, wanted) : experiments::get(git, flags.names);
    if (flags.keep) {
      std::set<std::string> kept;
      for (const experiments::Experiment& each : gone) kept.insert(experiments::reference_of(each.baseline, each.name));
      gone = experiments::list(git);
      std::erase_if(gone, [&](const experiments::Experiment& each) {
        return kept.contains(experiments::reference_of(each.baseline, each.name));
      });
    }
    std::vector<std::string> names;
    for (const experiments::Experiment& each : gone) {
      experiments::remove(git, each);
      names.push_back(each.name);
    }
    std::cout << (names.empty() ? "No experiments to remove." : "Removed experiments: " + quoted_names(names)) << '\n';
    return kExitOk;
  });
}

int rename(const RenameFlags& flags) {
  return run_in_repository(flags.data, {kDataError, "", false}, [&](data::Repository& repository) {
    if (flags.from == flags.to) {
      std::cout << "No experiments to rename.\n";
      return kExitOk;
    }
    const git::Repository& git = repository.history();
    experiments::rename(git, experiments::get(git, {flags.from}).front(), flags.to, flags.replace);
    std::cout << "Renamed experiments: " << quoted_names({flags.from}) << '\n';
    return kExitOk;
  });
}

}  // namespace

Action declare_exp_list(CLI::App& parser) {
  const auto flags = std::make_shared<ListFlags>();
  declare_data_flags(parser, flags->data);
  declare_baseline_flags(parser, flags->baselines);
  auto* names = parser.add_flag("--name-only,--names-only", flags->names_only, "Only their names");
  parser.add_flag("--sha-only,--shas-only", flags->ids_only, "Only their commits")->excludes(names);
  return [flags] { return list(*flags); };
}

Action declare_exp_apply(CLI::App& parser) {
  struct Flags {
    DataFlags data;
    std::string experiment;
  };
  const auto flags = std::make_shared<Flags>();
  declare_data_flags(parser, flags->data);
  parser.add_option("experiment", flags->experiment, "Its name, or any commit")->required();
  return [flags] {
    return run_in_repository(flags->data, {kDataError, "", false}, [&](data::Repository& repository) {
      experiments::apply(repository, flags->experiment);
      std::cout << "Changes for experiment '" << flags->experiment
                << "' have been applied to your current workspace.\n";
      return kExitOk;
    });
  };
}

Action declare_exp_branch(CLI::App& parser) {
  struct Flags {
    DataFlags data;
    std::string experiment;
    std::string branch;
  };
  const auto flags = std::make_shared<Flags>();
  declare_data_flags(parser, flags->data);
  parser.add_option("experiment", flags->experiment, "Its name")->required();
  parser.add_option("branch", flags->branch, "Name of the branch; default: that of the experiment and -branch");
  return [flags] {
    return run_in_repository(flags->data, {kDataError, "", false}, [&](data::Repository& repository) {
      const std::string name = experiments::make_branch(repository.history(), flags->experiment, flags->branch);
      std::cout << "Git branch '" << name << "' has been created from experiment '" << flags->experiment
                << "'.\nTo switch to the new branch run:\n\n\tgit checkout " << name << '\n';
      return kExitOk;
    });
  };
}

Action declare_exp_remove(CLI::App& parser) {
  const auto flags = std::make_shared<RemoveFlags>();
  declare_data_flags(parser, flags->data);
  declare_baseline_flags(parser, flags->baselines);
  parser.add_flag("--keep", flags->keep, "Remove all but the chosen ones");
  parser.add_option("experiment", flags->names, "Their names");
  return [flags] { return remove(*flags); };
}

Action declare_exp_rename(CLI::App& parser) {
  const auto flags = std::make_shared<RenameFlags>();
  declare_data_flags(parser, flags->data);
  parser.add_flag("-f,--force", flags->replace, "Replace an experiment that has the new name");
  parser.add_option("experiment", flags->from, "Its name")->required();
  parser.add_option("name", flags->to, "Its new name")->required();
  return [flags] { return rename(*flags); };
}

}  // namespace slipway::cli
