#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

#include "domains/monitoring/drift_scores.h"
#include "domains/monitoring/probability.h"

namespace slipway::monitoring {

namespace {

constexpr size_t kKolmogorovExactRows = 10'000;
constexpr size_t kCramerExactRows = 20;
constexpr size_t kMannWhitneyExactRows = 8;
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// A sum whose error does not grow with the number of terms (Neumaier).
class Sum {
 public:
  void add(double term) {
    const double next = total_ + term;
    lost_ += std::abs(total_) >= std::abs(term) ? (total_ - next) + term : (term - next) + total_;
    total_ = next;
  }
  double value() const { return total_ + lost_; }

 private:
  double total_ = 0;
  double lost_ = 0;
};

double mean_of(std::span<const double> values) {
  Sum sum;
  for (const double value : values) sum.add(value);
  return sum.value() / static_cast<double>(values.size());
}

double squared_deviations(std::span<const double> values, double mean) {
  Sum sum;
  for (const double value : values) sum.add((value - mean) * (value - mean));
  return sum.value();
}

// Integral of weight(|F - G|) over the line, F and G being the two empirical distribution functions.
template <typename Weight>
double integrate_difference(const NumericPair& pair, Weight&& weight) {
  Sum sum;
  const auto n1 = static_cast<double>(pair.reference.size());
  const auto n2 = static_cast<double>(pair.current.size());
  size_t below1 = 0;
  size_t below2 = 0;
  double previous = 0;
  for_each_distinct(pair.reference, pair.current, [&](double value, size_t in1, size_t in2) {
    if (below1 + below2 > 0) {
      const double difference = static_cast<double>(below1) / n1 - static_cast<double>(below2) / n2;
      sum.add(weight(difference) * (value - previous));
    }
    previous = value;
    below1 += in1;
    below2 += in2;
  });
  return sum.value();
}

// The sum over i of (rank of the i-th value of a sample in the pool - i)^2, for both samples, ties sharing their rank.
struct RankSums {
  double squares1 = 0;
  double squares2 = 0;
  double ranks1 = 0;
  double tie_term = 0;  // sum of t^3 - t
  bool any_tie = false;
};

// Sum of (rank - i)^2 for i = first .. first + count - 1.
double squares_from(double rank, double first, double count) {
  const double start = rank - first;
  return count * start * start - start * count * (count - 1) + (count - 1) * count * (2 * count - 1) / 6;
}

RankSums rank_sums(const NumericPair& pair) {
  RankSums out;
  double seen1 = 0;
  double seen2 = 0;
  for_each_distinct(pair.reference, pair.current, [&](double, size_t in1, size_t in2) {
    const auto count1 = static_cast<double>(in1);
    const auto count2 = static_cast<double>(in2);
    const double ties = count1 + count2;
    const double rank = seen1 + seen2 + (ties + 1) / 2;
    if (in1 > 0) out.squares1 += squares_from(rank, seen1 + 1, count1);
    if (in2 > 0) out.squares2 += squares_from(rank, seen2 + 1, count2);
    out.ranks1 += rank * count1;
    out.tie_term += ties * ties * ties - ties;
    out.any_tie = out.any_tie || ties > 1;
    seen1 += count1;
    seen2 += count2;
  });
  return out;
}

double choose(size_t n, size_t k) {
  double out = 1;
  for (size_t i = 1; i <= k; ++i) out = std::round(out * static_cast<double>(n - k + i) / static_cast<double>(i));
  return out;
}

// P(U >= u) when every mix of the samples is equally likely: ways[v] counts the mixes with that statistic, grown one
// value of the larger sample at a time.
double mann_whitney_exact(size_t n1, size_t n2, double statistic) {
  std::vector<double> ways(n1 * n2 + 1, 0.0);
  ways[0] = 1;
  // The generating function is the product of (1 - x^(n2 + i)) / (1 - x^i) for i = 1 .. n1.
  for (size_t i = 1; i <= n1; ++i) {
    for (size_t v = ways.size(); v-- > n2 + i;) ways[v] -= ways[v - n2 - i];
    for (size_t v = i; v < ways.size(); ++v) ways[v] += ways[v - i];
  }
  double at_least = 0;
  for (auto v = static_cast<size_t>(statistic); v < ways.size(); ++v) at_least += ways[v];
  return at_least / choose(n1 + n2, n1);
}

// The distribution of the criterion over all mixes, by the recurrence of Xiao, Gordon and Yakovlev (2006) on whole
// numbers: from (i, j) a path goes on with what it has gathered plus the squared height of the next point.
double cramer_von_mises_exact(size_t n1, size_t n2, double u) {
  const auto m = static_cast<int64_t>(n1);
  const auto n = static_cast<int64_t>(n2);
  const int64_t multiple = std::lcm(m, n);
  const double product = static_cast<double>(m) * static_cast<double>(n);
  const double least =
      std::floor(static_cast<double>(multiple) * static_cast<double>(multiple) * static_cast<double>(m + n) *
                 (6 * u - product * (4 * product - 1)) / (6 * product * product));
  std::vector<std::map<int64_t, double>> row(n1 + 1);
  for (int64_t j = 0; j <= n; ++j) {
    for (int64_t i = 0; i <= m; ++i) {
      std::map<int64_t, double> ways;
      const int64_t height = multiple / m * i - multiple / n * j;
      if (i == 0 && j == 0) ways[0] = 1;
      if (j > 0) {
        for (const auto& [value, count] : row[static_cast<size_t>(i)]) ways[value + height * height] += count;
      }
      if (i > 0) {
        for (const auto& [value, count] : row[static_cast<size_t>(i - 1)]) ways[value + height * height] += count;
      }
      row[static_cast<size_t>(i)] = std::move(ways);
    }
  }
  double at_least = 0;
  for (const auto& [value, count] : row[n1]) at_least += static_cast<double>(value) >= least ? count : 0;
  return at_least / choose(n1 + n2, n1);
}

// Scholz and Stephens (1987): the p-value between the tabulated points is a parabola in the statistic, fitted to the
// logarithm of the levels. The points for two samples are constants, so the fit is done once.
struct Parabola {
  long double c0, c1, c2;
};

constexpr size_t kLevels = 7;
constexpr long double kLevel[kLevels] = {0.25L, 0.1L, 0.05L, 0.025L, 0.01L, 0.005L, 0.001L};
constexpr long double kCritical[kLevels] = {
    0.675L - 0.245L - 0.105L, 1.281L + 0.25L - 0.305L,  1.645L + 0.678L - 0.362L, 1.96L + 1.149L - 0.391L,
    2.326L + 1.822L - 0.396L, 2.573L + 2.364L - 0.345L, 3.085L + 3.615L - 0.154L};

Parabola fit_levels() {
  long double moments[5] = {};
  long double right[3] = {};
  for (size_t i = 0; i < kLevels; ++i) {
    long double power = 1;
    for (size_t k = 0; k < 5; ++k, power *= kCritical[i]) {
      moments[k] += power;
      if (k < 3) right[k] += power * std::log(kLevel[i]);
    }
  }
  const auto determinant = [](const long double(&m)[9]) {
    return m[0] * (m[4] * m[8] - m[5] * m[7]) - m[1] * (m[3] * m[8] - m[5] * m[6]) + m[2] * (m[3] * m[7] - m[4] * m[6]);
  };
  const auto [m0, m1, m2, m3, m4] = moments;
  const auto [r0, r1, r2] = right;
  const long double whole = determinant({m0, m1, m2, m1, m2, m3, m2, m3, m4});
  return {determinant({r0, m1, m2, r1, m2, m3, r2, m3, m4}) / whole,
          determinant({m0, r0, m2, m1, r1, m3, m2, r2, m4}) / whole,
          determinant({m0, m1, r0, m1, m2, r1, m2, m3, r2}) / whole};
}

double anderson_level(double statistic) {
  if (statistic < static_cast<double>(kCritical[0])) return 0.25;
  if (statistic > static_cast<double>(kCritical[kLevels - 1])) return 0.001;
  static const Parabola fit = fit_levels();
  return static_cast<double>(std::exp(fit.c0 + (fit.c1 + fit.c2 * statistic) * statistic));
}

// Variance of the Anderson-Darling statistic of two samples (Scholz and Stephens, formula 4).
double anderson_variance(double n1, double n2) {
  const double total = n1 + n2;
  const double inverse = 1 / n1 + 1 / n2;
  Sum harmonic;  // sum of 1 / i, i below total
  Sum nested;    // sum of 1 / ((total - i) j) over i < j
  for (auto i = static_cast<int64_t>(total) - 1; i > 1; --i) {
    const auto rank = static_cast<double>(i);
    harmonic.add(1 / rank);
    nested.add(harmonic.value() / (total - rank + 1));
  }
  const double h = harmonic.value() + 1;
  const double g = nested.value();
  const double a = (4 * g - 6) + (10 - 6 * g) * inverse;
  const double b = (2 * g - 4) * 4 + 16 * h + (2 * g - 14 * h - 4) * inverse - 8 * h + 4 * g - 6;
  const double c = (6 * h + 2 * g - 2) * 4 + (4 * h - 4 * g + 6) * 2 + (2 * h - 6) * inverse + 4 * h;
  const double d = (2 * h + 6) * 4 - 8 * h;
  return (((a * total + b) * total + c) * total + d) / ((total - 1) * (total - 2) * (total - 3));
}

}  // namespace

double kolmogorov_smirnov_p(const NumericPair& pair) {
  const auto n1 = static_cast<double>(pair.reference.size());
  const auto n2 = static_cast<double>(pair.current.size());
  double distance = 0;
  size_t below1 = 0;
  size_t below2 = 0;
  for_each_distinct(pair.reference, pair.current, [&](double, size_t in1, size_t in2) {
    below1 += in1;
    below2 += in2;
    distance = std::max(distance, std::abs(static_cast<double>(below1) / n1 - static_cast<double>(below2) / n2));
  });
  if (std::max(pair.reference.size(), pair.current.size()) <= kKolmogorovExactRows) {
    return kolmogorov_two_sample(static_cast<int64_t>(pair.reference.size()), static_cast<int64_t>(pair.current.size()),
                                 distance);
  }
  return kolmogorov_survival(static_cast<int64_t>(std::nearbyint(n1 * n2 / (n1 + n2))), distance);
}

double wasserstein_normed(const NumericPair& pair) {
  const double deviation = std::sqrt(squared_deviations(pair.reference, mean_of(pair.reference)) /
                                     static_cast<double>(pair.reference.size()));
  return integrate_difference(pair, [](double difference) { return std::abs(difference); }) /
         std::max(deviation, 0.001);
}

double energy_distance(const NumericPair& pair) {
  return std::sqrt(2 * integrate_difference(pair, [](double difference) { return difference * difference; }));
}

double cramer_von_mises_p(const NumericPair& pair) {
  const RankSums sums = rank_sums(pair);
  const auto n1 = static_cast<double>(pair.reference.size());
  const auto n2 = static_cast<double>(pair.current.size());
  const double u = n1 * sums.squares1 + n2 * sums.squares2;
  if (std::max(pair.reference.size(), pair.current.size()) <= kCramerExactRows) {
    return cramer_von_mises_exact(pair.reference.size(), pair.current.size(), u);
  }
  const double k = n1 * n2;
  const double total = n1 + n2;
  const double statistic = u / (k * total) - (4 * k - 1) / (6 * total);
  const double expected = (1 + 1 / total) / 6;
  const double variance =
      (total + 1) * (4 * k * total - 3 * (n1 * n1 + n2 * n2) - 2 * k) / (45 * total * total * 4 * k);
  const double standard = 1.0 / 6 + (statistic - expected) / std::sqrt(45 * variance);
  return standard < 0.003 ? 1.0 : cramer_von_mises_survival(standard);
}

double anderson_darling_p(const NumericPair& pair) {
  const auto n1 = static_cast<double>(pair.reference.size());
  const auto n2 = static_cast<double>(pair.current.size());
  const double total = n1 + n2;
  if (total < 4 || pair.reference.front() == std::max(pair.reference.back(), pair.current.back())) return kNaN;
  Sum sum1;
  Sum sum2;
  double below1 = 0;
  double below2 = 0;
  size_t distinct = 0;
  for_each_distinct(pair.reference, pair.current, [&](double, size_t in1, size_t in2) {
    const auto count1 = static_cast<double>(in1);
    const auto count2 = static_cast<double>(in2);
    const double ties = count1 + count2;
    const double middle = below1 + below2 + ties / 2;
    const double weight = ties / total / (middle * (total - middle) - total * ties / 4);
    const double off1 = total * (below1 + count1 / 2) - middle * n1;
    const double off2 = total * (below2 + count2 / 2) - middle * n2;
    sum1.add(weight * off1 * off1);
    sum2.add(weight * off2 * off2);
    below1 += count1;
    below2 += count2;
    ++distinct;
  });
  if (distinct < 2) return kNaN;
  const double statistic = (sum1.value() / n1 + sum2.value() / n2) * (total - 1) / total;
  return anderson_level((statistic - 1) / std::sqrt(anderson_variance(n1, n2)));
}

double mann_whitney_p(const NumericPair& pair) {
  const RankSums sums = rank_sums(pair);
  const auto n1 = static_cast<double>(pair.reference.size());
  const auto n2 = static_cast<double>(pair.current.size());
  const double u = n1 * n2 - (sums.ranks1 - n1 * (n1 + 1) / 2);
  if (std::min(pair.reference.size(), pair.current.size()) <= kMannWhitneyExactRows && !sums.any_tie) {
    return mann_whitney_exact(pair.reference.size(), pair.current.size(), u);
  }
  const double total = n1 + n2;
  const double deviation = std::sqrt(n1 * n2 / 12 * ((total + 1) - sums.tie_term / (total * (total - 1))));
  const double numerator = u - n1 * n2 / 2 - 0.5;
  return normal_survival(deviation > 0 ? numerator / deviation : std::copysign(HUGE_VAL, numerator));
}

double student_t_p(const NumericPair& pair) {
  const auto n1 = static_cast<double>(pair.reference.size());
  const auto n2 = static_cast<double>(pair.current.size());
  const double degrees = n1 + n2 - 2;
  const double mean1 = mean_of(pair.reference);
  const double mean2 = mean_of(pair.current);
  const double variance =
      (squared_deviations(pair.reference, mean1) + squared_deviations(pair.current, mean2)) / degrees;
  if (!(variance > 0)) return kNaN;
  return student_two_sided((mean1 - mean2) / std::sqrt(variance * (1 / n1 + 1 / n2)), degrees);
}

}  // namespace slipway::monitoring
