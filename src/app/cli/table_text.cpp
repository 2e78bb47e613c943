#include "app/cli/table_text.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "foundation/base/text.h"

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

constexpr size_t kGap = 2;
constexpr size_t kNarrowest = 8;  // of a column that gives way

// Takes from the widest column until all fit, or all are narrow.
void fit(std::vector<size_t>& widths, size_t columns) {
  size_t total = widths.empty() ? 0 : kGap * (widths.size() - 1);
  for (const size_t width : widths) total += width;
  while (total > columns) {
    const auto widest = std::max_element(widths.begin(), widths.end());
    if (*widest <= kNarrowest) return;
    --*widest;
    --total;
  }
}

std::string_view colour_of(const std::string& cell) {
  constexpr std::array<std::string_view, 5> kBad = {"DRIFT", "failed", "FAILED", "refused", "firing"};
  constexpr std::array<std::string_view, 6> kGood = {"stable", "passed", "promoted", "succeeded", "FINISHED", "READY"};
  if (std::find(kBad.begin(), kBad.end(), cell) != kBad.end()) return "\033[31m";
  if (std::find(kGood.begin(), kGood.end(), cell) != kGood.end()) return "\033[32m";
  return "";
}

std::string coloured(const std::string& cell, std::string_view colour) {
  return colour.empty() ? cell : text::concat(colour, cell, "\033[0m");
}

Terminal terminal_of_output() {
  Terminal out;
  if (::isatty(STDOUT_FILENO) != 1) return out;
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) out.columns = size.ws_col;
  const char* no_colour = std::getenv("NO_COLOR");
  const char* kind = std::getenv("TERM");
  out.colours = (no_colour == nullptr || *no_colour == 0) && kind != nullptr && std::string_view(kind) != "dumb";
  return out;
}

}  // namespace

std::string table_text(const std::vector<std::string>& headers, const std::vector<std::vector<std::string>>& rows,
                       size_t widest) {
  return table_text(headers, rows, widest, terminal_of_output());
}

std::string table_text(const std::vector<std::string>& headers, const std::vector<std::vector<std::string>>& rows,
                       size_t widest, const Terminal& terminal) {
  std::vector<size_t> widths;
  for (const std::string& header : headers) widths.push_back(width_of(header));
  for (const std::vector<std::string>& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], std::min(widest, width_of(row[i])));
  }
  if (terminal.columns != 0) fit(widths, terminal.columns);
  std::string out;
  const auto append = [&](const std::vector<std::string>& row, bool is_header) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string cell = shown(row[i], widths[i]);
      const bool is_last = i + 1 == row.size();
      const bool to_the_right = !is_header && is_number(cell);
      const std::string gap(widths[i] - width_of(cell), ' ');
      const std::string_view colour = !terminal.colours ? "" : is_header ? "\033[1m" : colour_of(cell);
      if (i != 0) line.append(kGap, ' ');
      line += to_the_right ? gap + coloured(cell, colour) : coloured(cell, colour) + (is_last ? "" : gap);
    }
    out += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  };
  append(headers, true);
  for (const std::vector<std::string>& row : rows) append(row, false);
  return out;
}

}  // namespace slipway::cli
