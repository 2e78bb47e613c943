#include "domains/monitoring/drift_methods.h"

#include "foundation/base/error.h"

namespace slipway::monitoring {

namespace {

constexpr size_t kSmallReference = 1000;
constexpr size_t kFewValues = 5;

// Numbers by their distribution alone, or through bins.
template <double (*score)(const NumericPair&)>
double plain(const NumericPair& pair, size_t /*reference_distinct*/) {
  return score(pair);
}

template <double (*score)(const CountPair&)>
double binned(const NumericPair& pair, size_t reference_distinct) {
  return score(count_bins(pair, reference_distinct));
}

// One category per value, whatever their number.
template <double (*score)(const CountPair&)>
double by_value(const NumericPair& pair, size_t /*reference_distinct*/) {
  return score(count_bins(pair, 0));
}

}  // namespace

bool DriftMethod::drifted(double score, double at_threshold) const {
  switch (drift_when) {
    case DriftWhen::kAtMost:
      return score <= at_threshold;
    case DriftWhen::kBelow:
      return score < at_threshold;
    case DriftWhen::kAtLeast:
      return score >= at_threshold;
    case DriftWhen::kAbove:
      return score > at_threshold;
  }
  return false;
}

const std::vector<DriftMethod>& drift_methods() {
  using enum DriftWhen;
  static const std::vector<DriftMethod> methods = {
      {"ks", "Kolmogorov-Smirnov p-value", kAtMost, 0.05, plain<kolmogorov_smirnov_p>, nullptr},
      {"wasserstein", "Wasserstein distance (normed)", kAtLeast, 0.1, plain<wasserstein_normed>, nullptr},
      {"jensenshannon", "Jensen-Shannon distance", kAtLeast, 0.1, binned<jensen_shannon>, jensen_shannon},
      {"psi", "population stability index", kAtLeast, 0.1, binned<population_stability_index>,
       population_stability_index},
      {"kl_div", "Kullback-Leibler divergence", kAtLeast, 0.1, binned<kullback_leibler>, kullback_leibler},
      {"hellinger", "Hellinger distance", kAtLeast, 0.1, plain<hellinger_numeric>, hellinger_categorical},
      {"ed", "energy distance", kAbove, 0.1, plain<energy_distance>, nullptr},
      {"cramer_von_mises", "Cramér-von Mises p-value", kAtMost, 0.1, plain<cramer_von_mises_p>, nullptr},
      {"anderson", "Anderson-Darling p-value", kBelow, 0.1, plain<anderson_darling_p>, nullptr},
      {"mannw", "Mann-Whitney p-value (upward shift)", kBelow, 0.05, plain<mann_whitney_p>, nullptr},
      {"t_test", "Student's t p-value", kBelow, 0.05, plain<student_t_p>, nullptr},
      {"chisquare", "chi-square p-value", kBelow, 0.05, by_value<chi_square_p>, chi_square_p},
      {"z", "proportions z p-value", kBelow, 0.05, by_value<proportions_z_p>, proportions_z_p},
  };
  return methods;
}

const DriftMethod& get_drift_method(std::string_view name) {
  std::vector<std::string> names;
  for (const DriftMethod& method : drift_methods()) {
    if (method.name == name) return method;
    names.emplace_back(method.name);
  }
  throw invalid_argument("there is no drift method '", name, "'; use one of ", text::join(names, ", "));
}

const DriftMethod& default_drift_method(FeatureType type, size_t reference_present, size_t distinct) {
  const bool numerical = type == FeatureType::kNumerical;
  if (reference_present > kSmallReference) {
    return get_drift_method(numerical && distinct > kFewValues ? "wasserstein" : "jensenshannon");
  }
  if (numerical && distinct > kFewValues) return get_drift_method("ks");
  return get_drift_method(distinct > 2 ? "chisquare" : "z");
}

}  // namespace slipway::monitoring
