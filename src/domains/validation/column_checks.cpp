#include "domains/validation/column_checks.h"

#include <algorithm>
#include <boost/regex.hpp>
#include <cmath>
#include <functional>
#include <unordered_set>

#include "foundation/base/error.h"
#include "foundation/base/text.h"
#include "foundation/tables/distinct.h"

namespace slipway::validation {

namespace {

using tables::Column;
using tables::ColumnType;

constexpr size_t kShownValue = 80;

std::string shortened(std::string value) {
  if (value.size() <= kShownValue) return value;
  size_t end = kShownValue;
  while (end > 0 && (static_cast<unsigned char>(value[end]) & 0xC0) == 0x80) --end;
  return value.substr(0, end) + "...";
}

std::string limit_text(double limit, ColumnType type) {
  if (type == ColumnType::kTime) return text::format_time_ms(static_cast<int64_t>(limit));
  const bool is_whole = limit == std::floor(limit) && std::fabs(limit) < 1e15;
  return is_whole ? text::format_fixed(limit, 0) : text::format_double(limit);
}

// Rows that break one rule.
class Findings {
 public:
  Findings(const Column& column, const ValidateOptions& options) : column_(column), options_(options) {}

  void add(size_t row) {
    if (examples_.size() < options_.max_examples) {
      examples_.push_back({row + 1, column_.is_missing(row) ? "" : shortened(column_.display(row))});
    }
    ++count_;
  }
  uint64_t count() const { return count_; }

  Anomaly anomaly(const std::string& rule, const std::string& message) const {
    Anomaly out;
    out.column = column_.name();
    out.rule = rule;
    out.message = message;
    out.count = count_;
    out.fraction = column_.size() == 0 ? 0 : static_cast<double>(count_) / static_cast<double>(column_.size());
    out.examples = examples_;
    return out;
  }

 private:
  const Column& column_;
  const ValidateOptions& options_;
  uint64_t count_ = 0;
  std::vector<Example> examples_;
};

// The text of a cell as a number of that type; a time as its milliseconds.
std::optional<double> read_as(ColumnType type, std::string_view cell) {
  if (type == ColumnType::kDouble) return text::parse_double(cell);
  std::optional<int64_t> value;
  if (type == ColumnType::kInteger) value = text::parse_int(cell);
  if (type == ColumnType::kTime) value = text::parse_time_ms(cell);
  if (type == ColumnType::kBoolean && (cell == "true" || cell == "false")) value = cell == "true" ? 1 : 0;
  if (!value) return std::nullopt;
  return static_cast<double>(*value);
}

// The number in a cell as the rule's type sees it; nothing when the cell is not of that type.
std::optional<double> number_in(const Column& column, size_t row, ColumnType wanted) {
  if (column.type() == ColumnType::kText) return read_as(wanted, column.text(row));
  const double value = column.number(row);
  if (column.type() == wanted) return value;
  const bool are_numbers = (column.type() == ColumnType::kInteger || column.type() == ColumnType::kDouble) &&
                           (wanted == ColumnType::kInteger || wanted == ColumnType::kDouble);
  if (!are_numbers) return std::nullopt;
  const bool is_whole = std::isfinite(value) && value == std::floor(value);
  if (wanted == ColumnType::kInteger && !is_whole) return std::nullopt;
  return value;
}

bool is_of_type(const Column& column, size_t row, const ColumnRule& rule) {
  if (!rule.type || *rule.type == column.type()) return true;
  if (*rule.type == ColumnType::kText) return false;
  return number_in(column, row, *rule.type).has_value();
}

// One pass over the cells that are present and of the type; the others are findings of other rules.
class ColumnCheck {
 public:
  ColumnCheck(const Column& column, const ColumnRule& rule, const ValidateOptions& options)
      : column_(column), rule_(rule), options_(options) {}

  std::vector<Anomaly> run() {
    check_missing();
    check_types();
    check_limits();
    check_values();
    check_pattern();
    check_unique();
    return std::move(anomalies_);
  }

 private:
  // Calls `breaks` for each cell and reports the rows where it says yes, when there are more than `tolerated`.
  void report(const std::string& rule, const std::string& message, double tolerated,
              const std::function<bool(size_t)>& breaks) {
    Findings findings(column_, options_);
    for (size_t row = 0; row < column_.size(); ++row) {
      if (!column_.is_missing(row) && is_of_type(column_, row, rule_) && breaks(row)) findings.add(row);
    }
    const auto present = static_cast<double>(column_.size() - column_.missing_count());
    if (static_cast<double>(findings.count()) > tolerated * present) {
      anomalies_.push_back(findings.anomaly(rule, message));
    }
  }

  void check_missing() {
    const auto rows = static_cast<double>(column_.size());
    if (static_cast<double>(column_.missing_count()) <= rule_.max_missing_fraction * rows) return;
    Findings findings(column_, options_);
    for (size_t row = 0; row < column_.size(); ++row) {
      if (column_.is_missing(row)) findings.add(row);
    }
    const std::string allowed = rule_.max_missing_fraction == 0
                                    ? "no cell may be missing"
                                    : text::concat("at most ", text::format_fixed(rule_.max_missing_fraction * 100, 2),
                                                   " % of the cells may be missing");
    anomalies_.push_back(findings.anomaly("missing", allowed));
  }

  void check_types() {
    if (!rule_.type || *rule_.type == column_.type()) return;
    Findings findings(column_, options_);
    for (size_t row = 0; row < column_.size(); ++row) {
      if (!column_.is_missing(row) && !is_of_type(column_, row, rule_)) findings.add(row);
    }
    if (findings.count() == 0) return;
    anomalies_.push_back(findings.anomaly("type", text::concat("not of type ", tables::name_of(*rule_.type))));
  }

  void check_limits() {
    const ColumnType type = rule_.type.value_or(column_.type());
    if (type == ColumnType::kText) return;
    const auto shown = [&](double limit) { return limit_text(limit, type); };
    if (rule_.min) {
      report("min", "under " + shown(*rule_.min), 0, [&](size_t row) {
        const auto value = number_in(column_, row, type);
        return value && *value < *rule_.min;
      });
    }
    if (!rule_.max) return;
    report("max", "over " + shown(*rule_.max), 0, [&](size_t row) {
      const auto value = number_in(column_, row, type);
      return value && *value > *rule_.max;
    });
  }

  void check_values() {
    if (rule_.values.empty()) return;
    const std::unordered_set<std::string> allowed(rule_.values.begin(), rule_.values.end());
    report("values", "not among the allowed values", rule_.max_unknown_fraction,
           [&](size_t row) { return !allowed.contains(column_.display(row)); });
  }

  void check_pattern() {
    if (rule_.pattern.empty()) return;
    try {
      const boost::regex pattern(rule_.pattern);
      report("pattern", "does not match " + rule_.pattern, 0,
             [&](size_t row) { return !boost::regex_match(column_.display(row), pattern); });
    } catch (const boost::regex_error& error) {
      throw invalid_argument("column '", rule_.name, "': the pattern '", rule_.pattern,
                             "' cannot be used: ", error.what());
    }
  }

  void check_unique() {
    if (!rule_.is_unique) return;
    // Every row but the first of each value; without a limit, so that each is found.
    const tables::DistinctValues distinct = tables::count_distinct(column_, column_.size());
    std::unordered_set<size_t> firsts;
    for (const tables::DistinctValue& value : distinct.values) firsts.insert(value.first_row);
    report("unique", "occurs before", 0, [&](size_t row) { return !firsts.contains(row); });
  }

  const Column& column_;
  const ColumnRule& rule_;
  const ValidateOptions& options_;
  std::vector<Anomaly> anomalies_;
};

}  // namespace

std::vector<Anomaly> check_column(const Column& column, const ColumnRule& rule, const ValidateOptions& options) {
  return ColumnCheck(column, rule, options).run();
}

}  // namespace slipway::validation
