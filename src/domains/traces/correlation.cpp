#include <algorithm>
#include <cmath>
#include <limits>

#include "domains/traces/analysis.h"
#include "domains/traces/trace_filter.h"

namespace slipway::traces {

namespace {

constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();

// Of a table of two by two counts, `both` to `neither`, with `smoothing` added to each.
double npmi_of(double both, double only_first, double only_second, double neither, double smoothing) {
  const bool always = only_first == 0 && only_second == 0 && neither == 0;
  both += smoothing;
  const double first = both + only_first + smoothing;
  const double second = both + only_second + smoothing;
  const double total = first + second - both + neither + smoothing;
  if (first <= 0 || second <= 0 || both <= 0) return kUndefined;
  if (always) return 1;
  const double pmi = std::log(both) + std::log(total) - std::log(first) - std::log(second);
  return std::clamp(pmi / (std::log(total) - std::log(both)), -1.0, 1.0);
}

}  // namespace

void compute_npmi(Correlation& correlation) {
  correlation.npmi = kUndefined;
  correlation.npmi_smoothed = kUndefined;
  const int64_t only_first = correlation.first - correlation.joint;
  const int64_t only_second = correlation.second - correlation.joint;
  const int64_t neither = correlation.total - correlation.first - correlation.second + correlation.joint;
  if (correlation.total <= 0 || correlation.first == 0 || correlation.second == 0) return;
  if (std::min({only_first, only_second, neither, correlation.joint}) < 0) return;
  const auto compute = [&](double smoothing) {
    return npmi_of(static_cast<double>(correlation.joint), static_cast<double>(only_first),
                   static_cast<double>(only_second), static_cast<double>(neither), smoothing);
  };
  correlation.npmi = correlation.joint == 0 ? -1 : compute(0);
  correlation.npmi_smoothed = compute(0.5);
}

Correlation Analysis::correlate(const std::vector<ExperimentId>& experiments, const std::string& first,
                                const std::string& second, const std::string& base) {
  const auto base_filter = tracking::parse_filter(base);
  const auto first_filter = tracking::parse_filter(first);
  const auto second_filter = tracking::parse_filter(second);
  Correlation out;
  database_.read([&](sql::Transaction& transaction) {
    const auto count = [&](std::initializer_list<const std::vector<tracking::Comparison>*> filters) {
      tracking::SelectBuilder select("SELECT COUNT(*) FROM traces t");
      add_experiments(select, experiments);
      for (const auto* filter : filters) add_trace_conditions(select, transaction.dialect(), *filter);
      return transaction.query_int(select.text(), select.values(1)).value_or(0);
    };
    out.total = count({&base_filter});
    out.first = count({&base_filter, &first_filter});
    out.second = count({&base_filter, &second_filter});
    out.joint = count({&base_filter, &first_filter, &second_filter});
  });
  compute_npmi(out);
  return out;
}

}  // namespace slipway::traces
