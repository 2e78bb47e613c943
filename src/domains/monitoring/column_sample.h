// One side of one column, made ready once for every drift test: numbers sorted, text counted. The reference's samples
// are kept and used against window after window.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "foundation/tables/table.h"

namespace slipway::monitoring {

// What a column means to a drift test, which is not what it is stored as: a whole number with ten values is a category.
enum class FeatureType { kNumerical, kCategorical, kText, kTime };
std::string_view name_of(FeatureType type);

struct ColumnSample {
  std::string name;
  tables::ColumnType stored = tables::ColumnType::kDouble;
  size_t rows = 0;  // all of them, missing ones too
  // Everything but text, ascending, without missing, NaN and infinite cells. Truths are 0 and 1.
  std::vector<double> sorted;
  // Text: each distinct value and how often, ascending.
  std::vector<std::pair<std::string, uint64_t>> categories;
  size_t present = 0;  // cells that take part
  size_t distinct = 0;

  double missing_share() const;
};

ColumnSample make_sample(const tables::Column& column);

// Ascending; radix sort for long input. There must be no NaN.
void sort_numbers(std::vector<double>& values);

// Evidently's rule: fractions are numerical, whole numbers with at most ten values and truths categorical, text with
// more distinct values than half its cells is free text, other text categorical.
FeatureType infer_feature_type(const ColumnSample& sample);

// Calls visit(value, in_reference, in_current) for each distinct value of two ascending lists, ascending.
template <typename Visit>
void for_each_distinct(std::span<const double> reference, std::span<const double> current, Visit&& visit) {
  size_t i = 0;
  size_t j = 0;
  while (i < reference.size() || j < current.size()) {
    const double value = j == current.size()                                  ? reference[i]
                         : i == reference.size() || current[j] < reference[i] ? current[j]
                                                                              : reference[i];
    const size_t i0 = i;
    const size_t j0 = j;
    while (i < reference.size() && reference[i] == value) ++i;
    while (j < current.size() && current[j] == value) ++j;
    visit(value, i - i0, j - j0);
  }
}

}  // namespace slipway::monitoring
