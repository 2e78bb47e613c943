#include "domains/monitoring/profile.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "foundation/tables/distinct.h"
#include "foundation/tables/parallel.h"

namespace slipway::monitoring {

namespace {

using tables::Column;
using tables::ColumnType;

constexpr size_t kTopValues = 10;
constexpr size_t kBins = 20;

// A running sum that keeps the digits that addition drops (Neumaier), so that the mean does not depend on the order of
// magnitude of what came before.
class Sum {
 public:
  void add(double value) {
    const double next = sum_ + value;
    rest_ += std::fabs(sum_) >= std::fabs(value) ? (sum_ - next) + value : (value - next) + sum_;
    sum_ = next;
  }
  double value() const { return sum_ + rest_; }

 private:
  double sum_ = 0;
  double rest_ = 0;
};

// The finite values; the others are counted.
std::vector<double> finite_values(const Column& column, NumberProfile& profile) {
  std::vector<double> values;
  values.reserve(column.size() - column.missing_count());
  for (size_t row = 0; row < column.size(); ++row) {
    if (column.is_missing(row)) continue;
    const double value = column.number(row);
    profile.nan += std::isnan(value) ? 1 : 0;
    profile.infinite += std::isinf(value) ? 1 : 0;
    if (!std::isfinite(value)) continue;
    profile.zeros += value == 0 ? 1 : 0;
    profile.negative += value < 0 ? 1 : 0;
    values.push_back(value);
  }
  return values;
}

// Of sorted values, linear between the two neighbours of the exact position.
double quantile_of(const std::vector<double>& sorted, double quantile) {
  const double position = quantile * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<size_t>(position);
  if (below + 1 >= sorted.size()) return sorted.back();
  return sorted[below] + (position - static_cast<double>(below)) * (sorted[below + 1] - sorted[below]);
}

void fill_moments(const std::vector<double>& values, NumberProfile& profile) {
  const auto count = static_cast<double>(values.size());
  Sum sum;
  for (const double value : values) sum.add(value);
  profile.mean = sum.value() / count;
  // The mean is rounded; the second sum takes out what that adds to the squares.
  Sum squares;
  Sum deviations;
  for (const double value : values) {
    squares.add((value - profile.mean) * (value - profile.mean));
    deviations.add(value - profile.mean);
  }
  const double square_sum = std::max(0.0, squares.value() - deviations.value() * deviations.value() / count);
  const double none = std::numeric_limits<double>::quiet_NaN();
  profile.standard_deviation = values.size() < 2 ? none : std::sqrt(square_sum / (count - 1));
}

// Whole numbers in a short range get a bin each, others kBins of equal width.
void fill_histogram(const std::vector<double>& sorted, bool is_whole, NumberProfile& profile) {
  const double low = sorted.front();
  const double high = sorted.back();
  size_t bins = kBins;
  double start = low;
  double width = high / kBins - low / kBins;  // the difference itself may not be finite
  if (is_whole && high - low < kBins) {
    bins = static_cast<size_t>(high - low) + 1;
    start = low - 0.5;
    width = 1;
  } else if (!(width > 0)) {
    bins = 1;
    width = std::max(1.0, std::fabs(low) * 1e-9);
    start = low - width / 2;
  }
  for (size_t i = 0; i <= bins; ++i) profile.edges.push_back(start + width * static_cast<double>(i));
  profile.counts.assign(bins, 0);
  for (const double value : sorted) {
    const double position = (value - start) / width;
    ++profile.counts[std::min(bins - 1, static_cast<size_t>(std::max(0.0, position)))];
  }
}

WholeRange whole_range(const Column& column) {
  WholeRange out{std::numeric_limits<int64_t>::max(), std::numeric_limits<int64_t>::min()};
  for (size_t row = 0; row < column.size(); ++row) {
    if (column.is_missing(row)) continue;
    out.min = std::min(out.min, column.integers()[row]);
    out.max = std::max(out.max, column.integers()[row]);
  }
  return out;
}

std::optional<NumberProfile> number_profile(const Column& column) {
  NumberProfile profile;
  std::vector<double> values = finite_values(column, profile);
  if (values.empty()) return std::nullopt;
  fill_moments(values, profile);
  std::sort(values.begin(), values.end());
  profile.min = values.front();
  profile.max = values.back();
  if (column.type() == ColumnType::kInteger) profile.whole = whole_range(column);
  for (size_t i = 0; i < kProfileQuantiles.size(); ++i) {
    profile.quantiles[i] = quantile_of(values, kProfileQuantiles[i]);
  }
  const bool is_whole = column.type() == ColumnType::kInteger || column.type() == ColumnType::kBoolean;
  fill_histogram(values, is_whole, profile);
  return profile;
}

// Characters of UTF-8: bytes that do not continue one.
uint64_t length_of(std::string_view text) {
  return static_cast<uint64_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::optional<LengthProfile> length_profile(const Column& column) {
  LengthProfile profile;
  uint64_t count = 0;
  uint64_t total = 0;
  for (size_t row = 0; row < column.size(); ++row) {
    if (column.is_missing(row)) continue;
    const uint64_t length = length_of(column.text(row));
    profile.min = count == 0 ? length : std::min(profile.min, length);
    profile.max = std::max(profile.max, length);
    profile.empty += length == 0 ? 1 : 0;
    total += length;
    ++count;
  }
  if (count == 0) return std::nullopt;
  profile.mean = static_cast<double>(total) / static_cast<double>(count);
  return profile;
}

ColumnProfile column_profile(const Column& column) {
  ColumnProfile out;
  out.name = column.name();
  out.type = column.type();
  out.missing = column.missing_count();
  out.count = column.size() - out.missing;
  const tables::DistinctValues distinct = tables::count_distinct(column);
  out.distinct = std::min(distinct.count, out.count);
  out.distinct_is_estimate = distinct.is_estimate;
  out.is_constant = out.distinct == 1;
  out.is_unique = !distinct.is_estimate && out.count > 1 && out.distinct == out.count;
  for (const tables::DistinctValue& value : tables::most_frequent(column, distinct, kTopValues)) {
    out.top.push_back({column.display(value.first_row), value.count});
  }
  if (column.type() == ColumnType::kText) {
    out.lengths = length_profile(column);
  } else {
    out.numbers = number_profile(column);
  }
  return out;
}

}  // namespace

Profile profile(const tables::Table& table, Progress* progress) {
  Profile out;
  out.rows = table.rows();
  out.columns.resize(table.column_count());
  tables::for_each_parallel(
      table.column_count(), [&](size_t i) { out.columns[i] = column_profile(table.columns()[i]); }, progress);
  out.duplicate_rows = tables::count_duplicate_rows(table);
  return out;
}

}  // namespace slipway::monitoring
