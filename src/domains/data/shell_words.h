// Words of a command line that a shell, or somebody who copies the line, takes as they are.
#pragma once

#include <string>
#include <string_view>

namespace slipway::data {

// As Python's shlex.quote does it: unchanged when nothing in it means something to a shell.
std::string shell_quoted(std::string_view word);

}  // namespace slipway::data
