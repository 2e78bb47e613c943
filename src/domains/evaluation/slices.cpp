#include "domains/evaluation/slices.h"

#include <map>

#include "foundation/base/error.h"

namespace slipway::evaluation {

namespace {

constexpr size_t kMaxValues = 1000;

}  // namespace

std::vector<Slice> slice_metrics(const tables::Table& table, std::string_view column, Scores scores, Labels labels,
                                 double threshold, int64_t min_rows) {
  const tables::Column& values = table.get(column);
  if (scores.size() != values.size()) {
    throw invalid_argument("there are ", scores.size(), " scores but ", values.size(), " rows");
  }
  struct Rows {
    std::vector<double> scores;
    std::vector<uint8_t> labels;
  };
  std::map<std::string, Rows, std::less<>> groups;
  for (size_t row = 0; row < values.size(); ++row) {
    Rows& group = groups[values.is_missing(row) ? "(missing)" : values.display(row)];
    group.scores.push_back(scores[row]);
    group.labels.push_back(labels[row]);
    if (groups.size() > kMaxValues) {
      throw invalid_argument("column '", column, "' has more than ", kMaxValues,
                             " values: slice by a column with few, or round it first");
    }
  }
  std::vector<Slice> slices;
  for (const auto& [value, group] : groups) {
    if (static_cast<int64_t>(group.scores.size()) < min_rows) continue;
    slices.push_back({std::string(column), value, binary_metrics(group.scores, group.labels, threshold)});
  }
  return slices;
}

}  // namespace slipway::evaluation
