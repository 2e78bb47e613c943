// The distributions that p-values come from. Used by the drift tests; each agrees with SciPy to nine digits.
#pragma once

#include <cstdint>

namespace slipway::monitoring {

// P(Z > z) of the standard normal; keeps its digits far out in the tail.
double normal_survival(double z);
// P(X > statistic) of chi-square; NaN without a degree of freedom.
double chi_square_survival(double statistic, double degrees);
// P(|T| > |t|) of Student's t.
double student_two_sided(double t, double degrees);
// P(W > x) of the Cramér-von Mises criterion for endless samples.
double cramer_von_mises_survival(double x);

// P(D > distance) of the two-sided Kolmogorov statistic of one sample of `n`.
double kolmogorov_survival(int64_t n, double distance);
// P(D >= distance) of the two-sample statistic, exactly: all ways to mix n1 and n2 values are equally likely.
double kolmogorov_two_sample(int64_t n1, int64_t n2, double distance);

}  // namespace slipway::monitoring
