#include <cmath>

#include "domains/monitoring/profile.h"
#include "foundation/base/json.h"
#include "foundation/base/text.h"
#include "foundation/html/page.h"

namespace slipway::monitoring {

namespace {

using html::Markup;
using tables::ColumnType;

json::value number_or_null(double value) { return std::isfinite(value) ? json::value(value) : json::value(nullptr); }

json::object numbers_json(const NumberProfile& numbers) {
  json::object quantiles;
  for (size_t i = 0; i < kProfileQuantiles.size(); ++i) {
    quantiles[text::format_double(kProfileQuantiles[i])] = number_or_null(numbers.quantiles[i]);
  }
  json::array edges(numbers.edges.begin(), numbers.edges.end());
  json::array counts(numbers.counts.begin(), numbers.counts.end());
  json::object out;
  out["min"] = numbers.whole ? json::value(numbers.whole->min) : json::value(numbers.min);
  out["max"] = numbers.whole ? json::value(numbers.whole->max) : json::value(numbers.max);
  out["mean"] = number_or_null(numbers.mean);
  out["standard_deviation"] = number_or_null(numbers.standard_deviation);
  out["zeros"] = numbers.zeros;
  out["negative"] = numbers.negative;
  out["nan"] = numbers.nan;
  out["infinite"] = numbers.infinite;
  out["quantiles"] = std::move(quantiles);
  out["histogram"] = {{"edges", std::move(edges)}, {"counts", std::move(counts)}};
  return out;
}

std::string time_of(double value) { return text::format_time_ms(static_cast<int64_t>(value)); }

json::object lengths_json(const LengthProfile& lengths) {
  json::object out;
  out["min"] = lengths.min;
  out["mean"] = lengths.mean;
  out["max"] = lengths.max;
  out["empty"] = lengths.empty;
  return out;
}

double fraction_of(uint64_t part, uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

json::object column_json(const ColumnProfile& column) {
  json::object out;
  out["name"] = column.name;
  out["type"] = tables::name_of(column.type);
  out["count"] = column.count;
  out["missing"] = column.missing;
  out["missing_fraction"] = fraction_of(column.missing, column.count + column.missing);
  out["distinct"] = column.distinct;
  out["distinct_is_estimate"] = column.distinct_is_estimate;
  out["is_constant"] = column.is_constant;
  out["is_unique"] = column.is_unique;
  if (column.numbers) out["numbers"] = numbers_json(*column.numbers);
  if (column.numbers && column.type == ColumnType::kTime) {
    out["times"] = {{"min", time_of(column.numbers->min)}, {"max", time_of(column.numbers->max)}};
  }
  if (column.lengths) out["lengths"] = lengths_json(*column.lengths);
  json::array top;
  for (const ValueCount& value : column.top) top.push_back({{"value", value.value}, {"count", value.count}});
  out["top"] = std::move(top);
  return out;
}

std::string percent(uint64_t part, uint64_t whole) {
  return text::format_fixed(100 * fraction_of(part, whole), 2) + " %";
}

std::string distinct_text(const ColumnProfile& column) {
  return (column.distinct_is_estimate ? "about " : "") + std::to_string(column.distinct);
}

Markup distribution_of(const ColumnProfile& column) {
  std::vector<double> heights;
  if (column.numbers) {
    heights.assign(column.numbers->counts.begin(), column.numbers->counts.end());
  } else {
    for (const ValueCount& value : column.top) heights.push_back(static_cast<double>(value.count));
  }
  return html::sparkbar(heights);
}

Markup flags_of(const ColumnProfile& column) {
  Markup out;
  const auto add = [&out](std::string_view text, std::string_view tone) {
    if (!out.text.empty()) out.text += " ";
    out += html::badge(text, tone);
  };
  if (column.count == 0) add("all missing", "warning");
  if (column.is_constant) add("constant", "warning");
  if (column.is_unique) add("unique", "neutral");
  if (column.numbers && column.numbers->nan + column.numbers->infinite > 0) add("not finite", "warning");
  if (fraction_of(column.missing, column.count + column.missing) > 0.5 && column.count > 0)
    add("mostly missing", "warning");
  return out;
}

Markup overview_table(const Profile& profile) {
  std::vector<std::vector<Markup>> rows;
  for (const ColumnProfile& column : profile.columns) {
    const bool has_mean = column.numbers && column.type != ColumnType::kTime;
    rows.push_back({html::escaped(column.name), html::escaped(tables::name_of(column.type)), distribution_of(column),
                    html::escaped(percent(column.missing, profile.rows)), html::escaped(distinct_text(column)),
                    html::escaped(min_text(column)),
                    html::escaped(has_mean ? number_text(column.numbers->mean, column.type) : ""),
                    html::escaped(max_text(column)), flags_of(column)});
  }
  return html::table({"Column", "Type", "Distribution", "Missing", "Distinct", "Min", "Mean", "Max", "Remarks"}, rows);
}

Markup top_table(const ColumnProfile& column, uint64_t rows) {
  std::vector<std::vector<Markup>> cells;
  for (const ValueCount& value : column.top) {
    cells.push_back({html::escaped(value.value.empty() ? "(empty)" : value.value),
                     html::escaped(std::to_string(value.count)), html::escaped(percent(value.count, rows))});
  }
  return html::table({"Most frequent value", "Rows", "Share"}, cells);
}

Markup number_section(const ColumnProfile& column) {
  const NumberProfile& numbers = *column.numbers;
  std::vector<std::string> headers = {"Standard deviation", "Zeros", "Negative"};
  std::vector<Markup> cells = {html::escaped(number_text(numbers.standard_deviation, ColumnType::kDouble)),
                               html::escaped(std::to_string(numbers.zeros)),
                               html::escaped(std::to_string(numbers.negative))};
  if (column.type == ColumnType::kTime) {
    headers.clear();
    cells.clear();
  }
  for (size_t i = 0; i < kProfileQuantiles.size(); ++i) {
    headers.push_back(text::concat(std::lround(kProfileQuantiles[i] * 100), " %"));
    cells.push_back(html::escaped(number_text(numbers.quantiles[i], column.type)));
  }
  html::ChartOptions options;
  options.title = column.name;
  options.y_title = "rows";
  for (size_t i = 0; i < numbers.counts.size(); ++i) {
    const double centre = numbers.edges[i] / 2 + numbers.edges[i + 1] / 2;
    std::string label = number_text(centre, column.type);
    if (column.type == ColumnType::kTime) label.resize(10);  // the date
    options.labels.push_back(std::move(label));
  }
  const std::vector<double> heights(numbers.counts.begin(), numbers.counts.end());
  return html::bar_chart({{"", heights}}, options) + html::table(headers, {cells});
}

Markup column_section(const ColumnProfile& column, uint64_t rows) {
  Markup out = html::heading(3, column.name);
  if (column.numbers) out += number_section(column);
  if (column.lengths) {
    out += html::paragraph(text::concat("Length ", column.lengths->min, " to ", column.lengths->max, " characters, ",
                                        text::format_fixed(column.lengths->mean, 1), " on average; ",
                                        column.lengths->empty, " empty."));
  }
  const bool has_repeats = !column.top.empty() && column.top.front().count > 1;
  if (has_repeats && column.distinct <= rows / 2) out += top_table(column, rows);
  return out;
}

}  // namespace

std::string number_text(double value, ColumnType type) {
  if (!std::isfinite(value)) return "";
  if (type == ColumnType::kTime) return time_of(value);
  if (value == std::floor(value) && std::fabs(value) < 1e15) return text::format_fixed(value, 0);
  const double size = std::fabs(value);
  return size < 1e-3 || size >= 1e12 ? text::format_double(value) : text::format_fixed(value, 4);
}

std::string min_text(const ColumnProfile& column) {
  if (!column.numbers) return "";
  const NumberProfile& numbers = *column.numbers;
  return numbers.whole ? std::to_string(numbers.whole->min) : number_text(numbers.min, column.type);
}

std::string max_text(const ColumnProfile& column) {
  if (!column.numbers) return "";
  const NumberProfile& numbers = *column.numbers;
  return numbers.whole ? std::to_string(numbers.whole->max) : number_text(numbers.max, column.type);
}

std::string to_json(const Profile& profile) {
  json::array columns;
  for (const ColumnProfile& column : profile.columns) columns.push_back(column_json(column));
  json::object out;
  out["rows"] = profile.rows;
  out["duplicate_rows"] = profile.duplicate_rows;
  out["columns"] = std::move(columns);
  return json::write_pretty(out);
}

std::string to_html(const Profile& profile, const std::string& title) {
  uint64_t missing = 0;
  for (const ColumnProfile& column : profile.columns) missing += column.missing;
  Markup body = html::tiles({{"Rows", std::to_string(profile.rows)},
                             {"Columns", std::to_string(profile.columns.size())},
                             {"Missing cells", percent(missing, profile.rows * profile.columns.size())},
                             {"Duplicate rows", std::to_string(profile.duplicate_rows)}});
  body += html::heading(2, "Columns") + overview_table(profile) + html::heading(2, "Details");
  for (const ColumnProfile& column : profile.columns) body += column_section(column, profile.rows);
  return html::page(title, body);
}

}  // namespace slipway::monitoring
