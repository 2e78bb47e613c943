#include "domains/training/search.h"

#include <algorithm>
#include <cmath>

#include "foundation/base/id.h"
#include "foundation/base/text.h"

namespace slipway::training {

namespace {

double uniform(IdSource& random) { return static_cast<double>(random.next_u64() >> 11U) * 0x1p-53; }

std::string draw(const SearchRange& range, IdSource& random) {
  const double place = uniform(random);
  const double drawn = range.logarithmic ? range.low * std::pow(range.high / range.low, place)
                                         : range.low + (range.high - range.low) * place;
  if (range.integer) return std::to_string(std::llround(drawn));
  // Four digits say as much as sixteen here, and can be typed again.
  return text::format_double(std::round(drawn * 1e4) / 1e4);
}

}  // namespace

uint64_t seed_of_trial(const TrainConfig& config, int trial) {
  SeededIdSource random(config.seed * 1'000'003 + static_cast<uint64_t>(trial));
  return random.next_u64() & 0x7fffffffU;
}

std::map<std::string, std::string> draw_parameters(const TrainConfig& config, int trial) {
  // Half of the rows and columns per tree: on tables of this product's size faster and no worse.
  std::map<std::string, std::string> parameters = {
      {"num_leaves", "63"},        {"learning_rate", "0.08"}, {"min_data_in_leaf", "100"},
      {"feature_fraction", "0.5"}, {"lambda_l2", "1.0"},      {"bagging_fraction", "0.5"},
      {"bagging_freq", "1"},       {"cat_smooth", "20.0"},    {"max_cat_threshold", "64"},
  };
  if (trial > 0) {
    SeededIdSource random(seed_of_trial(config, trial));
    for (const SearchRange& range : config.space) parameters[range.name] = draw(range, random);
  }
  for (const auto& [name, value] : config.lightgbm) parameters[name] = value;
  return parameters;
}

}  // namespace slipway::training
