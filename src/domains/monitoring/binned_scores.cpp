#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "domains/monitoring/drift_scores.h"
#include "domains/monitoring/probability.h"
#include "foundation/base/text.h"

namespace slipway::monitoring {

namespace {

constexpr size_t kValuesForBins = 20;
constexpr size_t kMaxBins = 1'000'000;

// Edges of bins of equal width by Sturges' rule for `count` values. The order of the operations matters: where the
// logarithm is a whole number, rounding decides between n and n + 1 bins.
std::vector<double> sturges_edges(double least, double greatest, size_t count, bool whole_numbers) {
  if (least == greatest) return {least - 0.5, least + 0.5};
  double width = (greatest - least) / (std::log2(static_cast<double>(count)) + 1.0);
  if (whole_numbers && width < 1) width = 1;
  const auto bins =
      static_cast<size_t>(std::clamp(std::ceil((greatest - least) / width), 1.0, static_cast<double>(kMaxBins)));
  const double step = (greatest - least) / static_cast<double>(bins);
  std::vector<double> edges(bins + 1);
  for (size_t i = 0; i < bins; ++i) edges[i] = static_cast<double>(i) * step + least;
  edges[bins] = greatest;
  return edges;
}

// Half-open bins, the last one closed.
std::vector<uint64_t> histogram(std::span<const double> sorted, const std::vector<double>& edges) {
  std::vector<uint64_t> counts;
  auto from = std::lower_bound(sorted.begin(), sorted.end(), edges[0]);
  for (size_t i = 1; i < edges.size(); ++i) {
    const auto to = i + 1 < edges.size() ? std::lower_bound(from, sorted.end(), edges[i])
                                         : std::upper_bound(from, sorted.end(), edges[i]);
    counts.push_back(static_cast<uint64_t>(to - from));
    from = to;
  }
  return counts;
}

std::vector<double> shares(const std::vector<uint64_t>& counts, uint64_t total) {
  std::vector<double> out;
  for (const uint64_t count : counts) out.push_back(static_cast<double>(count) / static_cast<double>(total));
  return out;
}

// Logarithms need something instead of 0: 1e-4, or a millionth of the smallest share when that is below. The sum grows
// above one by it, as in Evidently.
std::vector<double> filled_shares(const std::vector<uint64_t>& counts, uint64_t total) {
  std::vector<double> out = shares(counts, total);
  double least = 1;
  for (const double share : out) least = share > 0 ? std::min(least, share) : least;
  const double fill = least <= 1e-4 ? least / 1e6 : 1e-4;
  for (double& share : out) share = share == 0 ? fill : share;
  return out;
}

double sum_of(const std::vector<double>& values) { return std::accumulate(values.begin(), values.end(), 0.0); }

double root_of_rest(double overlap) { return std::sqrt(1 - std::clamp(overlap, 0.0, 1.0)); }

}  // namespace

uint64_t CountPair::reference_total() const { return std::accumulate(reference.begin(), reference.end(), uint64_t{0}); }
uint64_t CountPair::current_total() const { return std::accumulate(current.begin(), current.end(), uint64_t{0}); }

CountPair count_values(const ColumnSample& reference, const ColumnSample& current) {
  CountPair out;
  if (reference.stored != tables::ColumnType::kText) {
    for_each_distinct(reference.sorted, current.sorted, [&](double value, size_t in1, size_t in2) {
      out.labels.push_back(text::format_double(value));
      out.reference.push_back(in1);
      out.current.push_back(in2);
    });
    return out;
  }
  auto i = reference.categories.begin();
  auto j = current.categories.begin();
  while (i != reference.categories.end() || j != current.categories.end()) {
    const bool from_first = j == current.categories.end() || (i != reference.categories.end() && i->first <= j->first);
    const bool from_second = i == reference.categories.end() || (j != current.categories.end() && j->first <= i->first);
    out.labels.push_back(from_first ? i->first : j->first);
    out.reference.push_back(from_first ? (i++)->second : 0);
    out.current.push_back(from_second ? (j++)->second : 0);
  }
  return out;
}

CountPair count_bins(const NumericPair& pair, size_t reference_distinct) {
  CountPair out;
  if (reference_distinct <= kValuesForBins) {
    for_each_distinct(pair.reference, pair.current, [&](double value, size_t in1, size_t in2) {
      out.labels.push_back(text::format_double(value));
      out.reference.push_back(in1);
      out.current.push_back(in2);
    });
    return out;
  }
  const double least = std::min(pair.reference.front(), pair.current.front());
  const double greatest = std::max(pair.reference.back(), pair.current.back());
  const auto edges = sturges_edges(least, greatest, pair.reference.size() + pair.current.size(), pair.whole_numbers);
  out.reference = histogram(pair.reference, edges);
  out.current = histogram(pair.current, edges);
  for (size_t i = 0; i + 1 < edges.size(); ++i) out.labels.push_back(text::format_double(edges[i]));
  return out;
}

double hellinger_numeric(const NumericPair& pair) {
  const double least = std::min(pair.reference.front(), pair.current.front());
  const double greatest = std::max(pair.reference.back(), pair.current.back());
  size_t distinct = 0;
  for_each_distinct(pair.reference, pair.current, [&](double, size_t, size_t) { ++distinct; });
  const auto edges = sturges_edges(least, greatest, distinct, pair.whole_numbers);
  const auto counts1 = histogram(pair.reference, edges);
  const auto counts2 = histogram(pair.current, edges);
  const double width = (edges.back() - edges.front()) / static_cast<double>(edges.size() - 1);
  double overlap = 0;
  for (size_t i = 0; i < counts1.size(); ++i) {
    const double own_width = edges[i + 1] - edges[i];
    const double density1 = static_cast<double>(counts1[i]) / own_width / static_cast<double>(pair.reference.size());
    const double density2 = static_cast<double>(counts2[i]) / own_width / static_cast<double>(pair.current.size());
    overlap += std::sqrt(density1 * density2) * width;
  }
  return root_of_rest(overlap);
}

double chi_square_p(const CountPair& counts) {
  const double scale = static_cast<double>(counts.current_total()) / static_cast<double>(counts.reference_total());
  double statistic = 0;
  for (size_t i = 0; i < counts.reference.size(); ++i) {
    const double expected = static_cast<double>(counts.reference[i]) * scale;
    const double off = static_cast<double>(counts.current[i]) - expected;
    statistic += off * off / expected;  // a category that the reference lacks: infinite, so p is 0
  }
  return chi_square_survival(statistic, static_cast<double>(counts.reference.size()) - 1);
}

double proportions_z_p(const CountPair& counts) {
  if (counts.reference.size() == 1) return 1.0;
  const auto n1 = static_cast<double>(counts.reference_total());
  const auto n2 = static_cast<double>(counts.current_total());
  // The least value against all others.
  const double share1 = (n1 - static_cast<double>(counts.reference[0])) / n1;
  const double share2 = (n2 - static_cast<double>(counts.current[0])) / n2;
  const double pooled = (share1 * n1 + share2 * n2) / (n1 + n2);
  const double z = std::abs((share1 - share2) / std::sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n2)));
  return 2 * normal_survival(z);
}

double jensen_shannon(const CountPair& counts) {
  const auto p = shares(counts.reference, counts.reference_total());
  const auto q = shares(counts.current, counts.current_total());
  const double whole1 = sum_of(p);
  const double whole2 = sum_of(q);
  double total = 0;
  for (size_t i = 0; i < p.size(); ++i) {
    const double a = p[i] / whole1;
    const double b = q[i] / whole2;
    const double middle = (a + b) / 2;
    if (a > 0) total += a * std::log(a / middle);
    if (b > 0) total += b * std::log(b / middle);
  }
  return std::sqrt(std::max(0.0, total) / 2);
}

double population_stability_index(const CountPair& counts) {
  const auto p = filled_shares(counts.reference, counts.reference_total());
  const auto q = filled_shares(counts.current, counts.current_total());
  double total = 0;
  for (size_t i = 0; i < p.size(); ++i) total += (p[i] - q[i]) * std::log(p[i] / q[i]);
  return total;
}

double kullback_leibler(const CountPair& counts) {
  const auto p = filled_shares(counts.reference, counts.reference_total());
  const auto q = filled_shares(counts.current, counts.current_total());
  const double whole1 = sum_of(p);
  const double whole2 = sum_of(q);
  double total = 0;
  for (size_t i = 0; i < p.size(); ++i) total += p[i] / whole1 * std::log((p[i] / whole1) / (q[i] / whole2));
  return total;
}

double hellinger_categorical(const CountPair& counts) {
  const auto p = shares(counts.reference, counts.reference_total());
  const auto q = shares(counts.current, counts.current_total());
  double overlap = 0;
  for (size_t i = 0; i < p.size(); ++i) overlap += std::sqrt(p[i] * q[i]);
  return root_of_rest(overlap);
}

}  // namespace slipway::monitoring
