// The table of experiments: a row for each, columns of metrics, parameters and dependencies.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domains/experiments/state.h"

namespace slipway::cli {

struct ExperimentTableOptions {
  enum class Format { kText, kMarkdown, kCsv };
  Format format = Format::kText;
  std::optional<int> digits;
  bool only_changed = false;
  std::vector<std::string> drop;  // regular expressions
  std::vector<std::string> keep;
  std::string sort_by;
  std::string sort_order;
};

// Throws invalid_argument for an unknown column to sort by and for a faulty expression.
void print_experiments(std::vector<experiments::Baseline> baselines, const ExperimentTableOptions& options);

}  // namespace slipway::cli
