// Monitors as JSON: the body of PUT, the stored row, and what YAML files become.
#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "domains/monitoring/duration.h"
#include "domains/monitoring/monitor.h"
#include "foundation/base/error.h"
#include "foundation/base/json.h"

namespace slipway::monitoring {

namespace {

constexpr size_t kMaxName = 200;
constexpr size_t kMaxRules = 100;
constexpr std::array<Comparison, 4> kComparisons = {Comparison::kAbove, Comparison::kAtLeast, Comparison::kBelow,
                                                    Comparison::kAtMost};
constexpr std::array<std::string_view, 9> kMetrics = {"drift_share", "prediction_drift", "missing_share",
                                                      "mean_score",  "label_coverage",   "rows",
                                                      "auc",         "log_loss",         "brier"};

void refuse_unknown(const json::object& from, std::initializer_list<std::string_view> known, std::string_view where) {
  for (const auto& member : from) {
    if (std::find(known.begin(), known.end(), std::string_view(member.key())) != known.end()) continue;
    const std::vector<std::string> names(known.begin(), known.end());
    throw invalid_argument("unknown key '", std::string_view(member.key()), "' in ", where, "; known are ",
                           text::join(names, ", "));
  }
}

int64_t duration_or(const json::object& from, std::string_view key, int64_t otherwise_ms) {
  const auto text = json::find_string(from, key);
  return text ? parse_duration_ms(*text, key) : otherwise_ms;
}

ReferenceSource parse_reference(const json::object& from) {
  refuse_unknown(from, {"run_id", "artifact_path", "path", "score_column"}, "reference");
  ReferenceSource out;
  out.run_id = json::find_string(from, "run_id").value_or("");
  out.artifact_path = json::find_string(from, "artifact_path").value_or("");
  out.path = json::find_string(from, "path").value_or("");
  out.score_column = json::find_string(from, "score_column").value_or("");
  const bool by_run = !out.run_id.empty() && !out.artifact_path.empty();
  if (by_run == !out.path.empty()) throw invalid_argument("reference needs run_id and artifact_path, or path");
  return out;
}

void check_metric(const std::string& metric) {
  const auto column = column_of_metric(metric);
  if ((column && !column->empty()) || std::find(kMetrics.begin(), kMetrics.end(), metric) != kMetrics.end()) return;
  const std::vector<std::string> names(kMetrics.begin(), kMetrics.end());
  throw invalid_argument("unknown metric '", metric, "'; known are ", text::join(names, ", "),
                         ", column_drift:COLUMN, missing_share:COLUMN");
}

Comparison parse_comparison(const std::string& symbol) {
  for (const Comparison comparison : kComparisons) {
    if (symbol_of(comparison) == symbol) return comparison;
  }
  throw invalid_argument("op must be one of >, >=, <, <=, got '", symbol, "'");
}

AlertRule parse_rule(const json::object& from) {
  refuse_unknown(from, {"name", "metric", "op", "threshold", "for", "cool_down", "action", "severity"}, "rule");
  AlertRule out;
  out.name = json::get_string(from, "name");
  if (out.name.empty() || out.name.size() > kMaxName)
    throw invalid_argument("a rule needs a name of at most ", kMaxName, " bytes");
  out.metric = json::get_string(from, "metric");
  check_metric(out.metric);
  out.comparison = parse_comparison(json::get_string(from, "op"));
  out.threshold = json::get_double(from, "threshold");
  if (!std::isfinite(out.threshold)) throw invalid_argument("threshold of rule '", out.name, "' must be a number");
  const int64_t consecutive = json::find_int(from, "for").value_or(1);
  if (consecutive < 1 || consecutive > 1000)
    throw invalid_argument("for must be a number of windows from 1 to 1000, got ", consecutive);
  out.consecutive = static_cast<int>(consecutive);
  out.cool_down_ms = duration_or(from, "cool_down", 0);
  if (const json::value* action = json::find(from, "action")) {
    const json::object& object = json::as_object(*action, "action");
    refuse_unknown(object, {"pipeline"}, "action");
    out.pipeline = json::get_string(object, "pipeline");
  }
  out.severity = json::find_string(from, "severity").value_or(out.severity);
  return out;
}

std::vector<AlertRule> parse_rules(const json::object& root) {
  std::vector<AlertRule> out;
  if (json::find(root, "rules") == nullptr) return out;
  std::set<std::string> names;
  for (const json::value& rule : json::get_array(root, "rules")) {
    out.push_back(parse_rule(json::as_object(rule, "rule")));
    if (!names.insert(out.back().name).second) throw invalid_argument("two rules are named '", out.back().name, "'");
    if (out.size() > kMaxRules) throw invalid_argument("a monitor has at most ", kMaxRules, " rules");
  }
  return out;
}

int64_t parse_origin(const json::object& root) {
  const auto text = json::find_string(root, "window_origin");
  if (!text) return 0;
  const auto time_ms = text::parse_time_ms(*text);
  if (!time_ms) throw invalid_argument("window_origin must be a date or time in ISO 8601, got '", *text, "'");
  return *time_ms;
}

void parse_amounts(const json::object& root, Monitor& out) {
  out.window_ms = duration_or(root, "window", out.window_ms);
  if (out.window_ms < 60'000) throw invalid_argument("window must be at least 1m");
  out.lateness_ms = duration_or(root, "lateness", 0);
  out.window_origin_ms = parse_origin(root);
  const int64_t min_rows = json::find_int(root, "min_rows").value_or(1);
  if (min_rows < 1) throw invalid_argument("min_rows must be at least 1, got ", min_rows);
  out.min_rows = static_cast<size_t>(min_rows);
  out.min_label_coverage = json::find_double(root, "min_label_coverage").value_or(out.min_label_coverage);
  if (!(out.min_label_coverage >= 0 && out.min_label_coverage <= 1))
    throw invalid_argument("min_label_coverage must be from 0 to 1");
}

json::object rule_json(const AlertRule& rule) {
  json::object out;
  out["name"] = rule.name;
  out["metric"] = rule.metric;
  out["op"] = symbol_of(rule.comparison);
  out["threshold"] = rule.threshold;
  out["for"] = rule.consecutive;
  out["cool_down"] = format_duration(rule.cool_down_ms);
  out["action"] = rule.pipeline.empty() ? json::value(nullptr) : json::value(json::object{{"pipeline", rule.pipeline}});
  out["severity"] = rule.severity;
  return out;
}

json::object reference_json(const ReferenceSource& reference) {
  json::object out;
  const auto put = [&](std::string_view key, const std::string& value) {
    if (!value.empty()) out[key] = value;
  };
  put("run_id", reference.run_id);
  put("artifact_path", reference.artifact_path);
  put("path", reference.path);
  put("score_column", reference.score_column);
  return out;
}

}  // namespace

Monitor parse_monitor(const std::string& name, const std::string& document) {
  const json::value parsed = json::parse(document);
  const json::object& root = json::as_object(parsed, "monitor");
  refuse_unknown(root,
                 {"name", "model_name", "window", "lateness", "window_origin", "reference", "columns", "drift",
                  "min_rows", "min_label_coverage", "rules"},
                 "monitor");
  Monitor out;
  out.name = name;
  if (name.empty() || name.size() > kMaxName)
    throw invalid_argument("a monitor needs a name of at most ", kMaxName, " bytes");
  out.model = json::get_string(root, "model_name");
  if (out.model.empty() || out.model.size() > kMaxName)
    throw invalid_argument("model_name must have 1 to ", kMaxName, " bytes");
  parse_amounts(root, out);
  out.reference = parse_reference(json::get_object(root, "reference"));
  if (json::find(root, "columns") != nullptr) {
    for (const json::value& column : json::get_array(root, "columns")) {
      if (!column.is_string()) throw invalid_argument("columns must be a list of names");
      out.columns.emplace_back(column.as_string());
    }
  }
  if (const json::value* drift = json::find(root, "drift"))
    out.drift_yaml = json::write(json::as_object(*drift, "drift"));
  parse_drift_config(out.drift_yaml);  // refuses what it cannot read
  out.rules = parse_rules(root);
  return out;
}

std::string monitor_json(const Monitor& monitor) {
  json::object out;
  out["name"] = monitor.name;
  out["model_name"] = monitor.model;
  out["window"] = format_duration(monitor.window_ms);
  out["lateness"] = format_duration(monitor.lateness_ms);
  if (monitor.window_origin_ms != 0) out["window_origin"] = text::format_time_ms(monitor.window_origin_ms);
  out["reference"] = reference_json(monitor.reference);
  if (!monitor.columns.empty()) out["columns"] = json::array(monitor.columns.begin(), monitor.columns.end());
  if (!monitor.drift_yaml.empty()) out["drift"] = json::parse(monitor.drift_yaml);
  out["min_rows"] = monitor.min_rows;
  out["min_label_coverage"] = monitor.min_label_coverage;
  json::array rules;
  for (const AlertRule& rule : monitor.rules) rules.push_back(rule_json(rule));
  out["rules"] = std::move(rules);
  return json::write(out);
}

}  // namespace slipway::monitoring
