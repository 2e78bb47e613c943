// Every drift test by name: what its score means, its usual threshold, and where it applies. The one list to extend.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domains/monitoring/drift_scores.h"

namespace slipway::monitoring {

// When a score says "drift": a p-value when it is low, a distance when it is high.
enum class DriftWhen { kAtMost, kBelow, kAtLeast, kAbove };

struct DriftMethod {
  std::string_view name;   // "ks", as in configuration files
  std::string_view title;  // "Kolmogorov-Smirnov p-value", for people
  DriftWhen drift_when;
  double threshold;
  double (*numerical)(const NumericPair& pair, size_t reference_distinct);  // nullptr: not for numbers
  double (*categorical)(const CountPair& counts);                           // nullptr: not for categories

  // NaN (a constant column) is no drift.
  bool drifted(double score, double at_threshold) const;
};

const std::vector<DriftMethod>& drift_methods();
// Throws invalid_argument that lists the names.
const DriftMethod& get_drift_method(std::string_view name);
// Evidently's choice when nothing is configured: by the reference's present cells and the distinct values of both
// sides.
const DriftMethod& default_drift_method(FeatureType type, size_t reference_present, size_t distinct);

}  // namespace slipway::monitoring
