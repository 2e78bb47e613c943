// The latest closed window of each monitor as Prometheus gauges.
#include <algorithm>
#include <cmath>

#include "domains/monitoring/monitors.h"

namespace slipway::monitoring {

void Monitors::set_gauge(const Monitor& monitor, const std::string& name, const std::string& help,
                         const metrics::Labels& labels, double value) {
  registry_.gauge(name, help, labels).set(value);
  exposed_[monitor.name].emplace(name, labels);
}

void Monitors::forget_gauges(const std::string& monitor) {
  for (const auto& [name, labels] : exposed_[monitor]) registry_.remove(name, labels);
  exposed_.erase(monitor);
}

void Monitors::expose(const Monitor& monitor) {
  const std::vector<Window> latest = store_.list_windows(monitor.name, 1);
  if (latest.empty()) return;
  forget_gauges(monitor.name);  // columns and versions that are gone
  const Window& window = latest.front();
  // Two monitors may watch one model.
  const metrics::Labels own = {{"monitor", monitor.name}, {"model", monitor.model}};
  const auto with = [&own](metrics::Labels more) {
    more.insert(more.begin(), own.begin(), own.end());
    return more;
  };
  for (const ColumnResult& column : window.columns) {
    set_gauge(monitor, "slipway_drift_score", "Drift score of a column in the latest closed window",
              with({{"column", column.name}, {"method", column.method}}), column.score);
    set_gauge(monitor, "slipway_column_drift_detected", "1 when the column drifted in the latest closed window",
              with({{"column", column.name}}), column.drifted ? 1 : 0);
  }
  if (!window.columns.empty())
    set_gauge(monitor, "slipway_drift_share", "Share of drifted columns in the latest closed window", own,
              window.drift_share);
  if (window.prediction) {
    set_gauge(monitor, "slipway_prediction_drift", "Drift score of the predictions in the latest closed window", own,
              window.prediction->score);
  }
  set_gauge(monitor, "slipway_label_coverage", "Share of the latest closed window's predictions that have a label", own,
            window.label_coverage());
  for (const Performance& version : window.versions) {
    if (std::isnan(version.auc)) continue;
    set_gauge(monitor, "slipway_live_auc", "AUC on the labels of the latest closed window",
              with({{"version", version.version}}), version.auc);
  }
  for (const AlertRule& rule : monitor.rules) {
    const auto alerts = store_.list_alerts(monitor.name, 1000);
    const bool firing = std::any_of(alerts.begin(), alerts.end(), [&](const Alert& alert) {
      return alert.rule == rule.name && alert.state == AlertState::kFiring;
    });
    set_gauge(monitor, "slipway_alert_firing", "1 while the rule's alert is open", with({{"rule", rule.name}}),
              firing ? 1 : 0);
  }
}

}  // namespace slipway::monitoring
