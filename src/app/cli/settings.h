// Every setting of the program, for `slipway config`, and the values that commands share.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "foundation/base/settings.h"

namespace slipway::cli {

const std::vector<SettingSpec>& setting_specs();

// As they were when they were first asked for.
const Settings& settings();

// The value of a setting for this process; `flag` is what the command line gave, if it gave any ("" counts as nothing).
std::string setting(std::string_view name, const std::string& flag = "");

// Sets the program's log as the settings say.
void configure_log(const Settings& from);

// A setting's value as it may be printed: secrets and passwords within URLs are "***".
std::string printable_value(const SettingSpec& spec, const std::string& value);

// "host:port" taken apart; ":5000" and "5000" mean 127.0.0.1. Throws invalid_argument.
struct Address {
  std::string host;
  int port = 0;
};
Address parse_address(const std::string& text);

// The server's URL without a slash at its end, or "" when none is set.
std::string server_url(const std::string& flag);
// The same, or an invalid_argument that says how to name one.
std::string required_server_url(const std::string& flag);
// The Authorization header that commands show: a token's, or a user's name and password; "" for none.
std::string server_authorization();
// What they show to a model server, which knows tokens only.
std::string model_server_authorization();
// Where models fetched from a server are kept.
std::string model_cache_folder();

}  // namespace slipway::cli
