#include "app/cli/table_text.h"

#include <algorithm>

namespace slipway::cli {

namespace {

bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

size_t width_of(const std::string& text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) { return !continues_character(c); }));
}

std::string shown(std::string text, size_t widest) {
  for (char& c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) c = '?';
  }
  if (width_of(text) <= widest) return text;
  size_t end = 0;
  for (size_t width = 0; width < widest; ++end) width += continues_character(text[end]) ? 0 : 1;
  return text.substr(0, end - 1) + "\u2026";
}

bool is_number(const std::string& text) {
  return !text.empty() && text.find_first_not_of("0123456789.+-eE% ") == std::string::npos;
}

}  // namespace

std::string table_text(const std::vector<std::string>& headers, const std::vector<std::vector<std::string>>& rows,
                       size_t widest) {
  std::vector<size_t> widths;
  for (const std::string& header : headers) widths.push_back(width_of(header));
  std::vector<std::vector<std::string>> cells = rows;
  for (std::vector<std::string>& row : cells) {
    for (size_t i = 0; i < row.size(); ++i) {
      row[i] = shown(row[i], widest);
      widths[i] = std::max(widths[i], width_of(row[i]));
    }
  }
  std::string out;
  const auto append = [&](const std::vector<std::string>& row, bool is_header) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string gap(widths[i] - width_of(row[i]), ' ');
      const bool to_the_right = !is_header && is_number(row[i]);
      line += (i == 0 ? "" : "  ") + (to_the_right ? gap + row[i] : row[i] + gap);
    }
    out += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  };
  append(headers, true);
  for (const std::vector<std::string>& row : cells) append(row, false);
  return out;
}

}  // namespace slipway::cli
