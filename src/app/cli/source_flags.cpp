#include "app/cli/source_flags.h"

#include "foundation/base/error.h"

namespace slipway::cli {

std::map<std::string, std::string> pairs_of(const std::vector<std::string>& words) {
  std::map<std::string, std::string> out;
  for (const std::string& word : words) {
    const size_t equals = word.find('=');
    if (equals == std::string::npos) throw invalid_argument("'", word, "' is not of the form name=value");
    out[word.substr(0, equals)] = word.substr(equals + 1);
  }
  return out;
}

data::SourceOptions SourceFlags::options() const {
  data::SourceOptions out = source;
  out.remote_options = pairs_of(remote_config);
  return out;
}

void declare_source_flags(CLI::App& parser, SourceFlags& flags) {
  parser.add_option("--rev", flags.source.rev, "A commit, branch or tag of the repository");
  parser.add_option("--config", flags.source.config, "A configuration file that goes over the repository's own");
  parser.add_option("--remote", flags.source.remote, "The remote of the repository to bring data from");
  parser.add_option("--remote-config", flags.remote_config, "Options that go over those of the remote, name=value");
}

}  // namespace slipway::cli
