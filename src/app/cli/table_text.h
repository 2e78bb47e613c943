// A small table on the terminal: aligned columns, numbers to the right. Used by commands that print results.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace slipway::cli {

// Control characters in cells are shown as '?', cells of more than `widest` characters are cut; headers stay as they
// are.
std::string table_text(const std::vector<std::string>& headers, const std::vector<std::vector<std::string>>& rows,
                       size_t widest = 40);

}  // namespace slipway::cli
