// Both Kolmogorov-Smirnov distributions of probability.h. For one sample the choice of method by size and distance is
// that of Simard and L'Ecuyer (2011), "Computing the Two-Sided Kolmogorov-Smirnov Distribution".
#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <numeric>
#include <vector>

#include "domains/monitoring/probability.h"
#include "foundation/base/error.h"

namespace slipway::monitoring {

namespace {

constexpr double kPiSquared = std::numbers::pi * std::numbers::pi;
constexpr int64_t kSmallSample = 140;

// P(D+ > d) by Smirnov's sum, whose terms are all positive. In long double logarithms: the binomials overflow early and
// their errors grow with n.
double one_sided_survival(int64_t n, double d) {
  const auto size = static_cast<long double>(n);
  const auto last = static_cast<int64_t>(std::floor(static_cast<double>(n) * (1.0 - d)));
  long double log_binomial = 0;
  long double sum = 0;
  for (int64_t v = 0; v <= last; ++v) {
    const auto index = static_cast<long double>(v);
    const long double up = d + index / size;
    const long double down = 1.0L - up;
    if (down > 0) sum += std::exp(log_binomial + (index - 1) * std::log(up) + (size - index) * std::log(down));
    log_binomial += std::log((size - index) / (index + 1));
  }
  return static_cast<double>(static_cast<long double>(d) * sum);
}

// A square matrix times a power of two, so that high powers of it neither overflow nor vanish.
struct ScaledMatrix {
  size_t size;
  std::vector<double> cells;
  int exponent = 0;

  double& at(size_t row, size_t column) { return cells[row * size + column]; }
  double at(size_t row, size_t column) const { return cells[row * size + column]; }
};

constexpr int kScaleBits = 400;

ScaledMatrix multiply(const ScaledMatrix& a, const ScaledMatrix& b) {
  ScaledMatrix out{a.size, std::vector<double>(a.size * a.size, 0.0), a.exponent + b.exponent};
  for (size_t row = 0; row < a.size; ++row) {
    for (size_t k = 0; k < a.size; ++k) {
      const double factor = a.at(row, k);
      for (size_t column = 0; column < a.size; ++column) out.at(row, column) += factor * b.at(k, column);
    }
  }
  if (out.at(a.size / 2, a.size / 2) > std::ldexp(1.0, kScaleBits)) {
    for (double& cell : out.cells) cell = std::ldexp(cell, -kScaleBits);
    out.exponent += kScaleBits;
  }
  return out;
}

// The matrix of Marsaglia, Tsang and Wang (2003) for n * d = k - h: entry (i, j) counts what a step may add.
ScaledMatrix step_matrix(size_t k, double h) {
  const size_t size = 2 * k - 1;
  ScaledMatrix out{size, std::vector<double>(size * size, 0.0)};
  double factorial = 1;
  std::vector<double> inverse_factorial(size + 1, 1.0);
  for (size_t i = 1; i <= size; ++i) {
    factorial *= static_cast<double>(i);
    inverse_factorial[i] = 1.0 / factorial;
  }
  for (size_t row = 0; row < size; ++row) {
    for (size_t column = 0; column <= std::min(row + 1, size - 1); ++column) {
      out.at(row, column) = inverse_factorial[row + 1 - column];
    }
  }
  for (size_t i = 0; i < size; ++i) {
    const double lost = std::pow(h, static_cast<double>(i + 1)) * inverse_factorial[i + 1];
    out.at(i, 0) -= lost;
    out.at(size - 1, size - 1 - i) -= lost;
  }
  if (h > 0.5) out.at(size - 1, 0) += std::pow(2 * h - 1, static_cast<double>(size)) * inverse_factorial[size];
  return out;
}

// P(D <= d), exactly.
double cumulative_by_matrix(int64_t n, double d) {
  const double scaled = static_cast<double>(n) * d;
  const auto k = static_cast<size_t>(std::ceil(scaled));
  ScaledMatrix base = step_matrix(k, static_cast<double>(k) - scaled);
  ScaledMatrix power{base.size, std::vector<double>(base.cells.size(), 0.0)};
  for (size_t i = 0; i < power.size; ++i) power.at(i, i) = 1;
  for (int64_t left = n; left > 0; left /= 2) {
    if (left % 2 != 0) power = multiply(power, base);
    if (left > 1) base = multiply(base, base);
  }
  double result = power.at(k - 1, k - 1);
  int exponent = power.exponent;
  for (int64_t i = 1; i <= n; ++i) {
    result *= static_cast<double>(i) / static_cast<double>(n);
    if (result != 0 && result < std::ldexp(1.0, -kScaleBits)) {
      result = std::ldexp(result, kScaleBits);
      exponent -= kScaleBits;
    }
  }
  return std::ldexp(result, exponent);
}

// P(D <= d) by the expansion of Pelz and Good (1976) in 1/sqrt(n), in its form for small z = d sqrt(n).
double cumulative_by_expansion(int64_t n, double d) {
  const auto size = static_cast<double>(n);
  const double z = d * std::sqrt(size);
  const double z2 = z * z;
  const double z4 = z2 * z2;
  const double z6 = z4 * z2;
  const double exponent = -kPiSquared / (2 * z2);
  if (exponent / 4 < -708) return 0.0;
  const double pi4 = kPiSquared * kPiSquared;
  const double pi6 = pi4 * kPiSquared;
  std::array<double, 4> odd{};  // sums over the odd multiples of pi / 2
  double even2 = 0;             // sums over the whole multiples of pi
  double even3 = 0;
  for (int k = static_cast<int>(std::ceil(16 * z / std::numbers::pi)); k > 0; --k) {
    const double h = k - 0.5;
    const double h2 = h * h;
    const double weight = std::exp(exponent * h2);
    odd[0] += weight;
    odd[1] += weight * (kPiSquared * h2 - z2);
    odd[2] += weight * (6 * z6 + 2 * z4 + kPiSquared * (2 * z4 - 5 * z2) * h2 + pi4 * (1 - 2 * z2) * h2 * h2);
    odd[3] += weight * (-30 * z6 - 90 * z6 * z2 + kPiSquared * (135 * z4 - 96 * z6) * h2 +
                        pi4 * (212 * z4 - 60 * z2) * h2 * h2 + pi6 * (5 - 30 * z2) * h2 * h2 * h2);
    const double k2 = static_cast<double>(k) * k;
    const double even_weight = std::exp(exponent * k2);
    even2 += kPiSquared * k2 * even_weight;
    even3 += kPiSquared * k2 * (3 * z2 - kPiSquared * k2) * even_weight;
  }
  const double root = std::sqrt(2 * std::numbers::pi);
  const double term0 = root / z * odd[0];
  const double term1 = root / (6 * z4) * odd[1];
  const double term2 = root / (72 * z6 * z) * odd[2] - root / (36 * z2 * z) * even2;
  const double term3 = root / (6480 * z6 * z4) * odd[3] + root / (216 * z6) * even3;
  return term0 + term1 / std::sqrt(size) + term2 / size + term3 / (size * std::sqrt(size));
}

// Below 1/n the distribution is a power (Ruben and Gambino, 1982).
double survival_near_zero(int64_t n, double scaled) {
  if (scaled <= 0.5) return 1.0;
  const auto size = static_cast<double>(n);
  return 1.0 - std::exp(std::lgamma(size + 1) - size * std::log(size) + size * std::log(2 * scaled - 1));
}

double clip(double probability) { return std::clamp(probability, 0.0, 1.0); }

}  // namespace

double kolmogorov_survival(int64_t n, double distance) {
  const auto size = static_cast<double>(n);
  const double scaled = size * distance;
  if (distance >= 1) return 0.0;
  if (distance <= 0) return 1.0;
  if (scaled <= 1) return clip(survival_near_zero(n, scaled));
  if (scaled >= size - 1) return clip(2 * std::pow(1 - distance, size));
  const double squared = scaled * distance;
  if (distance >= 0.5 || squared > (n <= kSmallSample ? 4.0 : 2.2)) {
    return squared >= 370 && n > kSmallSample ? 0.0 : clip(2 * one_sided_survival(n, distance));
  }
  const bool exact = n <= kSmallSample || (n <= 100'000 && scaled * std::sqrt(distance) <= 1.4);
  return clip(1.0 - (exact ? cumulative_by_matrix(n, distance) : cumulative_by_expansion(n, distance)));
}

// A mix of the samples is a path over the lattice from (0, 0) to (n1, n2). chance[j] is the probability that the path
// to (i, j) has touched the forbidden region |i b - j a| >= limit; every term is positive, so no digit is lost. Outside
// of the band it is 1 and need not be computed.
double kolmogorov_two_sample(int64_t n1, int64_t n2, double distance) {
  if (n1 < 1 || n2 < 1) throw invalid_argument("the Kolmogorov-Smirnov test needs two samples that are not empty");
  const int64_t divisor = std::gcd(n1, n2);
  const int64_t b = n2 / divisor;
  const int64_t a = n1 / divisor;
  const auto multiple = static_cast<double>(a) * static_cast<double>(n2);
  const auto limit = static_cast<int64_t>(std::llround(distance * multiple));
  if (limit == 0) return 1.0;
  std::vector<double> inverse(static_cast<size_t>(n1 + n2) + 1);
  for (size_t i = 1; i < inverse.size(); ++i) inverse[i] = 1.0 / static_cast<double>(i);
  std::vector<double> chance(static_cast<size_t>(n2) + 1, 1.0);
  for (int64_t i = 0; i <= n1; ++i) {
    // The band: i b - limit < j a < i b + limit.
    const int64_t low_times = i * b - limit;
    const int64_t first = low_times < 0 ? 0 : low_times / a + 1;
    const int64_t last = std::min(n2, (i * b + limit - 1) / a);
    double left = 1.0;  // chance of (i, j - 1)
    for (int64_t j = first; j <= last; ++j) {
      double& cell = chance[static_cast<size_t>(j)];
      if (i == 0 && j == 0) {
        cell = 0.0;
      } else {
        const double above = i == 0 ? 0.0 : cell;
        const double beside = j == 0 ? 0.0 : left;
        cell = (static_cast<double>(i) * above + static_cast<double>(j) * beside) * inverse[static_cast<size_t>(i + j)];
      }
      left = cell;
    }
  }
  return std::min(1.0, chance[static_cast<size_t>(n2)]);
}

}  // namespace slipway::monitoring
