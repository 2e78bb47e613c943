// An evaluation as documents: JSON for programs and `dvc metrics`, JUnit XML for CI systems. Used by `slipway evaluate`
// and by the server's pages.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domains/evaluation/gates.h"
#include "domains/evaluation/metrics.h"
#include "domains/evaluation/slices.h"

namespace slipway::evaluation {

struct Evaluation {
  std::string model;  // as addressed
  std::string data;   // the file
  std::string target;
  std::string against;  // empty: no champion
  int64_t unlabelled_rows = 0;
  BinaryMetrics metrics;
  std::optional<BinaryMetrics> champion;
  std::vector<CalibrationBin> calibration;
  std::vector<RocPoint> roc;
  std::vector<Slice> slices;
  std::optional<Verdict> verdict;
};

// Undefined numbers are null. Keys: model, data, target, rows, metrics{}, confusion{}, champion{}, calibration[],
// roc[], slices[], gates{passed, results[]}.
std::string to_json(const Evaluation& evaluation);
// One test case per gate result.
std::string to_junit(const Verdict& verdict);

}  // namespace slipway::evaluation
