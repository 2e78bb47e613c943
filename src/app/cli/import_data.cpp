#include "app/cli/import_data.h"

#include <iostream>
#include <memory>

#include "app/cli/source_flags.h"
#include "domains/data/imports.h"
#include "domains/data/repository.h"
#include "foundation/base/error.h"

namespace slipway::cli {

namespace {

struct ImportDataFlags {
  DataFlags data;
  SourceFlags from;
  data::ImportOptions import;
  bool no_exec = false;
  bool no_download = false;
  std::string url;
  std::string path;
};

int run(const ImportDataFlags& flags) {
  if (flags.url.empty() || flags.path.empty()) {
    print_error("the following arguments are required: url, path");
    return kDataUsage;
  }
  const DataWork how{kDataFailed, text::concat("failed to import '", flags.path, "' from '", flags.url, "'."), true};
  return run_in_repository(flags.data, how, [&](data::Repository& repository) {
    data::ImportOptions options = flags.import;
    if (flags.no_download) options.depth = data::ImportDepth::kNoDownload;
    if (flags.no_exec) options.depth = data::ImportDepth::kNoExec;
    const std::string target = data::destination_of(flags.path, options.out, repository.seen_from(), options.force);
    if (!flags.data.quiet) {
      std::cout << "Importing '" << flags.path << " (" << flags.url << ")' -> '" << repository.shown(target) << "'\n";
    }
    data::import_from_repository(repository, flags.url, flags.path, flags.from.options(), options);
    return kExitOk;
  });
}

}  // namespace

Action declare_import_data(CLI::App& parser) {
  const auto flags = std::make_shared<ImportDataFlags>();
  declare_data_flags(parser, flags->data);
  declare_source_flags(parser, flags->from);
  parser.add_option("url", flags->url, "A Git repository: a folder, https://..., git@host:...");
  parser.add_option("path", flags->path, "A file or folder in it, tracked as data or by Git");
  parser.add_option("-o,--out", flags->import.out, "Where to put it");
  parser.add_flag("-f,--force", flags->import.force, "Replace what is there");
  CLI::Option* no_exec = parser.add_flag("--no-exec", flags->no_exec, "Write the .dvc file, look at nothing");
  parser.add_flag("--no-download", flags->no_download, "Record the version; `pull` brings the data")->excludes(no_exec);
  parser.add_option("-j,--jobs", flags->from.source.jobs, "How many files at a time");
  return [flags] { return run(*flags); };
}

}  // namespace slipway::cli
