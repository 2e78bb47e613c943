// How many different values a column holds and how often each; hashes of cells and rows. Used by profiles and
// validation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "foundation/tables/table.h"

namespace slipway::tables {

struct DistinctValue {
  size_t first_row = 0;  // where the value stands; the cell itself is read there
  uint64_t count = 0;
};

// Missing cells are no value; every NaN is the same value, and so are 0 and -0.
struct DistinctValues {
  uint64_t count = 0;
  // True past the limit: `count` is then a HyperLogLog estimate (standard error 0.8 %), and `values` holds only the
  // values that came first, with all their occurrences.
  bool is_estimate = false;
  std::vector<DistinctValue> values;  // in the order of their first rows
};

constexpr size_t kExactDistinctLimit = size_t{1} << 20;
DistinctValues count_distinct(const Column& column, size_t limit = kExactDistinctLimit);
// The `limit` most frequent ones, most frequent first; equal counts by value (numbers ascending, text by bytes).
std::vector<DistinctValue> most_frequent(const Column& column, const DistinctValues& distinct, size_t limit);

// Equal cells of columns of one type have equal hashes, whatever the machine.
uint64_t hash_cell(const Column& column, size_t row);
// Rows that are equal to an earlier one in every column. By 64-bit hashes: among a million rows the chance that two
// different ones are taken for equal is under one in thirty million.
uint64_t count_duplicate_rows(const Table& table);

}  // namespace slipway::tables
