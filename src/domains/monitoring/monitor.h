// What a monitor is: which model it watches, over which windows of event time, against which reference, and the rules
// that raise alerts. Plain values; monitors.h does the work.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "domains/monitoring/drift.h"

namespace slipway::monitoring {

// Where the reference table is: an artifact of a run, or a file of the server.
struct ReferenceSource {
  std::string run_id;
  std::string artifact_path;
  std::string path;
  std::string score_column;  // the scores on the reference; "" looks for probability, prediction, score

  std::string describe() const;
};

enum class Comparison { kAbove, kAtLeast, kBelow, kAtMost };

// Fires when `metric` compares with `threshold` in `consecutive` windows one after another. Metrics: drift_share,
// prediction_drift, column_drift:COLUMN, missing_share (the greatest), missing_share:COLUMN, mean_score,
// label_coverage, rows, and once enough labels are there auc, log_loss, brier.
struct AlertRule {
  std::string name;
  std::string metric;
  Comparison comparison = Comparison::kAbove;
  double threshold = 0;
  int consecutive = 1;
  int64_t cool_down_ms = 0;  // of event time, between two notifications of the rule
  std::string pipeline;      // to start; "" for none
  std::string severity = "warning";
};

struct Monitor {
  std::string name;
  std::string model;
  int64_t window_ms = 7 * int64_t{86'400'000};
  int64_t lateness_ms = 0;       // a window closes when an event this much later than its end was seen
  int64_t window_origin_ms = 0;  // windows start at this time plus a multiple of their length
  ReferenceSource reference;
  std::vector<std::string> columns;  // empty: every input that the reference has
  std::string drift_yaml;            // the drift settings as given (JSON is YAML), for parse_drift_config
  size_t min_rows = 1;               // windows with fewer are not judged by rules
  double min_label_coverage = 0.5;   // for the rules on performance
  std::vector<AlertRule> rules;

  int64_t window_start(int64_t time_ms) const;
};

// From and to JSON text (the HTTP body, the stored row). Durations are "7d", "36h", "15m", "30s". Throws
// invalid_argument that names the key. `name` wins over a name in the text.
Monitor parse_monitor(const std::string& name, const std::string& document);
std::string monitor_json(const Monitor& monitor);

bool holds(Comparison comparison, double value, double threshold);
std::string_view symbol_of(Comparison comparison);
// Whether the metric needs labels.
bool is_performance(const std::string& metric);
// The column of column_drift:COLUMN and missing_share:COLUMN; nothing for others.
std::optional<std::string> column_of_metric(const std::string& metric);

// One column of one window.
struct ColumnResult {
  std::string name;
  std::string method;
  double score = 0;
  double threshold = 0;
  bool drifted = false;
  double missing_share = 0;
  std::string note;
};

// How the scores fared against the labels that have arrived.
struct Performance {
  std::string version;  // "" for all
  size_t rows = 0;
  size_t labelled = 0;
  double auc = 0;
  double log_loss = 0;
  double brier = 0;
};

struct Window {
  int64_t start_ms = 0;
  int64_t end_ms = 0;
  int64_t revision = 1;  // how often it was computed; late rows and labels raise it
  int64_t evaluated_ms = 0;
  size_t rows = 0;
  double mean_score = 0;
  std::vector<ColumnResult> columns;
  double drift_share = 0;
  bool drifted = false;
  std::optional<ColumnResult> prediction;  // nothing without scores in the reference
  Performance performance;
  std::vector<Performance> versions;
  std::string reference;  // what it was compared with

  double label_coverage() const;
  const ColumnResult* find_column(std::string_view name) const;
  // NaN when the window does not have it.
  double metric(const std::string& name) const;
};

std::string window_json(const Window& window);
Window parse_window(const std::string& document);

enum class AlertState { kFiring, kResolved };

struct Alert {
  int64_t id = 0;
  std::string monitor;
  std::string rule;
  AlertState state = AlertState::kFiring;
  int64_t window_start_ms = 0;  // that fired it, or notified last
  int64_t window_end_ms = 0;
  double value = 0;
  double threshold = 0;
  std::string severity;
  std::string pipeline;
  int64_t fired_ms = 0;         // by the clock
  int64_t notified_end_ms = 0;  // end of the window of the last notification
  int64_t resolved_end_ms = 0;  // end of the window that resolved it; 0 while firing
};

}  // namespace slipway::monitoring
