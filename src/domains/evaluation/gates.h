// Gates: what a model must show before it may go on, as a file, and the verdict. Used by `slipway evaluate` and by the
// server before a promotion.
//
//   threshold: 0.5            # of the predicted class; default 0.5
//   gates:
//     - metric: auc
//       min: 0.7
//     - metric: auc           # in every value of a column that has enough rows
//       slice: {column: carrier}       # one only: {column: origin, value: JFK}
//       min: 0.6
//       min_rows: 1000
//     - metric: auc           # beside the model that serves now, on the same rows
//       against: champion
//       min_delta: 0.002      # better by at least this
//     - metric: log_loss
//       against: champion
//       max_regression: 0.01  # worse by at most this; with `slice` too
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domains/evaluation/metrics.h"
#include "domains/evaluation/slices.h"
#include "foundation/tables/table.h"

namespace slipway::evaluation {

struct Gate {
  std::string name;  // given, or made from the rest
  std::string metric;
  std::optional<double> min;
  std::optional<double> max;
  std::optional<double> min_delta;
  std::optional<double> max_regression;
  std::string slice_column;  // empty: all rows
  std::optional<std::string> slice_value;
  int64_t min_rows = 1;
};

struct Gates {
  double threshold = 0.5;
  std::vector<Gate> gates;
};

// Throws invalid_argument naming the gate and the key.
Gates parse_gates(std::string_view yaml);

// What is judged: the model's scores on labelled rows, and the champion's on the same ones if there is a champion.
struct Evaluated {
  const tables::Table* table = nullptr;
  Scores scores;
  Labels labels;
  std::optional<Scores> champion_scores;
};

struct GateResult {
  std::string name;
  std::string metric;
  std::string slice;  // "carrier=UA"; empty: all rows
  bool passed = false;
  bool skipped = false;  // nothing to judge (no champion, too few rows); counts as passed
  double value = 0;
  std::optional<double> champion_value;
  double limit = 0;  // that the value, or its change for gates against the champion, was held to
  int64_t rows = 0;
  std::string reason;  // one sentence with the numbers
};

struct Verdict {
  bool passed = true;
  std::vector<GateResult> results;  // a gate over all values of a column gives one per value
};

Verdict judge(const Gates& gates, const Evaluated& evaluated);

}  // namespace slipway::evaluation
