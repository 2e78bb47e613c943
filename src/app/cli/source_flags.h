// What the commands that take data from elsewhere share: which repository, which storage.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "app/cli/data_command.h"
#include "domains/data/source_repository.h"

namespace slipway::cli {

struct SourceFlags {
  data::SourceOptions source;
  std::vector<std::string> remote_config;  // "name=value"

  data::SourceOptions options() const;
};
// --rev, --remote, --remote-config, --config.
void declare_source_flags(CLI::App& parser, SourceFlags& flags);

// "name=value" words; throws invalid_argument.
std::map<std::string, std::string> pairs_of(const std::vector<std::string>& words);

}  // namespace slipway::cli
