// The baseline: logistic regression with L2, fitted by Newton's method. Numbers are standardised, a missing number gets
// a weight of its own, categories become one column each, or the log-odds seen in training where they are many.
#pragma once

#include <cstdint>
#include <span>

#include "domains/packaging/encoding.h"
#include "domains/packaging/logistic_model.h"
#include "foundation/engines/matrix.h"

namespace slipway::training {

struct LogisticOptions {
  double l2 = 1;                       // penalty 0.5 * l2 * |weights|^2 beside the summed log-loss
  size_t max_one_hot_categories = 64;  // per feature
  int threads = 0;                     // 0: all cores; the result does not depend on it
};

// `matrix` is encoded by columns.
packaging::LogisticModel fit_logistic(const engines::MatrixView& matrix, std::span<const uint8_t> labels,
                                      const packaging::Encoding& encoding, const LogisticOptions& options);

}  // namespace slipway::training
