#include <unistd.h>

#include <iostream>
#include <memory>

#include "app/cli/all.h"
#include "app/cli/data_command.h"
#include "domains/data/add.h"

namespace slipway::cli {

namespace {

struct CommitFlags {
  DataFlags data;
  data::CommitOptions commit;
  std::vector<std::string> targets;
};

bool ask(const std::string& question) {
  std::cerr << question << " [y/n] ";
  std::string answer;
  return std::getline(std::cin, answer) && (answer == "y" || answer == "yes");
}

int run_commit(CommitFlags& flags) {
  std::string what;
  for (const std::string& target : flags.targets) what += " " + target;
  if (::isatty(STDIN_FILENO) != 0) flags.commit.confirm = ask;
  return run_in_repository(flags.data, {kDataFailed, "failed to commit" + what, true},
                           [&](data::Repository& repository) {
                             data::commit(repository, flags.targets, flags.commit);
                             return kExitOk;
                           });
}

}  // namespace

Command commit_command() {
  return data_command("commit", "Record the present state of tracked data and stages", "  slipway commit -f data.dvc",
                      [](CLI::App& parser) -> Action {
                        const auto flags = std::make_shared<CommitFlags>();
                        declare_data_flags(parser, flags->data);
                        parser.add_flag("-f,--force", flags->commit.force, "Do not ask about what changed");
                        parser.add_option("targets", flags->targets, ".dvc files or stages; default: all");
                        return [flags] { return run_commit(*flags); };
                      });
}

}  // namespace slipway::cli
