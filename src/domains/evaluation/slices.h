// The same metrics over parts of the rows: one part per value of a column, or the part with one value. For reports,
// gates per slice, and live monitoring by segment.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domains/evaluation/metrics.h"
#include "foundation/tables/table.h"

namespace slipway::evaluation {

struct Slice {
  std::string column;
  std::string value;  // "(missing)" for missing cells
  BinaryMetrics metrics;
};

// One slice per value with at least `min_rows` rows, by value. Throws not_found for an unknown column, invalid_argument
// for one with more than 1,000 values, which is a measurement and no segment.
std::vector<Slice> slice_metrics(const tables::Table& table, std::string_view column, Scores scores, Labels labels,
                                 double threshold, int64_t min_rows = 1);

}  // namespace slipway::evaluation
