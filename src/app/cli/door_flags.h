// The flags and settings of what stands in front of a server, the same for `slipway server` and `slipway serve`.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/identity/door.h"

namespace slipway::cli {

struct DoorFlags {
  std::string tokens_file;
  std::string certificate;
  std::string key;
  std::string allowed_hosts;
  std::string allowed_origins;
  std::string framing;
  bool allow_unauthenticated = false;
};

// `otherwise` says what else opens a server that listens beyond loopback: " or --auth", or nothing.
void declare_door(CLI::App& app, DoorFlags& flags, std::string_view otherwise);

// Throws invalid_argument for what does not go together.
identity::DoorConfig door_config(const std::string& host, const DoorFlags& flags);

// The items of a list with commas, without blanks around them and empty ones.
std::vector<std::string> list_of(const std::string& text);

}  // namespace slipway::cli
