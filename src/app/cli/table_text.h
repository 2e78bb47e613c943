// A small table on the terminal: aligned columns, numbers to the right. Used by commands that print results.
#pragma once

#include <string>
#include <vector>

namespace slipway::cli {

// Control characters in cells are shown as '?', longer ones are cut; headers stay as they are.
std::string table_text(const std::vector<std::string>& headers, const std::vector<std::vector<std::string>>& rows);

}  // namespace slipway::cli
