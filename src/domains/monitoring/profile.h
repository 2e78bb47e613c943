// What a table holds, column by column: counts, missing cells, distinct values, numbers, lengths, the most frequent
// values. Used by the command `profile` and by whoever wants to look at data before trusting it.
//
// JSON of to_json (members that do not apply are absent; numbers that do not exist are null):
//   rows, duplicate_rows (equal to an earlier row in every column)
//   columns[]: name, type (boolean, integer, double, text, time), count (cells present), missing, missing_fraction,
//     distinct, distinct_is_estimate (over 2^20 values), is_constant, is_unique,
//     numbers (all types but text, of finite values; booleans as 0 and 1, times as UTC milliseconds):
//       min, max, mean, standard_deviation (n - 1), zeros, negative, nan, infinite,
//       quantiles {"0.01", "0.05", "0.25", "0.5", "0.75", "0.95", "0.99"} (linear between neighbours),
//       histogram {edges[], counts[]} (equal widths, the last bin closed)
//     times (type time): min, max in ISO 8601
//     lengths (type text, in characters): min, mean, max, empty
//     top[]: value, count (at most ten)
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "foundation/base/progress.h"
#include "foundation/tables/table.h"

namespace slipway::monitoring {

constexpr std::array<double, 7> kProfileQuantiles = {0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99};

// The ends of a column of whole numbers, exact where a double is not.
struct WholeRange {
  int64_t min = 0;
  int64_t max = 0;
};

struct NumberProfile {
  double min = 0;
  double max = 0;
  std::optional<WholeRange> whole;
  double mean = 0;
  double standard_deviation = 0;  // NaN for a single value
  uint64_t zeros = 0;
  uint64_t negative = 0;
  uint64_t nan = 0;
  uint64_t infinite = 0;
  std::array<double, kProfileQuantiles.size()> quantiles{};
  std::vector<double> edges;  // one more than counts
  std::vector<uint64_t> counts;
};

struct LengthProfile {
  uint64_t min = 0;
  uint64_t max = 0;
  double mean = 0;
  uint64_t empty = 0;
};

struct ValueCount {
  std::string value;
  uint64_t count = 0;
};

struct ColumnProfile {
  std::string name;
  tables::ColumnType type = tables::ColumnType::kText;
  uint64_t count = 0;
  uint64_t missing = 0;
  uint64_t distinct = 0;
  bool distinct_is_estimate = false;
  bool is_constant = false;              // one value in every cell that is present, and there is one
  bool is_unique = false;                // no value twice, and there are at least two
  std::optional<NumberProfile> numbers;  // absent without a finite value
  std::optional<LengthProfile> lengths;
  std::vector<ValueCount> top;
};

struct Profile {
  uint64_t rows = 0;
  uint64_t duplicate_rows = 0;
  std::vector<ColumnProfile> columns;
};

// Uses all cores.
Profile profile(const tables::Table& table, Progress* progress = nullptr);
std::string to_json(const Profile& profile);
// For people: four digits after the point, whole numbers whole, times in ISO 8601, "" for what does not exist.
std::string number_text(double value, tables::ColumnType type);
// The ends of the column's numbers, exact; "" without any.
std::string min_text(const ColumnProfile& column);
std::string max_text(const ColumnProfile& column);
// A report as one HTML file.
std::string to_html(const Profile& profile, const std::string& title);

}  // namespace slipway::monitoring
