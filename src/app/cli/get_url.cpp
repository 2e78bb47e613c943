#include <memory>

#include "app/cli/all.h"
#include "app/cli/source_flags.h"
#include "domains/data/downloads.h"
#include "domains/data/paths.h"
#include "foundation/base/error.h"

namespace slipway::cli {

namespace {

struct GetUrlFlags {
  DataFlags data;
  bool force = false;
  size_t jobs = 0;
  std::string url;
  std::string out;
  std::vector<std::string> storage;
};

int run_get_url(const GetUrlFlags& flags) {
  const std::string here = data::paths::current_folder();
  return run_anywhere({kDataFailed, text::concat("failed to get '", flags.url, "'"), false}, [&] {
    const auto config = data::config_around(here);
    data::SourceUrl source(flags.url, &config, here, pairs_of(flags.storage), flags.jobs);
    data::download_from_url(source, flags.url, {flags.out, here, flags.force});
    return kExitOk;
  });
}

}  // namespace

Command get_url_command() {
  return data_command(
      "get-url", "Download a file or folder from an address", "  slipway get-url s3://bucket/data data",
      [](CLI::App& parser) -> Action {
        const auto flags = std::make_shared<GetUrlFlags>();
        declare_data_flags(parser, flags->data);
        parser.add_option("url", flags->url, "A path, https://..., s3://..., remote://NAME/PATH")->required();
        parser.add_option("out", flags->out, "Where to put it");
        parser.add_option("-j,--jobs", flags->jobs, "How many files at a time");
        parser.add_flag("-f,--force", flags->force, "Replace what is there");
        parser.add_option("--fs-config", flags->storage, "Options of the storage, name=value");
        return [flags] { return run_get_url(*flags); };
      });
}

}  // namespace slipway::cli
