// A logistic regression over encoded features, as it is saved and scored. Made by training, served by serving.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "foundation/engines/matrix.h"

namespace slipway::packaging {

struct LogisticModel {
  // What a feature adds to the log-odds. A number: (value - mean) / scale * weight. A category: its entry. Missing or
  // unknown: `missing`.
  struct Term {
    double mean = 0;
    double scale = 1;
    double weight = 0;
    double missing = 0;
    std::vector<double> categories;  // empty for numbers
  };
  double bias = 0;
  std::vector<Term> terms;  // one per feature, in the encoding's order

  // Probability of the positive class per row.
  std::vector<double> score(const engines::MatrixView& matrix) const;
};

std::string write_logistic(const LogisticModel& model);
// Throws invalid_argument when the text is not such a model.
LogisticModel parse_logistic(std::string_view text);

}  // namespace slipway::packaging
