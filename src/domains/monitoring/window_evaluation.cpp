#include "domains/monitoring/window_evaluation.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "domains/evaluation/metrics.h"
#include "foundation/base/error.h"

namespace slipway::monitoring {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr std::string_view kPrediction = "prediction";
constexpr std::array<std::string_view, 3> kScoreColumns = {"probability", "prediction", "score"};

// The name of the reference's score column, "" when it has none.
std::string score_column_of(const Monitor& monitor, const tables::Table& table) {
  const std::string& wanted = monitor.reference.score_column;
  if (!wanted.empty()) return table.get(wanted).name();
  for (const std::string_view name : kScoreColumns) {
    const tables::Column* column = table.find(name);
    if (column != nullptr && column->type() == tables::ColumnType::kDouble) return std::string(name);
  }
  return "";
}

std::vector<std::string> input_columns(const Monitor& monitor, const DriftConfig& config, const tables::Table& table,
                                       const std::string& score_column) {
  const std::vector<std::string>& named = monitor.columns.empty() ? config.columns : monitor.columns;
  for (const std::string& name : named) {
    if (table.find(name) == nullptr)
      throw invalid_argument("the reference of monitor '", monitor.name, "' has no column '", name, "'");
  }
  if (!named.empty()) return named;
  std::vector<std::string> out;
  for (const tables::Column& column : table.columns()) {
    if (column.name() != score_column) out.push_back(column.name());
  }
  return out;
}

ColumnResult result_of(const ColumnDrift& drift) {
  ColumnResult out;
  out.name = drift.name;
  out.method = drift.method == nullptr ? "" : drift.method->name;
  out.score = drift.score;
  out.threshold = drift.threshold;
  out.drifted = drift.drifted;
  out.missing_share = drift.current_missing_share;
  out.note = drift.note;
  return out;
}

void evaluate_drift(const Reference& reference, const PredictionRows& rows, Window& window) {
  std::vector<std::string> names;
  for (const ColumnSample& column : reference.inputs.columns()) names.push_back(column.name);
  const SampledTable current(rows.inputs, names);
  const DriftReport report = detect_drift(reference.inputs, current, reference.config);
  for (const ColumnDrift& column : report.columns) window.columns.push_back(result_of(column));
  const auto drifted = std::count_if(window.columns.begin(), window.columns.end(),
                                     [](const ColumnResult& column) { return column.drifted; });
  if (window.columns.empty()) return;
  window.drift_share = static_cast<double>(drifted) / static_cast<double>(window.columns.size());
  window.drifted = window.drift_share >= reference.config.share;
}

std::optional<ColumnResult> prediction_drift(const Reference& reference, const PredictionRows& rows) {
  if (!reference.scores) return std::nullopt;
  const ColumnSample current = make_sample(tables::Column::of_doubles(std::string(kPrediction), rows.scores));
  return result_of(detect_column_drift(*reference.scores, current, reference.config));
}

struct Judged {
  std::vector<double> scores;
  std::vector<uint8_t> labels;
  bool binary = true;
};

Performance measure(std::string version, size_t rows, const Judged& judged) {
  Performance out;
  out.version = std::move(version);
  out.rows = rows;
  out.labelled = judged.labels.size();
  const bool defined = judged.binary && !judged.labels.empty();
  out.auc = defined ? evaluation::auc(judged.scores, judged.labels) : kNaN;
  out.log_loss = defined ? evaluation::log_loss(judged.scores, judged.labels) : kNaN;
  out.brier = defined ? evaluation::brier(judged.scores, judged.labels) : kNaN;
  return out;
}

double mean_of(const std::vector<double>& values) {
  double sum = 0;
  size_t count = 0;
  for (const double value : values) {
    if (!std::isfinite(value)) continue;
    sum += value;
    ++count;
  }
  return count == 0 ? kNaN : sum / static_cast<double>(count);
}

// Why a column gets no result in any window, or "".
std::string reason_not_compared(const Reference& reference, const std::string& name) {
  const ColumnSample* column = reference.inputs.find(name);
  const std::vector<std::string>& ignored = reference.config.ignore;
  if (column == nullptr) return "no column that is compared with the reference";
  if (std::find(ignored.begin(), ignored.end(), name) != ignored.end()) return "among those to ignore";
  const FeatureType type = reference.config.types.at(name);
  if (type == FeatureType::kTime) return "a time, which is not compared";
  return type == FeatureType::kText ? "free text, which is not compared" : "";
}

}  // namespace

Reference prepare_reference(const Monitor& monitor, const tables::Table& table) {
  DriftConfig config = parse_drift_config(monitor.drift_yaml);
  const std::string score_column = score_column_of(monitor, table);
  const auto inputs = input_columns(monitor, config, table, score_column);
  config.columns.clear();  // what is compared is what the samples hold
  Reference out{SampledTable(table, inputs), std::nullopt, std::move(config), monitor.reference.describe()};
  for (const ColumnSample& column : out.inputs.columns()) {
    // Decided by the reference, also where a window alone would look like a category.
    out.config.types.try_emplace(column.name, infer_feature_type(column));
  }
  if (!score_column.empty()) {
    out.scores = make_sample(table.get(score_column));
    out.scores->name = kPrediction;
    out.config.types[std::string(kPrediction)] = FeatureType::kNumerical;
  }
  return out;
}

void check_rules(const Monitor& monitor, const Reference& reference) {
  for (const AlertRule& rule : monitor.rules) {
    if (rule.metric == "prediction_drift" && !reference.scores) {
      throw invalid_argument("rule '", rule.name, "' is on prediction_drift, but the reference has no scores: name ",
                             "their column as score_column");
    }
    const auto column = column_of_metric(rule.metric);
    if (!column) continue;
    const std::string reason = reason_not_compared(reference, *column);
    if (!reason.empty()) {
      throw invalid_argument("rule '", rule.name, "' is on ", rule.metric, ", but '", *column, "' is ", reason);
    }
  }
}

Window evaluate_window(const Monitor& monitor, const Reference& reference, const PredictionRows& rows,
                       int64_t start_ms) {
  Window out;
  out.start_ms = start_ms;
  out.end_ms = start_ms + monitor.window_ms;
  out.reference = reference.description;
  out.rows = rows.rows();
  out.mean_score = mean_of(rows.scores);
  if (out.rows > 0) {
    evaluate_drift(reference, rows, out);
    out.prediction = prediction_drift(reference, rows);
  }
  evaluate_performance(rows, out);
  return out;
}

void evaluate_performance(const PredictionRows& rows, Window& window) {
  Judged all;
  std::vector<Judged> by_version(rows.versions.size());
  std::vector<size_t> rows_of_version(rows.versions.size());
  for (size_t row = 0; row < rows.rows(); ++row) {
    const uint32_t version = rows.version_of_row[row];
    ++rows_of_version[version];
    const double label = rows.labels[row];
    if (std::isnan(label) || !std::isfinite(rows.scores[row])) continue;
    for (Judged* judged : {&all, &by_version[version]}) {
      judged->scores.push_back(rows.scores[row]);
      judged->labels.push_back(label == 1 ? 1 : 0);
      judged->binary = judged->binary && (label == 0 || label == 1);
    }
  }
  window.performance = measure("", rows.rows(), all);
  window.versions.clear();
  for (size_t i = 0; i < by_version.size(); ++i) {
    if (rows_of_version[i] > 0) window.versions.push_back(measure(rows.versions[i], rows_of_version[i], by_version[i]));
  }
}

}  // namespace slipway::monitoring
