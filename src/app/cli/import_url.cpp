#include <iostream>
#include <memory>

#include "app/cli/all.h"
#include "app/cli/source_flags.h"
#include "domains/data/imports.h"
#include "domains/data/repository.h"
#include "foundation/base/error.h"

namespace slipway::cli {

namespace {

struct ImportUrlFlags {
  DataFlags data;
  data::ImportOptions import;
  bool no_exec = false;
  bool no_download = false;
  std::string url;
  std::vector<std::string> storage;
};

int run_import_url(const ImportUrlFlags& flags) {
  const DataWork how{kDataFailed,
                     text::concat("failed to import ", flags.url,
                                  ". You could also try downloading it manually, and adding it with `slipway add`."),
                     true};
  return run_in_repository(flags.data, how, [&](data::Repository& repository) {
    data::ImportOptions options = flags.import;
    options.storage = pairs_of(flags.storage);
    if (flags.no_download) options.depth = data::ImportDepth::kNoDownload;
    if (flags.no_exec) options.depth = data::ImportDepth::kNoExec;
    const std::string target = data::destination_of(flags.url, options.out, repository.seen_from(), options.force);
    if (!flags.data.quiet) {
      std::cout << "Importing '" << flags.url << "' -> '" << repository.shown(target) << "'\n";
    }
    data::import_from_url(repository, flags.url, options);
    return kExitOk;
  });
}

}  // namespace

Command import_url_command() {
  return data_command(
      "import-url", "Bring data from an address and track it together with where it came from",
      "  slipway import-url https://example.com/data.csv data/raw.csv", [](CLI::App& parser) -> Action {
        const auto flags = std::make_shared<ImportUrlFlags>();
        declare_data_flags(parser, flags->data);
        parser.add_option("url", flags->url, "A path, https://..., s3://..., ssh://..., remote://NAME/PATH")
            ->required();
        parser.add_option("out", flags->import.out, "Where to put it");
        parser.add_flag("-f,--force", flags->import.force, "Replace what is there");
        CLI::Option* no_exec = parser.add_flag("--no-exec", flags->no_exec, "Write the .dvc file, look at nothing");
        parser.add_flag("--no-download", flags->no_download, "Record the version; `pull` brings the data")
            ->excludes(no_exec);
        parser.add_flag("--to-remote", flags->import.to_remote, "Send it to a remote, not into the workspace");
        parser.add_option("-r,--remote", flags->import.remote, "The remote for --to-remote");
        parser.add_option("-j,--jobs", flags->import.jobs, "How many files at a time");
        parser.add_option("--fs-config", flags->storage, "Options of the storage, name=value");
        return [flags] { return run_import_url(*flags); };
      });
}

}  // namespace slipway::cli
