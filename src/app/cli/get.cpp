#include <iostream>
#include <memory>

#include "app/cli/all.h"
#include "app/cli/source_flags.h"
#include "domains/data/downloads.h"
#include "domains/data/paths.h"
#include "foundation/base/error.h"

namespace slipway::cli {

namespace {

struct GetFlags {
  DataFlags data;
  SourceFlags from;
  bool show_url = false;
  bool force = false;
  std::string url;
  std::string path;
  std::string out;
};

int run_get(const GetFlags& flags) {
  const std::string here = data::paths::current_folder();
  return run_anywhere(
      {kDataFailed, text::concat("failed to get '", flags.path, "' from '", flags.url, "'"), false}, [&] {
        if (flags.show_url) {
          data::SourceRepository source(flags.url, here, flags.from.options());
          std::cout << source.storage_url(flags.path) << '\n';
        } else {
          data::download_from_repository(flags.url, flags.path, flags.from.options(), {flags.out, here, flags.force});
        }
        return kExitOk;
      });
}

}  // namespace

Command get_command() {
  return data_command(
      "get", "Download a file or folder of another repository, without tracking it",
      "  slipway get ../other-project data/raw.csv -o raw.csv", [](CLI::App& parser) -> Action {
        const auto flags = std::make_shared<GetFlags>();
        declare_data_flags(parser, flags->data);
        declare_source_flags(parser, flags->from);
        parser.add_option("url", flags->url, "A Git repository: a folder, https://..., git@host:...")->required();
        parser.add_option("path", flags->path, "A file or folder in it")->required();
        parser.add_option("-o,--out", flags->out, "Where to put it");
        parser.add_flag("--show-url", flags->show_url, "Only say where the data is stored");
        parser.add_option("-j,--jobs", flags->from.source.jobs, "How many files at a time");
        parser.add_flag("-f,--force", flags->force, "Replace what is there");
        return [flags] { return run_get(*flags); };
      });
}

}  // namespace slipway::cli
