#include "domains/monitoring/column_sample.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <unordered_map>

namespace slipway::monitoring {

namespace {

constexpr int kDigitBits = 11;
constexpr int kPasses = 6;  // 66 bits cover 64
constexpr size_t kDigits = size_t{1} << kDigitBits;
constexpr size_t kDigitMask = kDigits - 1;
constexpr size_t kRadixFrom = 4096;
constexpr size_t kFewIntegers = 10;

// Bits whose unsigned order is the order of the doubles.
uint64_t to_key(double value) {
  const auto bits = std::bit_cast<uint64_t>(value);
  return (bits >> 63U) != 0 ? ~bits : bits | (uint64_t{1} << 63U);
}

double from_key(uint64_t key) { return std::bit_cast<double>((key >> 63U) != 0 ? key & ~(uint64_t{1} << 63U) : ~key); }

using Histogram = std::array<size_t, kDigits>;

void radix_sort(std::vector<double>& values) {
  std::vector<uint64_t> keys(values.size());
  std::vector<uint64_t> other(values.size());
  std::vector<Histogram> counts(kPasses, Histogram{});
  for (size_t i = 0; i < values.size(); ++i) {
    const uint64_t key = to_key(values[i]);
    keys[i] = key;
    for (int pass = 0; pass < kPasses; ++pass) {
      ++counts[static_cast<size_t>(pass)][(key >> (pass * kDigitBits)) & kDigitMask];
    }
  }
  for (int pass = 0; pass < kPasses; ++pass) {
    Histogram& starts = counts[static_cast<size_t>(pass)];
    const int shift = pass * kDigitBits;
    // A digit that all keys share needs no pass: truths and small whole numbers take two or three.
    if (starts[(keys[0] >> shift) & kDigitMask] == keys.size()) continue;
    size_t total = 0;
    for (size_t& start : starts) total += std::exchange(start, total);
    for (const uint64_t key : keys) other[starts[(key >> shift) & kDigitMask]++] = key;
    keys.swap(other);
  }
  std::transform(keys.begin(), keys.end(), values.begin(), from_key);
}

constexpr int64_t kMaxExact = int64_t{1} << 53;  // from here on several whole numbers are one double

// How many there are, told apart where doubles cannot.
size_t count_distinct_whole(const tables::Column& column) {
  std::vector<int64_t> values;
  values.reserve(column.size());
  for (size_t row = 0; row < column.size(); ++row) {
    if (!column.is_missing(row)) values.push_back(column.integers()[row]);
  }
  std::sort(values.begin(), values.end());
  return static_cast<size_t>(std::unique(values.begin(), values.end()) - values.begin());
}

bool has_inexact(const std::vector<double>& sorted) {
  constexpr auto kLimit = static_cast<double>(kMaxExact);
  return !sorted.empty() && (sorted.front() <= -kLimit || sorted.back() >= kLimit);
}

void take_numbers(const tables::Column& column, ColumnSample& sample) {
  sample.sorted.reserve(column.size());
  if (column.type() == tables::ColumnType::kDouble) {
    const auto cells = column.doubles();
    for (size_t row = 0; row < cells.size(); ++row) {
      // + 0.0 turns -0.0 into 0.0, which is the same value.
      if (!column.is_missing(row) && std::isfinite(cells[row])) sample.sorted.push_back(cells[row] + 0.0);
    }
  } else {
    const auto cells = column.integers();
    for (size_t row = 0; row < cells.size(); ++row) {
      if (!column.is_missing(row)) sample.sorted.push_back(static_cast<double>(cells[row]));
    }
  }
  sort_numbers(sample.sorted);
  sample.present = sample.sorted.size();
  for (size_t i = 0; i < sample.sorted.size(); ++i) {
    sample.distinct += i == 0 || sample.sorted[i] != sample.sorted[i - 1] ? 1 : 0;
  }
  if (column.type() == tables::ColumnType::kInteger && has_inexact(sample.sorted)) {
    sample.distinct = count_distinct_whole(column);
  }
}

void take_text(const tables::Column& column, ColumnSample& sample) {
  std::unordered_map<std::string_view, uint64_t> counts;
  for (size_t row = 0; row < column.size(); ++row) {
    if (column.is_missing(row)) continue;
    ++counts[column.text(row)];
    ++sample.present;
  }
  sample.categories.reserve(counts.size());
  for (const auto& [value, count] : counts) sample.categories.emplace_back(value, count);
  std::sort(sample.categories.begin(), sample.categories.end());
  sample.distinct = sample.categories.size();
}

}  // namespace

std::string_view name_of(FeatureType type) {
  switch (type) {
    case FeatureType::kNumerical:
      return "numerical";
    case FeatureType::kCategorical:
      return "categorical";
    case FeatureType::kText:
      return "text";
    case FeatureType::kTime:
      return "time";
  }
  return "";
}

double ColumnSample::missing_share() const {
  return rows == 0 ? 0.0 : static_cast<double>(rows - present) / static_cast<double>(rows);
}

ColumnSample make_sample(const tables::Column& column) {
  ColumnSample sample;
  sample.name = column.name();
  sample.stored = column.type();
  sample.rows = column.size();
  if (column.type() == tables::ColumnType::kText) {
    take_text(column, sample);
  } else {
    take_numbers(column, sample);
  }
  return sample;
}

void sort_numbers(std::vector<double>& values) {
  if (values.size() < kRadixFrom) {
    std::sort(values.begin(), values.end());
  } else {
    radix_sort(values);
  }
}

FeatureType infer_feature_type(const ColumnSample& sample) {
  switch (sample.stored) {
    case tables::ColumnType::kDouble:
      return FeatureType::kNumerical;
    case tables::ColumnType::kBoolean:
      return FeatureType::kCategorical;
    case tables::ColumnType::kTime:
      return FeatureType::kTime;
    case tables::ColumnType::kInteger:
      return sample.distinct <= kFewIntegers ? FeatureType::kCategorical : FeatureType::kNumerical;
    case tables::ColumnType::kText:
      return 2 * sample.distinct > sample.present ? FeatureType::kText : FeatureType::kCategorical;
  }
  return FeatureType::kNumerical;
}

}  // namespace slipway::monitoring
