#include "domains/data/move.h"

#include <memory>

#include "app/cli/all.h"
#include "app/cli/data_command.h"
#include "foundation/base/text.h"

namespace slipway::cli {

namespace {

Action declare_move(CLI::App& parser) {
  struct Flags {
    DataFlags data;
    std::string from;
    std::string to;
  };
  const auto flags = std::make_shared<Flags>();
  declare_data_flags(parser, flags->data);
  parser.add_option("src", flags->from, "A tracked file or folder")->required();
  parser.add_option("dst", flags->to, "Its new path, or the folder to put it into")->required();
  return [flags] {
    const std::string failure = text::concat("failed to move '", flags->from, "' -> '", flags->to, "'");
    return run_in_repository(flags->data, {kDataFailed, failure, true}, [&](data::Repository& repository) {
      data::move(repository, flags->from, flags->to);
      return kExitOk;
    });
  };
}

}  // namespace

Command move_command() {
  return data_command("move", "Rename or move a tracked file or folder together with its .dvc file",
                      "  slipway move data.csv data/raw.csv", declare_move);
}

Command mv_command() {
  return data_command("mv", "The same as move", "  slipway mv data.csv data/raw.csv", declare_move);
}

}  // namespace slipway::cli
