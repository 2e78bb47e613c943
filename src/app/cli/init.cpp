#include <iostream>
#include <memory>

#include "app/cli/all.h"
#include "app/cli/data_command.h"
#include "domains/data/paths.h"
#include "domains/data/repository.h"
#include "foundation/base/error.h"
#include "foundation/base/files.h"

namespace slipway::cli {

namespace {

struct InitFlags {
  DataFlags data;
  data::CreateOptions create;
  bool no_scm = false;
  std::string folder;
};

int run_init(const InitFlags& flags) {
  try {
    const std::string folder =
        data::paths::join(data::paths::current_folder(), flags.folder.empty() ? "." : flags.folder);
    files::create_folders(folder);
    data::CreateOptions create = flags.create;
    create.scm = !flags.no_scm;
    data::Repository::create(folder, create);
    if (!flags.data.quiet) {
      std::cout << "Initialized DVC repository.\n";
      if (create.scm) std::cout << "\nYou can now commit the changes to git.\n";
    }
    return kExitOk;
  } catch (const Error& error) {
    print_error(error.what());
    return kDataFailed;
  }
}

}  // namespace

Command init_command() {
  return data_command(
      "init", "Start tracking data in this folder (DVC's formats)", "  slipway init --no-scm",
      [](CLI::App& parser) -> Action {
        const auto flags = std::make_shared<InitFlags>();
        declare_data_flags(parser, flags->data);
        parser.add_flag("--no-scm", flags->no_scm, "The folder is not in Git");
        parser.add_flag("--subdir", flags->create.subdir, "The folder is below the root of its Git repository");
        parser.add_flag("-f,--force", flags->create.force, "Replace an existing .dvc folder, its cache too");
        parser.add_option("directory", flags->folder, "Where; default: here");
        return [flags] { return run_init(*flags); };
      });
}

}  // namespace slipway::cli
