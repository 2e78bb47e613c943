// What a person is told about a command line that cannot be run: which word is wrong, what it may have meant, where the
// help is. Used by commands.cpp.
#pragma once

#include <CLI/App.hpp>
#include <string>
#include <vector>

namespace slipway::cli {

// The names of the commands below a command, in their order.
std::vector<std::string> children_of(const CLI::App& app);

// Two lines, each with its line end. `app` is the parser that threw, with what it had read by then.
std::string usage_error_text(const CLI::App& app, const CLI::ParseError& error);

}  // namespace slipway::cli
