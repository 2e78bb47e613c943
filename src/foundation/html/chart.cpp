#include <algorithm>
#include <cmath>
#include <limits>

#include "foundation/base/text.h"
#include "foundation/html/page.h"

namespace slipway::html {

namespace {

constexpr size_t kColours = 6;

// Where the data lies in the picture, in its own pixels.
struct Frame {
  double left, top, right, bottom;
  double low, high;  // values at the bottom and the top
  size_t points;

  double y(double value) const { return bottom - (std::clamp(value, low, high) - low) / (high - low) * (bottom - top); }
  double slot() const { return (right - left) / static_cast<double>(std::max<size_t>(points, 1)); }
  double centre(size_t i) const { return left + slot() * (static_cast<double>(i) + 0.5); }
};

std::string pixel(double value) { return text::format_fixed(value, 1); }

// 1, 2 or 5 times a power of ten, so that about four lines fit.
double nice_step(double span) {
  const double power = std::pow(10.0, std::floor(std::log10(span / 4)));
  for (const double factor : {1.0, 2.0, 5.0, 10.0}) {
    if (span / (power * factor) <= 5) return power * factor;
  }
  return power * 10;
}

std::string tick_label(double value, double step) {
  if (std::fabs(value) < step / 2) return "0";
  const double size = std::max(std::fabs(value), step);
  if (size >= 1e6 || size < 1e-4) return text::format_double(std::round(value / step) * step);
  const int digits = step >= 1 ? 0 : static_cast<int>(std::ceil(-std::log10(step) - 1e-9));
  return text::format_fixed(value, digits);
}

std::string value_label(double value) {
  if (value == std::floor(value) && std::fabs(value) < 1e15) return text::format_fixed(value, 0);
  const double size = std::fabs(value);
  return size < 1e-3 || size >= 1e6 ? text::format_double(value) : text::format_fixed(value, 4);
}

struct Range {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();
  void take(double value) {
    if (!std::isfinite(value)) return;
    low = std::min(low, value);
    high = std::max(high, value);
  }
};

Range range_of(const std::vector<Series>& series, const ChartOptions& options, bool from_zero) {
  Range range;
  for (const Series& one : series) {
    for (const double value : one.values) range.take(value);
  }
  if (options.threshold) range.take(*options.threshold);
  if (from_zero) range.take(0);
  if (range.low > range.high) return {0, 1};
  if (range.low == range.high) return {range.low - (from_zero ? 0 : 0.5), range.high + (from_zero ? 1 : 0.5)};
  // Room for the widest doubles, whose difference would not be finite.
  range.low = std::max(range.low, -1e300);
  range.high = std::min(range.high, 1e300);
  return range;
}

Frame frame_of(const std::vector<Series>& series, const ChartOptions& options, bool from_zero) {
  const Range range = range_of(series, options, from_zero);
  const double step = nice_step(range.high - range.low);
  Frame frame{};
  frame.low = std::floor(range.low / step) * step;
  frame.high = std::ceil(range.high / step) * step;
  frame.left = options.y_title.empty() ? 56 : 72;
  frame.top = 10;
  frame.right = options.width - 12;
  frame.bottom = options.height - (options.x_title.empty() ? 24 : 42);
  for (const Series& one : series) frame.points = std::max(frame.points, one.values.size());
  return frame;
}

std::string line_between(std::string_view style, double x1, double y1, double x2, double y2) {
  return text::concat("<line class=\"", style, "\" x1=\"", pixel(x1), "\" y1=\"", pixel(y1), "\" x2=\"", pixel(x2),
                      "\" y2=\"", pixel(y2), "\"/>\n");
}

std::string label_at(double x, double y, std::string_view anchor, std::string_view text) {
  return text::concat("<text x=\"", pixel(x), "\" y=\"", pixel(y), "\" text-anchor=\"", anchor, "\">",
                      text::escape_markup(text), "</text>\n");
}

std::string value_axis(const Frame& frame) {
  const double step = nice_step(frame.high - frame.low);
  const int lines = static_cast<int>(std::lround((frame.high - frame.low) / step));
  std::string out;
  for (int i = 0; i <= lines; ++i) {
    const double value = frame.low + i * step;
    out += line_between("grid", frame.left, frame.y(value), frame.right, frame.y(value));
    out += label_at(frame.left - 6, frame.y(value) + 4, "end", tick_label(value, step));
  }
  const double zero = std::clamp(0.0, frame.low, frame.high);
  return out + line_between("axis", frame.left, frame.y(zero), frame.right, frame.y(zero));
}

std::string shortened(const std::string& label, size_t limit) {
  if (label.size() <= limit) return label;
  size_t end = limit - 1;
  while (end > 0 && (static_cast<unsigned char>(label[end]) & 0xC0) == 0x80) --end;
  return label.substr(0, end) + "\u2026";
}

// Every label that has room: 6 pixels a character.
std::string label_axis(const Frame& frame, const ChartOptions& options) {
  const size_t count = std::min(options.labels.size(), frame.points);
  size_t longest = 1;
  for (const std::string& label : options.labels) longest = std::max(longest, std::min<size_t>(label.size(), 14));
  const double needed = static_cast<double>(longest) * 6.2 + 8;
  const auto every = static_cast<size_t>(std::max(1.0, std::ceil(needed / frame.slot())));
  std::string out;
  for (size_t i = 0; i < count; i += every) {
    out += label_at(frame.centre(i), frame.bottom + 16, "middle", shortened(options.labels[i], 14));
  }
  return out;
}

std::string axis_titles(const Frame& frame, const ChartOptions& options) {
  std::string out;
  if (!options.x_title.empty()) {
    out += label_at((frame.left + frame.right) / 2, options.height - 6, "middle", options.x_title);
  }
  if (options.y_title.empty()) return out;
  const std::string y = pixel((frame.top + frame.bottom) / 2);
  return out + text::concat("<text x=\"12\" y=\"", y, "\" text-anchor=\"middle\" transform=\"rotate(-90 12 ", y, ")\">",
                            text::escape_markup(options.y_title), "</text>\n");
}

std::string threshold_line(const Frame& frame, const ChartOptions& options) {
  if (!options.threshold || !std::isfinite(*options.threshold)) return "";
  const double y = frame.y(*options.threshold);
  std::string out = line_between("threshold", frame.left, y, frame.right, y);
  if (options.threshold_label.empty()) return out;
  return out + text::concat("<text class=\"threshold-label\" x=\"", pixel(frame.right), "\" y=\"", pixel(y - 5),
                            "\" text-anchor=\"end\">", text::escape_markup(options.threshold_label), "</text>\n");
}

std::string point_title(const Series& series, const ChartOptions& options, size_t i) {
  std::string out;
  if (i < options.labels.size()) out = options.labels[i] + ": ";
  if (!series.name.empty()) out += series.name + " ";
  return "<title>" + text::escape_markup(out + value_label(series.values[i])) + "</title>";
}

std::string legend(const std::vector<Series>& series) {
  if (series.size() < 2) return "";
  std::string out = "<ul class=\"legend\">";
  for (size_t i = 0; i < series.size(); ++i) {
    out +=
        text::concat("<li><span class=\"b", i % kColours, "\"></span>", text::escape_markup(series[i].name), "</li>");
  }
  return out + "</ul>\n";
}

Markup figure(const std::vector<Series>& series, const ChartOptions& options, const Frame& frame,
              const std::string& marks) {
  std::string out = "<figure>";
  if (!options.title.empty()) out += "<figcaption>" + text::escape_markup(options.title) + "</figcaption>\n";
  out += legend(series);
  const std::string name = options.title.empty() ? "chart" : options.title;
  out += text::concat("<svg role=\"img\" aria-label=\"", text::escape_markup(name), "\" width=\"", options.width,
                      "\" height=\"", options.height, "\" viewBox=\"0 0 ", options.width, " ", options.height, "\">\n");
  out += value_axis(frame) + label_axis(frame, options) + axis_titles(frame, options) + marks;
  return {out + threshold_line(frame, options) + "</svg></figure>\n"};
}

std::string bars_of(const Series& series, size_t index, size_t count, const Frame& frame, const ChartOptions& options) {
  const double group = frame.slot() * (frame.slot() > 6 ? 0.8 : 0.96);
  const double width = group / static_cast<double>(count);
  const double zero = frame.y(std::clamp(0.0, frame.low, frame.high));
  std::string out;
  for (size_t i = 0; i < series.values.size(); ++i) {
    if (!std::isfinite(series.values[i])) continue;
    const double y = frame.y(series.values[i]);
    const double x = frame.centre(i) - group / 2 + width * static_cast<double>(index);
    out += text::concat("<rect class=\"f", index % kColours, "\" x=\"", pixel(x), "\" y=\"", pixel(std::min(y, zero)),
                        "\" width=\"", pixel(std::max(width, 0.5)), "\" height=\"", pixel(std::fabs(zero - y)), "\">",
                        point_title(series, options, i), "</rect>\n");
  }
  return out;
}

std::string line_of(const Series& series, size_t index, const Frame& frame, const ChartOptions& options) {
  std::string out;
  std::string points;
  const auto end_piece = [&] {
    if (!points.empty()) {
      out += text::concat("<polyline class=\"line l", index % kColours, "\" points=\"", points, "\"/>\n");
    }
    points.clear();
  };
  for (size_t i = 0; i < series.values.size(); ++i) {
    if (!std::isfinite(series.values[i])) {
      end_piece();
      continue;
    }
    if (!points.empty()) points += " ";
    points += pixel(frame.centre(i)) + "," + pixel(frame.y(series.values[i]));
  }
  end_piece();
  // Points are drawn while they can be told apart; each says its value.
  for (size_t i = 0; frame.slot() >= 5 && i < series.values.size(); ++i) {
    if (!std::isfinite(series.values[i])) continue;
    out +=
        text::concat("<circle class=\"f", index % kColours, "\" cx=\"", pixel(frame.centre(i)), "\" cy=\"",
                     pixel(frame.y(series.values[i])), "\" r=\"3\">", point_title(series, options, i), "</circle>\n");
  }
  return out;
}

}  // namespace

Markup bar_chart(const std::vector<Series>& series, const ChartOptions& options) {
  const Frame frame = frame_of(series, options, true);
  std::string marks;
  for (size_t i = 0; i < series.size(); ++i) marks += bars_of(series[i], i, series.size(), frame, options);
  return figure(series, options, frame, marks);
}

Markup line_chart(const std::vector<Series>& series, const ChartOptions& options) {
  const Frame frame = frame_of(series, options, false);
  std::string marks;
  for (size_t i = 0; i < series.size(); ++i) marks += line_of(series[i], i, frame, options);
  return figure(series, options, frame, marks);
}

Markup sparkbar(const std::vector<double>& values) {
  constexpr double kHeight = 24;
  constexpr double kBar = 6;
  double highest = 0;
  for (const double value : values) highest = std::isfinite(value) ? std::max(highest, value) : highest;
  const double width = std::max(kBar, kBar * static_cast<double>(values.size()));
  std::string out = text::concat("<svg class=\"spark\" role=\"img\" aria-label=\"distribution\" width=\"", pixel(width),
                                 "\" height=\"", pixel(kHeight), "\" viewBox=\"0 0 ", pixel(width), " ", pixel(kHeight),
                                 "\" preserveAspectRatio=\"none\">");
  for (size_t i = 0; i < values.size(); ++i) {
    if (!(values[i] > 0) || !std::isfinite(values[i])) continue;
    const double height = std::max(1.0, values[i] / highest * kHeight);
    out += text::concat("<rect class=\"f0\" x=\"", pixel(kBar * static_cast<double>(i)), "\" y=\"",
                        pixel(kHeight - height), "\" width=\"", pixel(kBar - 1), "\" height=\"", pixel(height),
                        "\"><title>", value_label(values[i]), "</title></rect>");
  }
  return {out + "</svg>"};
}

}  // namespace slipway::html
