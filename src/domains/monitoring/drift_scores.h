// The drift tests themselves: functions of two samples that give a p-value or a distance. The list with names, defaults
// and what a score means is in drift_methods.h.
//
// The definitions are those of Evidently 0.7 with SciPy 1.17, oddities included (a one-sided Mann-Whitney test,
// Hellinger bins over distinct values), so that scores and thresholds carry over; tests/golden/drift holds the
// agreement.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "domains/monitoring/column_sample.h"

namespace slipway::monitoring {

// Both sides of a numeric column, each ascending and not empty.
struct NumericPair {
  std::span<const double> reference;
  std::span<const double> current;
  bool whole_numbers = false;  // stored as such on both sides
};

double kolmogorov_smirnov_p(const NumericPair& pair);
double wasserstein_normed(const NumericPair& pair);
double energy_distance(const NumericPair& pair);
double cramer_von_mises_p(const NumericPair& pair);
double anderson_darling_p(const NumericPair& pair);
double mann_whitney_p(const NumericPair& pair);
double student_t_p(const NumericPair& pair);
double hellinger_numeric(const NumericPair& pair);

// How often each category occurs on either side, in ascending order of category; none is 0 on both.
struct CountPair {
  std::vector<uint64_t> reference;
  std::vector<uint64_t> current;
  std::vector<std::string> labels;  // for people; as long as the others

  uint64_t reference_total() const;
  uint64_t current_total() const;
};
// One category per distinct value.
CountPair count_values(const ColumnSample& reference, const ColumnSample& current);
// Bins of equal width for a numeric column whose reference has over 20 distinct values, else one per value; as
// Evidently bins for jensenshannon, psi and kl_div. Labels are the lower edges.
CountPair count_bins(const NumericPair& pair, size_t reference_distinct);

double chi_square_p(const CountPair& counts);
double proportions_z_p(const CountPair& counts);
double jensen_shannon(const CountPair& counts);
double population_stability_index(const CountPair& counts);
double kullback_leibler(const CountPair& counts);
double hellinger_categorical(const CountPair& counts);

}  // namespace slipway::monitoring
