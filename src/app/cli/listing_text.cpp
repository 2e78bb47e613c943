#include "app/cli/listing_text.h"

#include <algorithm>
#include <iostream>

#include "foundation/base/text.h"

namespace slipway::cli {

namespace {

// Characters, not bytes.
size_t width_of(const std::string& text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

}  // namespace

std::string natural_size(uint64_t bytes) {
  if (bytes < 1024) return std::to_string(bytes);
  auto value = static_cast<double>(bytes);
  for (const char* unit : {"", "k", "M", "G", "T", "P", "E"}) {
    if (value < 999.5) {
      const int digits = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
      return text::format_fixed(value, digits) + unit;
    }
    value /= 1024;
  }
  return text::format_fixed(value, 1) + "Z";
}

void print_columns(const std::vector<std::vector<std::string>>& rows, bool first_right) {
  std::vector<size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  }
  for (const auto& row : rows) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string gap(widths[i] - width_of(row[i]), ' ');
      if (i > 0) line += "  ";
      line += first_right && i == 0 ? gap + row[i] : row[i] + gap;
    }
    std::cout << line.substr(0, line.find_last_not_of(' ') + 1) << '\n';
  }
}

}  // namespace slipway::cli
