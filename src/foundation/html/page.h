// Pages and charts as one self-contained HTML file: no script from elsewhere, inline SVG, light and dark. Reports
// (profile, drift, evaluation) and the server's own pages are made of these pieces. Every text argument is escaped
// here; only arguments of type Markup pass through as they are.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace slipway::html {

// Text that is HTML already.
struct Markup {
  std::string text;
};
Markup operator+(const Markup& a, const Markup& b);
Markup& operator+=(Markup& a, const Markup& b);

Markup escaped(std::string_view text);
Markup heading(int level, std::string_view text);
Markup paragraph(std::string_view text);
Markup link(std::string_view url, std::string_view text);
// "good", "bad", "warning" or "neutral": an icon and a colour, so that colour is never the only sign.
Markup badge(std::string_view text, std::string_view tone);
// Big numbers in a row: label and value each.
Markup tiles(const std::vector<std::pair<std::string, std::string>>& items);
// Cells that look like numbers are aligned right.
Markup table(const std::vector<std::string>& headers, const std::vector<std::vector<Markup>>& rows);

struct Series {
  std::string name;
  std::vector<double> values;  // NaN leaves a gap
};
struct ChartOptions {
  std::string title;
  std::vector<std::string> labels;  // along x, one per value
  std::optional<double> threshold;  // a dashed line across
  std::string threshold_label;
  int width = 1044;  // of the page's column; narrower screens scale it down
  int height = 240;
  std::string x_title{};
  std::string y_title{};
};
Markup bar_chart(const std::vector<Series>& series, const ChartOptions& options);
Markup line_chart(const std::vector<Series>& series, const ChartOptions& options);
// A tiny histogram for a table cell.
Markup sparkbar(const std::vector<double>& values);

// The whole document.
std::string page(std::string_view title, const Markup& body);

}  // namespace slipway::html
