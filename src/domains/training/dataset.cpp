#include "domains/training/dataset.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "foundation/base/error.h"

namespace slipway::training {

namespace {

using tables::Column;
using tables::ColumnType;

constexpr uint8_t kNoLabel = 255;

// A bound of the split in the unit of the time column.
double parse_bound(const std::string& written, const Column& column, std::string_view key) {
  if (column.type() == ColumnType::kTime) {
    const auto time = text::parse_time_ms(written);
    if (!time) throw invalid_argument("train.yaml: 'split.", key, "' must be a date or time, got '", written, "'");
    return static_cast<double>(*time);
  }
  const auto number = text::parse_double(written);
  if (!number) {
    throw invalid_argument("train.yaml: 'split.", key, "' must be a number as column '", column.name(),
                           "' holds them, got '", written, "'");
  }
  return *number;
}

std::vector<double> times_of(const tables::Table& table, const TrainConfig& config) {
  std::vector<double> times(table.rows());
  if (config.time_column.empty()) {
    std::iota(times.begin(), times.end(), 0.0);
    return times;
  }
  const Column& column = table.get(config.time_column);
  if (column.type() == ColumnType::kText) {
    throw invalid_argument("time column '", column.name(), "' holds text: cast it to a time");
  }
  for (size_t row = 0; row < times.size(); ++row) times[row] = column.number(row);
  return times;
}

// Without dates: the time from which the last part of the labelled rows validates.
double fraction_bound(const std::vector<double>& times, std::span<const uint8_t> labels, double fraction) {
  std::vector<double> labelled;
  for (size_t row = 0; row < times.size(); ++row) {
    if (labels[row] != kNoLabel && !std::isnan(times[row])) labelled.push_back(times[row]);
  }
  if (labelled.empty()) throw invalid_argument("no row has a label");
  const auto place = static_cast<size_t>(static_cast<double>(labelled.size()) * (1 - fraction));
  std::nth_element(labelled.begin(), labelled.begin() + static_cast<ptrdiff_t>(place), labelled.end());
  return labelled[place];
}

void check_part(const std::vector<size_t>& rows, std::span<const uint8_t> labels, std::string_view part) {
  const auto is_positive = [labels](size_t row) { return labels[row] == 1; };
  const auto positives = std::ranges::count_if(rows, is_positive);
  if (rows.empty()) throw invalid_argument("no rows to ", part, " with: check 'split' and 'time_column'");
  if (positives == 0 || positives == static_cast<ptrdiff_t>(rows.size())) {
    throw invalid_argument("all ", rows.size(), " rows to ", part, " with have the same label");
  }
}

}  // namespace

std::vector<uint8_t> read_labels(const tables::Table& table, const std::string& target) {
  const Column& column = table.get(target);
  if (column.type() == ColumnType::kText || column.type() == ColumnType::kTime) {
    throw invalid_argument("target '", target, "' must hold 0 and 1 or true and false, not ",
                           tables::name_of(column.type()), " values");
  }
  std::vector<uint8_t> labels(table.rows());
  for (size_t row = 0; row < labels.size(); ++row) {
    const double value = column.number(row);
    if (!std::isnan(value) && value != 0 && value != 1) {
      throw invalid_argument("target '", target, "' must hold 0 and 1, row ", row + 1, " holds ", column.display(row));
    }
    labels[row] = std::isnan(value) ? kNoLabel : value == 1 ? 1 : 0;
  }
  return labels;
}

TrainingRows split_rows(const tables::Table& table, const TrainConfig& config, std::span<const uint8_t> labels) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const std::vector<double> times = times_of(table, config);
  const auto bound = [&](const std::string& written, std::string_view key, double otherwise) {
    return written.empty() ? otherwise : parse_bound(written, table.get(config.time_column), key);
  };
  const double from = bound(config.split.train_from, "train_from", -kInfinity);
  const double until = config.split.train_until.empty() ? fraction_bound(times, labels, config.split.validate_fraction)
                                                        : bound(config.split.train_until, "train_until", 0);
  const double end = bound(config.split.validate_until, "validate_until", kInfinity);
  TrainingRows rows;
  for (size_t row = 0; row < times.size(); ++row) {
    if (labels[row] == kNoLabel) {
      ++rows.unlabelled;
    } else if (times[row] >= from && times[row] < until) {
      rows.train.push_back(row);
    } else if (times[row] >= until && times[row] < end) {
      rows.validation.push_back(row);
    } else {
      ++rows.unused;
    }
  }
  check_part(rows.train, labels, "train");
  check_part(rows.validation, labels, "validate");
  return rows;
}

FeatureNames choose_features(const tables::Table& table, const TrainConfig& config) {
  const auto listed = [](const std::vector<std::string>& names, const std::string& name) {
    return std::ranges::find(names, name) != names.end();
  };
  for (const auto* names : {&config.include, &config.exclude, &config.categorical}) {
    for (const std::string& name : *names) table.get(name);
  }
  FeatureNames chosen;
  for (const Column& column : table.columns()) {
    const std::string& name = column.name();
    const bool wanted = config.include.empty() ? name != config.time_column && column.type() != ColumnType::kTime
                                               : listed(config.include, name);
    if (!wanted || name == config.target || listed(config.exclude, name)) continue;
    chosen.features.push_back(name);
    const bool text = config.all_text_is_categorical && column.type() == ColumnType::kText;
    if (text || listed(config.categorical, name)) chosen.categorical.push_back(name);
  }
  if (chosen.features.empty()) throw invalid_argument("no columns are left as features");
  return chosen;
}

}  // namespace slipway::training
