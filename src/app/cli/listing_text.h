// How `list`, `list-url` and `du` print: sizes as dvc has them, and columns.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace slipway::cli {

// "139", "4.00k", "1.25M": three digits and a power of 1024.
std::string natural_size(uint64_t bytes);

// Columns two blanks apart, without blanks at the end; the first one to the right when asked.
void print_columns(const std::vector<std::vector<std::string>>& rows, bool first_right);

}  // namespace slipway::cli
