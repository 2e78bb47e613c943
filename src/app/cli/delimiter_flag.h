// --delimiter of the commands that read tables.
#pragma once

#include <optional>

#include "app/cli/command.h"

namespace slipway::cli {

// One character, or the word "tab". Without it the reader finds out (tables/io.h).
void add_delimiter_flag(CLI::App& app, std::optional<char>& delimiter);

}  // namespace slipway::cli
