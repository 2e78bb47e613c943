#include "domains/training/logistic.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <thread>
#include <vector>

#include "foundation/base/error.h"

namespace slipway::training {

namespace {

using packaging::FeatureKind;
using packaging::LogisticModel;

// Rows are summed in this many fixed parts, then part by part: the number of threads changes nothing.
constexpr size_t kParts = 8;
constexpr int kMaxSteps = 50;
constexpr size_t kMaxWeights = 1000;
constexpr size_t kNone = static_cast<size_t>(-1);
// Rows that a category's log-odds are drawn towards the overall ones by.
constexpr double kSmoothingRows = 20;

// How a feature becomes weights.
struct Slot {
  size_t first = 0;              // its first weight
  size_t missing = kNone;        // weight of "is missing"
  size_t categories = 0;         // one-hot: weights first .. first + categories - 1
  std::vector<double> log_odds;  // instead of one-hot: value of each category, one weight
  double mean = 0;
  double scale = 1;
};

struct Design {
  std::vector<Slot> slots;
  size_t weights = 1;  // weight 0 is the bias
};

struct Entry {
  size_t weight = 0;
  double value = 0;
};

double log_odds(double positives, double rows, double base_rate) {
  const double rate = (positives + kSmoothingRows * base_rate) / (rows + kSmoothingRows);
  return std::log(rate / (1 - rate));
}

void standardise(std::span<const double> column, Slot& slot) {
  double count = 0;
  double sum = 0;
  for (const double value : column) {
    if (std::isnan(value)) continue;
    ++count;
    sum += value;
  }
  if (count == 0) return;
  slot.mean = sum / count;
  double squares = 0;
  for (const double value : column) {
    if (!std::isnan(value)) squares += (value - slot.mean) * (value - slot.mean);
  }
  const double deviation = std::sqrt(squares / count);
  if (deviation > 1e-12 * (1 + std::abs(slot.mean))) slot.scale = deviation;
}

// The log-odds of each category less the overall ones, so that 0 stands for "unknown".
std::vector<double> target_values(std::span<const double> column, std::span<const uint8_t> labels, size_t categories) {
  std::vector<double> positives(categories);
  std::vector<double> rows(categories);
  double all_positives = 0;
  for (size_t i = 0; i < column.size(); ++i) {
    all_positives += labels[i];
    if (std::isnan(column[i])) continue;
    rows[static_cast<size_t>(column[i])] += 1;
    positives[static_cast<size_t>(column[i])] += labels[i];
  }
  const double base_rate = all_positives / static_cast<double>(column.size());
  std::vector<double> values(categories);
  const double base = std::log(base_rate / (1 - base_rate));
  for (size_t i = 0; i < categories; ++i) values[i] = log_odds(positives[i], rows[i], base_rate) - base;
  return values;
}

Design design_of(const engines::MatrixView& matrix, std::span<const uint8_t> labels,
                 const packaging::Encoding& encoding, size_t max_one_hot) {
  Design design;
  for (size_t place = 0; place < matrix.columns; ++place) {
    const packaging::Feature& feature = encoding.features()[place];
    const std::span<const double> column = matrix.values.subspan(place * matrix.rows, matrix.rows);
    Slot slot;
    slot.first = design.weights;
    const size_t categories = feature.categories.size();
    if (feature.kind == FeatureKind::kNumber) {
      standardise(column, slot);
      design.weights += 1;
    } else if (categories <= max_one_hot) {
      slot.categories = categories;
      design.weights += categories;
    } else {
      slot.log_odds = target_values(column, labels, categories);
      design.weights += 1;
    }
    if (std::ranges::any_of(column, [](double value) { return std::isnan(value); })) slot.missing = design.weights++;
    design.slots.push_back(std::move(slot));
  }
  return design;
}

// The entries of a row that are not 0, by rising weight.
void read_row(const engines::MatrixView& matrix, const Design& design, const packaging::Encoding& encoding, size_t row,
              std::vector<Entry>& entries) {
  entries.clear();
  entries.push_back({0, 1});
  for (size_t place = 0; place < design.slots.size(); ++place) {
    const Slot& slot = design.slots[place];
    const double value = matrix.values[place * matrix.rows + row];
    if (std::isnan(value)) {
      if (slot.missing != kNone) entries.push_back({slot.missing, 1});
    } else if (encoding.features()[place].kind == FeatureKind::kNumber) {
      entries.push_back({slot.first, (value - slot.mean) / slot.scale});
    } else if (!slot.log_odds.empty()) {
      entries.push_back({slot.first, slot.log_odds[static_cast<size_t>(value)]});
    } else {
      entries.push_back({slot.first + static_cast<size_t>(value), 1});
    }
  }
}

// Loss with its first and second derivatives; of the second the lower triangle.
struct Sums {
  double loss = 0;
  std::vector<double> gradient;
  std::vector<double> hessian;
};

class Problem {
 public:
  Problem(const engines::MatrixView& matrix, std::span<const uint8_t> labels, const packaging::Encoding& encoding,
          const LogisticOptions& options)
      : matrix_(matrix), labels_(labels), encoding_(encoding), options_(options) {
    for (size_t limit = options.max_one_hot_categories;; limit /= 4) {
      design_ = design_of(matrix, labels, encoding, limit);
      if (design_.weights <= kMaxWeights || limit == 0) break;
    }
  }

  const Design& design() const { return design_; }

  Sums evaluate(const std::vector<double>& weights) const {
    std::vector<Sums> parts(kParts);
    std::atomic<size_t> next{0};
    const auto work = [&] {
      for (size_t part = next++; part < kParts; part = next++) parts[part] = evaluate_part(weights, part);
    };
    const int threads = options_.threads > 0 ? options_.threads : static_cast<int>(std::thread::hardware_concurrency());
    std::vector<std::jthread> others;
    for (int i = 1; i < threads; ++i) others.emplace_back(work);
    work();
    others.clear();
    Sums sums = std::move(parts[0]);
    for (size_t part = 1; part < kParts; ++part) {
      sums.loss += parts[part].loss;
      for (size_t i = 0; i < sums.gradient.size(); ++i) sums.gradient[i] += parts[part].gradient[i];
      for (size_t i = 0; i < sums.hessian.size(); ++i) sums.hessian[i] += parts[part].hessian[i];
    }
    const size_t width = design_.weights;
    for (size_t i = 1; i < width; ++i) {  // the bias is free
      sums.loss += 0.5 * options_.l2 * weights[i] * weights[i];
      sums.gradient[i] += options_.l2 * weights[i];
      sums.hessian[i * width + i] += options_.l2;
    }
    return sums;
  }

 private:
  Sums evaluate_part(const std::vector<double>& weights, size_t part) const {
    const size_t width = design_.weights;
    Sums sums;
    sums.gradient.resize(width);
    sums.hessian.resize(width * width);
    std::vector<Entry> entries;
    const size_t end = matrix_.rows * (part + 1) / kParts;
    for (size_t row = matrix_.rows * part / kParts; row < end; ++row) {
      read_row(matrix_, design_, encoding_, row, entries);
      double margin = 0;
      for (const Entry& entry : entries) margin += weights[entry.weight] * entry.value;
      const double label = labels_[row];
      const double chance = 1 / (1 + std::exp(-margin));
      // log(1 + e^m) - label * m without overflow.
      sums.loss += std::max(margin, 0.0) + std::log1p(std::exp(-std::abs(margin))) - label * margin;
      const double curvature = chance * (1 - chance);
      for (size_t i = 0; i < entries.size(); ++i) {
        sums.gradient[entries[i].weight] += (chance - label) * entries[i].value;
        double* line = sums.hessian.data() + entries[i].weight * width;
        const double scaled = curvature * entries[i].value;
        for (size_t j = 0; j <= i; ++j) line[entries[j].weight] += scaled * entries[j].value;
      }
    }
    return sums;
  }

  engines::MatrixView matrix_;
  std::span<const uint8_t> labels_;
  const packaging::Encoding& encoding_;
  LogisticOptions options_;
  Design design_;
};

// Solves hessian * x = gradient by Cholesky, in place. What rounding makes not positive is held at a tiny pivot.
std::vector<double> solve(std::vector<double> hessian, std::vector<double> x) {
  const size_t n = x.size();
  for (size_t i = 0; i < n; ++i) {
    double* row = hessian.data() + i * n;
    for (size_t j = 0; j <= i; ++j) {
      const double* other = hessian.data() + j * n;
      double sum = row[j];
      for (size_t k = 0; k < j; ++k) sum -= row[k] * other[k];
      row[j] = i == j ? std::sqrt(std::max(sum, 1e-12)) : sum / other[j];
    }
  }
  for (size_t i = 0; i < n; ++i) {
    for (size_t k = 0; k < i; ++k) x[i] -= hessian[i * n + k] * x[k];
    x[i] /= hessian[i * n + i];
  }
  for (size_t i = n; i-- > 0;) {
    for (size_t k = i + 1; k < n; ++k) x[i] -= hessian[k * n + i] * x[k];
    x[i] /= hessian[i * n + i];
  }
  return x;
}

std::vector<double> minimise(const Problem& problem) {
  std::vector<double> weights(problem.design().weights);
  Sums sums = problem.evaluate(weights);
  for (int step = 0; step < kMaxSteps; ++step) {
    const std::vector<double> direction = solve(std::move(sums.hessian), std::move(sums.gradient));
    double size = 1;
    std::vector<double> candidate = weights;
    Sums next;
    for (int halving = 0; halving < 30; ++halving, size /= 2) {
      for (size_t i = 0; i < weights.size(); ++i) candidate[i] = weights[i] - size * direction[i];
      next = problem.evaluate(candidate);
      if (next.loss <= sums.loss) break;
    }
    if (!(next.loss <= sums.loss)) break;
    const double gain = sums.loss - next.loss;
    weights = std::move(candidate);
    sums = std::move(next);
    if (gain <= 1e-12 * sums.loss) break;
  }
  return weights;
}

}  // namespace

LogisticModel fit_logistic(const engines::MatrixView& matrix, std::span<const uint8_t> labels,
                           const packaging::Encoding& encoding, const LogisticOptions& options) {
  if (matrix.layout != engines::Layout::kColumns || labels.size() != matrix.rows) {
    throw internal_error("a logistic regression is fitted on columns with a label each");
  }
  const Problem problem(matrix, labels, encoding, options);
  const std::vector<double> weights = minimise(problem);
  LogisticModel model;
  model.bias = weights[0];
  for (const Slot& slot : problem.design().slots) {
    LogisticModel::Term term;
    term.missing = slot.missing == kNone ? 0 : weights[slot.missing];
    if (!slot.log_odds.empty()) {
      for (const double value : slot.log_odds) term.categories.push_back(value * weights[slot.first]);
    } else if (slot.categories != 0) {
      const auto first = weights.begin() + static_cast<ptrdiff_t>(slot.first);
      term.categories.assign(first, first + static_cast<ptrdiff_t>(slot.categories));
    } else if (slot.first < weights.size() && slot.first != slot.missing) {
      term.mean = slot.mean;
      term.scale = slot.scale;
      term.weight = weights[slot.first];
    }
    model.terms.push_back(std::move(term));
  }
  return model;
}

}  // namespace slipway::training
