// The HTML page of one monitor: its windows over time.
#include <algorithm>
#include <cmath>
#include <limits>

#include "domains/monitoring/duration.h"
#include "domains/monitoring/monitors.h"
#include "foundation/base/text.h"
#include "foundation/html/page.h"

namespace slipway::monitoring {

namespace {

constexpr size_t kReportWindows = 60;
constexpr size_t kTableWindows = 12;
constexpr size_t kReportAlerts = 50;

std::string day(int64_t time_ms) { return text::format_time_ms(time_ms).substr(0, 10); }

std::string number(double value, int digits = 4) { return std::isnan(value) ? "" : text::format_fixed(value, digits); }

html::Markup chart(const std::string& title, const std::vector<Window>& windows,
                   const std::vector<std::string>& metrics, std::optional<double> threshold) {
  html::ChartOptions options;
  options.title = title;
  options.threshold = threshold;
  options.threshold_label = "alert";
  for (const Window& window : windows) options.labels.push_back(day(window.start_ms));
  std::vector<html::Series> series;
  for (const std::string& metric : metrics) {
    html::Series one;
    one.name = metric;
    for (const Window& window : windows) one.values.push_back(window.metric(metric));
    series.push_back(std::move(one));
  }
  return html::line_chart(series, options);
}

std::optional<double> threshold_of(const Monitor& monitor, const std::string& metric) {
  for (const AlertRule& rule : monitor.rules) {
    if (rule.metric == metric) return rule.threshold;
  }
  return std::nullopt;
}

html::Markup charts(const Monitor& monitor, const std::vector<Window>& windows) {
  html::Markup out = chart("Share of drifted columns", windows, {"drift_share"}, threshold_of(monitor, "drift_share"));
  out += chart("Live AUC", windows, {"auc"}, threshold_of(monitor, "auc"));
  out += chart("Prediction drift", windows, {"prediction_drift"}, threshold_of(monitor, "prediction_drift"));
  out += chart("Mean score and label coverage", windows, {"mean_score", "label_coverage"}, std::nullopt);
  return out;
}

html::Markup cell(const ColumnResult* column) {
  if (column == nullptr) return html::escaped("");
  const std::string text = column->method.empty() ? column->note : text::format_fixed(column->score, 3);
  return html::badge(text, column->drifted ? "bad" : "good");
}

html::Markup column_table(const std::vector<Window>& windows) {
  const size_t first = windows.size() > kTableWindows ? windows.size() - kTableWindows : 0;
  std::vector<std::string> headers = {"column", "method"};
  for (size_t i = first; i < windows.size(); ++i) headers.push_back(day(windows[i].start_ms));
  std::vector<std::vector<html::Markup>> rows;
  for (const ColumnResult& column : windows.back().columns) {
    std::vector<html::Markup> row = {html::escaped(column.name), html::escaped(column.method)};
    for (size_t i = first; i < windows.size(); ++i) row.push_back(cell(windows[i].find_column(column.name)));
    rows.push_back(std::move(row));
  }
  return html::heading(2, "Columns") + html::table(headers, rows);
}

html::Markup window_table(const std::vector<Window>& windows) {
  std::vector<std::vector<html::Markup>> rows;
  for (auto window = windows.rbegin(); window != windows.rend(); ++window) {
    std::vector<std::string> versions;
    for (const Performance& version : window->versions) versions.push_back(version.version);
    rows.push_back(
        {html::escaped(day(window->start_ms)), html::escaped(std::to_string(window->rows)),
         html::escaped(text::join(versions, ", ")), html::escaped(number(window->drift_share, 2)),
         html::badge(window->drifted ? "drift" : "stable", window->drifted ? "bad" : "good"),
         html::escaped(number(window->metric("prediction_drift"))), html::escaped(number(window->performance.auc)),
         html::escaped(number(window->performance.log_loss)), html::escaped(number(window->performance.brier)),
         html::escaped(number(window->label_coverage(), 2)), html::escaped(std::to_string(window->revision))});
  }
  return html::heading(2, "Windows") +
         html::table({"from", "rows", "model versions", "drift share", "verdict", "prediction drift", "AUC", "log loss",
                      "Brier", "labels", "computed"},
                     rows);
}

html::Markup alert_table(const std::vector<Alert>& alerts) {
  html::Markup out = html::heading(2, "Alerts");
  if (alerts.empty()) return out + html::paragraph("No alert so far.");
  std::vector<std::vector<html::Markup>> rows;
  for (const Alert& alert : alerts) {
    const bool firing = alert.state == AlertState::kFiring;
    rows.push_back({html::escaped(alert.rule), html::badge(firing ? "firing" : "resolved", firing ? "bad" : "neutral"),
                    html::escaped(day(alert.window_start_ms) + " to " + day(alert.window_end_ms)),
                    html::escaped(number(alert.value)), html::escaped(text::format_double(alert.threshold)),
                    html::escaped(alert.severity), html::escaped(alert.pipeline),
                    html::escaped(alert.resolved_end_ms == 0 ? "" : day(alert.resolved_end_ms))});
  }
  return out +
         html::table({"rule", "state", "window", "value", "threshold", "severity", "starts", "resolved by"}, rows);
}

}  // namespace

std::string Monitors::report_page(const std::string& name) const {
  const Monitor monitor = get(name);
  const std::vector<Window> windows = store_.list_windows(name, kReportWindows);
  html::Markup body;
  body += html::paragraph(text::concat("Model ", monitor.model, ", windows of ", format_duration(monitor.window_ms),
                                       ", reference ", monitor.reference.describe(), "."));
  if (const std::string error = last_error(name); !error.empty()) body += html::badge(error, "bad");
  if (windows.empty()) {
    body += html::paragraph("No window has closed yet.");
  } else {
    const Window& last = windows.back();
    body += html::tiles({{"windows", std::to_string(windows.size())},
                         {"rows in the last", std::to_string(last.rows)},
                         {"drift share", number(last.drift_share, 2)},
                         {"live AUC", number(last.performance.auc)},
                         {"label coverage", number(last.label_coverage(), 2)}});
    body += charts(monitor, windows);
    body += alert_table(store_.list_alerts(name, kReportAlerts));
    body += window_table(windows);
    body += column_table(windows);
  }
  return html::page(text::concat("Monitor ", name), body);
}

}  // namespace slipway::monitoring
