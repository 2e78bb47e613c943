// Windows as JSON: the stored row and what the API answers.
#include <cmath>
#include <limits>

#include "domains/monitoring/monitor.h"
#include "foundation/base/error.h"
#include "foundation/base/json.h"

namespace slipway::monitoring {

namespace {

// A metric that does not exist (no labels yet, one class only) is null.
json::value metric_json(double value) { return std::isfinite(value) ? json::value(value) : json::value(nullptr); }

double metric_of(const json::object& from, std::string_view key) {
  return json::find_double(from, key).value_or(std::numeric_limits<double>::quiet_NaN());
}

json::object column_json(const ColumnResult& column) {
  json::object out;
  out["column"] = column.name;
  out["method"] = column.method;
  out["score"] = metric_json(column.score);
  out["threshold"] = column.threshold;
  out["drifted"] = column.drifted;
  out["missing_share"] = column.missing_share;
  if (!column.note.empty()) out["note"] = column.note;
  return out;
}

ColumnResult parse_column(const json::object& from) {
  ColumnResult out;
  out.name = json::get_string(from, "column");
  out.method = json::get_string(from, "method");
  out.score = metric_of(from, "score");
  out.threshold = json::get_double(from, "threshold");
  out.drifted = json::find_bool(from, "drifted").value_or(false);
  out.missing_share = json::get_double(from, "missing_share");
  out.note = json::find_string(from, "note").value_or("");
  return out;
}

json::object performance_json(const Performance& performance) {
  json::object out;
  if (!performance.version.empty()) out["model_version"] = performance.version;
  out["rows"] = performance.rows;
  out["labelled"] = performance.labelled;
  out["auc"] = metric_json(performance.auc);
  out["log_loss"] = metric_json(performance.log_loss);
  out["brier"] = metric_json(performance.brier);
  return out;
}

Performance parse_performance(const json::object& from) {
  Performance out;
  out.version = json::find_string(from, "model_version").value_or("");
  out.rows = static_cast<size_t>(json::get_int(from, "rows"));
  out.labelled = static_cast<size_t>(json::get_int(from, "labelled"));
  out.auc = metric_of(from, "auc");
  out.log_loss = metric_of(from, "log_loss");
  out.brier = metric_of(from, "brier");
  return out;
}

}  // namespace

std::string window_json(const Window& window) {
  json::object out;
  out["start_ms"] = window.start_ms;
  out["end_ms"] = window.end_ms;
  out["revision"] = window.revision;
  out["evaluated_ms"] = window.evaluated_ms;
  out["rows"] = window.rows;
  out["mean_score"] = metric_json(window.mean_score);
  out["drift_share"] = metric_json(window.drift_share);
  out["drifted"] = window.drifted;
  out["prediction_drift"] = window.prediction ? json::value(column_json(*window.prediction)) : json::value(nullptr);
  out["label_coverage"] = window.label_coverage();
  out["performance"] = performance_json(window.performance);
  json::array versions;
  for (const Performance& version : window.versions) versions.push_back(performance_json(version));
  out["versions"] = std::move(versions);
  json::array columns;
  for (const ColumnResult& column : window.columns) columns.push_back(column_json(column));
  out["columns"] = std::move(columns);
  out["reference"] = window.reference;
  return json::write(out);
}

Window parse_window(const std::string& document) {
  const json::value parsed = json::parse(document);
  const json::object& root = json::as_object(parsed, "window");
  Window out;
  out.start_ms = json::get_int(root, "start_ms");
  out.end_ms = json::get_int(root, "end_ms");
  out.revision = json::get_int(root, "revision");
  out.evaluated_ms = json::get_int(root, "evaluated_ms");
  out.rows = static_cast<size_t>(json::get_int(root, "rows"));
  out.mean_score = metric_of(root, "mean_score");
  out.drift_share = metric_of(root, "drift_share");
  out.drifted = json::find_bool(root, "drifted").value_or(false);
  if (const json::value* prediction = json::find(root, "prediction_drift")) {
    out.prediction = parse_column(json::as_object(*prediction, "prediction_drift"));
  }
  out.performance = parse_performance(json::get_object(root, "performance"));
  for (const json::value& version : json::get_array(root, "versions")) {
    out.versions.push_back(parse_performance(json::as_object(version, "version")));
  }
  for (const json::value& column : json::get_array(root, "columns"))
    out.columns.push_back(parse_column(json::as_object(column, "column")));
  out.reference = json::get_string(root, "reference");
  return out;
}

}  // namespace slipway::monitoring
