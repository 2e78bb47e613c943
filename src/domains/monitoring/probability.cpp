#include "domains/monitoring/probability.h"

#include <algorithm>
#include <boost/math/special_functions/bessel.hpp>
#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <limits>
#include <numbers>

namespace slipway::monitoring {

namespace {

namespace policies = boost::math::policies;
// Out-of-range input gives NaN, infinity or 0 instead of an exception: a constant column is no error.
using Quiet =
    policies::policy<policies::domain_error<policies::ignore_error>, policies::pole_error<policies::ignore_error>,
                     policies::overflow_error<policies::ignore_error>,
                     policies::evaluation_error<policies::ignore_error>>;

constexpr double kSmallestTerm = 1e-7;  // where SciPy ends the series of Cramér-von Mises

}  // namespace

double normal_survival(double z) { return 0.5 * std::erfc(z / std::numbers::sqrt2); }

double chi_square_survival(double statistic, double degrees) {
  if (!(degrees > 0) || std::isnan(statistic)) return std::numeric_limits<double>::quiet_NaN();
  if (std::isinf(statistic)) return 0.0;
  return boost::math::gamma_q(degrees / 2, statistic / 2, Quiet());
}

double student_two_sided(double t, double degrees) {
  if (std::isnan(t)) return t;
  if (std::isinf(t)) return 0.0;
  return boost::math::ibeta(degrees / 2, 0.5, degrees / (degrees + t * t), Quiet());
}

// Csorgo and Faraway (1996), formula 1.2.
double cramer_von_mises_survival(double x) {
  double below = 0;
  for (int k = 0;; ++k) {
    const double scale =
        std::exp(std::lgamma(k + 0.5) - std::lgamma(k + 1.0)) / (std::pow(std::numbers::pi, 1.5) * std::sqrt(x));
    const double y = 4.0 * k + 1.0;
    const double q = y * y / (16.0 * x);
    const double term = scale * std::sqrt(y) * std::exp(-q) * boost::math::cyl_bessel_k(0.25, q, Quiet());
    below += term;
    if (!(std::abs(term) >= kSmallestTerm)) break;
  }
  return std::max(0.0, 1.0 - below);
}

}  // namespace slipway::monitoring
