// The rows and columns of a table that a training works on: labels, features, and which rows train and which validate.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "domains/training/config.h"
#include "foundation/tables/table.h"

namespace slipway::training {

struct TrainingRows {
  std::vector<size_t> train;       // in the table's order
  std::vector<size_t> validation;  // in the table's order, later than every training row
  int64_t unlabelled = 0;          // rows without a label, left out
  int64_t unused = 0;              // rows outside of the split's times
};

// 0 or 1 per row, and 255 where missing; throws invalid_argument when the column holds anything else.
std::vector<uint8_t> read_labels(const tables::Table& table, const std::string& target);

// Throws invalid_argument when a part has no rows or only one class.
TrainingRows split_rows(const tables::Table& table, const TrainConfig& config, std::span<const uint8_t> labels);

struct FeatureNames {
  std::vector<std::string> features;
  std::vector<std::string> categorical;
};
// In the table's order; throws not_found for a name that is no column.
FeatureNames choose_features(const tables::Table& table, const TrainConfig& config);

}  // namespace slipway::training
