// A small table on the terminal: aligned columns, numbers to the right. Used by commands that print results.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace slipway::cli {

// Control characters in cells are shown as '?', cells of more than `widest` characters are cut. On a terminal the table
// is cut to its width, the widest columns first, and headers and verdicts have colours unless NO_COLOR is set.
std::string table_text(const std::vector<std::string>& headers, const std::vector<std::vector<std::string>>& rows,
                       size_t widest = 40);

// The same for an output of so many columns.
struct Terminal {
  size_t columns = 0;  // 0: no limit
  bool colours = false;
};
std::string table_text(const std::vector<std::string>& headers, const std::vector<std::vector<std::string>>& rows,
                       size_t widest, const Terminal& terminal);

}  // namespace slipway::cli
