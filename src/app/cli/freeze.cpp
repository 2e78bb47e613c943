#include <memory>

#include "app/cli/all.h"
#include "app/cli/data_command.h"
#include "domains/data/stage_file.h"
#include "foundation/base/error.h"

namespace slipway::cli {

namespace {

struct FreezeFlags {
  DataFlags data;
  std::vector<std::string> targets;
};

int set_all(const FreezeFlags& flags, bool frozen) {
  return run_in_repository(flags.data, {kDataFailed, "", true}, [&](data::Repository& repository) {
    int code = kExitOk;
    for (const std::string& target : flags.targets) {
      try {
        data::set_frozen(repository, target, frozen);
      } catch (const Error& error) {
        print_error(text::concat("failed to ", frozen ? "freeze" : "unfreeze", " '", target, "' - ", error.what()));
        code = kDataFailed;
      }
    }
    return code;
  });
}

Command command_for(bool frozen) {
  const std::string name = frozen ? "freeze" : "unfreeze";
  return data_command(name,
                      frozen ? "Keep stages from running when what they need changes" : "Let frozen stages run again",
                      "  slipway " + name + " train", [frozen](CLI::App& parser) -> Action {
                        const auto flags = std::make_shared<FreezeFlags>();
                        declare_data_flags(parser, flags->data);
                        parser.add_option("targets", flags->targets, "Stages or .dvc files")->required();
                        return [flags, frozen] { return set_all(*flags, frozen); };
                      });
}

}  // namespace

Command freeze_command() { return command_for(true); }

Command unfreeze_command() { return command_for(false); }

}  // namespace slipway::cli
