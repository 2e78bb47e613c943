#include "domains/monitoring/monitor.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "foundation/base/text.h"

namespace slipway::monitoring {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr std::string_view kOfColumnDrift = "column_drift:";
constexpr std::string_view kOfMissingShare = "missing_share:";

double greatest_missing_share(const Window& window) {
  double out = window.columns.empty() ? kNaN : 0;
  for (const ColumnResult& column : window.columns) out = std::max(out, column.missing_share);
  return out;
}

// Nothing when the name is not one of these.
std::optional<double> plain_metric(const Window& window, const std::string& name) {
  if (name == "drift_share") return window.columns.empty() ? kNaN : window.drift_share;
  if (name == "prediction_drift") return window.prediction ? window.prediction->score : kNaN;
  if (name == "missing_share") return greatest_missing_share(window);
  if (name == "mean_score") return window.mean_score;
  if (name == "label_coverage") return window.label_coverage();
  if (name == "rows") return static_cast<double>(window.rows);
  if (name == "auc") return window.performance.auc;
  if (name == "log_loss") return window.performance.log_loss;
  if (name == "brier") return window.performance.brier;
  return std::nullopt;
}

}  // namespace

std::string ReferenceSource::describe() const {
  return path.empty() ? text::concat("runs:/", run_id, "/", artifact_path) : path;
}

int64_t Monitor::window_start(int64_t time_ms) const {
  const int64_t since = time_ms - window_origin_ms;
  const int64_t rest = ((since % window_ms) + window_ms) % window_ms;
  return time_ms - rest;
}

bool holds(Comparison comparison, double value, double threshold) {
  switch (comparison) {
    case Comparison::kAbove:
      return value > threshold;
    case Comparison::kAtLeast:
      return value >= threshold;
    case Comparison::kBelow:
      return value < threshold;
    case Comparison::kAtMost:
      return value <= threshold;
  }
  return false;
}

std::string_view symbol_of(Comparison comparison) {
  switch (comparison) {
    case Comparison::kAbove:
      return ">";
    case Comparison::kAtLeast:
      return ">=";
    case Comparison::kBelow:
      return "<";
    case Comparison::kAtMost:
      return "<=";
  }
  return "";
}

bool is_performance(const std::string& metric) { return metric == "auc" || metric == "log_loss" || metric == "brier"; }

double Window::label_coverage() const {
  return rows == 0 ? 0.0 : static_cast<double>(performance.labelled) / static_cast<double>(rows);
}

const ColumnResult* Window::find_column(std::string_view name) const {
  const auto found =
      std::find_if(columns.begin(), columns.end(), [&](const ColumnResult& column) { return column.name == name; });
  return found == columns.end() ? nullptr : &*found;
}

std::optional<std::string> column_of_metric(const std::string& metric) {
  for (const std::string_view start : {kOfColumnDrift, kOfMissingShare}) {
    if (metric.starts_with(start)) return metric.substr(start.size());
  }
  return std::nullopt;
}

double Window::metric(const std::string& name) const {
  if (rows == 0 && name != "rows") return kNaN;
  if (const auto plain = plain_metric(*this, name)) return *plain;
  const auto of = column_of_metric(name);
  const ColumnResult* column = of ? find_column(*of) : nullptr;
  if (column == nullptr) return kNaN;
  return name.starts_with(kOfColumnDrift) ? column->score : column->missing_share;
}

}  // namespace slipway::monitoring
