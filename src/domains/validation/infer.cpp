#include "domains/validation/infer.h"

#include <algorithm>
#include <cmath>

#include "foundation/base/text.h"
#include "foundation/tables/distinct.h"
#include "foundation/tables/parallel.h"

namespace slipway::validation {

namespace {

using tables::Column;
using tables::ColumnType;

// Below this many rows, that no value repeats says little.
constexpr size_t kRowsForKey = 100;

// Half as much again and a percent more than was seen, at three digits.
double tolerated_missing(const Column& column) {
  if (column.missing_count() == 0) return 0;
  const double seen = static_cast<double>(column.missing_count()) / static_cast<double>(column.size());
  return std::min(1.0, std::ceil((seen * 1.5 + 0.01) * 1000 - 1e-9) / 1000);
}

// Up or down to two leading digits of the width, so that limits read as chosen, not as measured.
double rounded_out(double value, double width, bool up) {
  const double unit = std::pow(10.0, std::floor(std::log10(width)) - 1);
  if (!std::isfinite(unit) || unit == 0) return value;
  const double steps = value / unit;
  const double whole = up ? std::ceil(steps - 1e-9) : std::floor(steps + 1e-9);
  // Dividing by the inverse keeps 0.3 from becoming 0.30000000000000004.
  return unit < 1 ? whole / std::round(1 / unit) : whole * unit;
}

void infer_range(const Column& column, const InferOptions& options, ColumnRule& rule) {
  double low = HUGE_VAL;
  double high = -HUGE_VAL;
  for (size_t row = 0; row < column.size(); ++row) {
    const double value = column.number(row);
    if (std::isinf(value)) return;  // what was seen has no range
    if (std::isnan(value)) continue;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  if (low > high) return;
  const double width = high - low;
  if (options.widen <= 0 || width == 0 || !std::isfinite(width)) {
    rule.min = low;
    rule.max = high;
    return;
  }
  rule.min = rounded_out(low - options.widen * width, width, false);
  rule.max = rounded_out(high + options.widen * width, width, true);
  if (low >= 0) rule.min = std::max(0.0, *rule.min);
  if (high <= 0) rule.max = std::min(0.0, *rule.max);
}

void infer_values(const Column& column, const tables::DistinctValues& distinct, ColumnRule& rule) {
  for (const tables::DistinctValue& value : distinct.values) {
    rule.values.emplace_back(column.text(value.first_row));
    // Bytes that are no text cannot stand in YAML.
    if (!text::is_valid_utf8(rule.values.back())) return rule.values.clear();
  }
  std::sort(rule.values.begin(), rule.values.end());
}

ColumnRule infer_column(const Column& column, const InferOptions& options) {
  ColumnRule rule;
  rule.name = column.name();
  rule.max_missing_fraction = tolerated_missing(column);
  const size_t present = column.size() - column.missing_count();
  if (present == 0) {
    rule.max_missing_fraction = 1;
    return rule;  // of any type: nothing was seen
  }
  rule.type = column.type();
  const bool is_number = column.type() == ColumnType::kInteger || column.type() == ColumnType::kDouble;
  const bool can_be_key = column.type() == ColumnType::kInteger || column.type() == ColumnType::kText;
  const tables::DistinctValues distinct = can_be_key ? tables::count_distinct(column) : tables::DistinctValues{};
  rule.is_unique =
      can_be_key && !distinct.is_estimate && distinct.count == column.size() && column.size() >= kRowsForKey;
  if (is_number && options.with_ranges && !rule.is_unique) infer_range(column, options, rule);
  const bool is_choice =
      column.type() == ColumnType::kText && distinct.count <= options.max_values && distinct.count * 2 <= present;
  if (is_choice) infer_values(column, distinct, rule);
  return rule;
}

}  // namespace

Schema infer_schema(const tables::Table& table, const InferOptions& options, Progress* progress) {
  Schema schema;
  schema.min_rows = 1;
  schema.columns.resize(table.column_count());
  tables::for_each_parallel(
      table.column_count(), [&](size_t i) { schema.columns[i] = infer_column(table.columns()[i], options); }, progress);
  return schema;
}

}  // namespace slipway::validation
