#include "domains/evaluation/report.h"

#include <algorithm>
#include <cmath>

#include "foundation/base/json.h"
#include "foundation/base/text.h"

namespace slipway::evaluation {

namespace {

json::value shown(double value) { return std::isfinite(value) ? json::value(value) : json::value(nullptr); }

json::object values_json(const BinaryMetrics& metrics) {
  json::object out;
  for (const auto& [name, value] : named_values(metrics)) out[name] = shown(value);
  return out;
}

json::object confusion_json(const BinaryMetrics& metrics) {
  return {{"threshold", metrics.threshold},
          {"true_positives", metrics.confusion.true_positives},
          {"false_positives", metrics.confusion.false_positives},
          {"true_negatives", metrics.confusion.true_negatives},
          {"false_negatives", metrics.confusion.false_negatives}};
}

json::array calibration_json(const std::vector<CalibrationBin>& bins) {
  json::array out;
  for (const CalibrationBin& bin : bins) {
    out.push_back(json::object{{"low", bin.low},
                               {"high", bin.high},
                               {"rows", bin.rows},
                               {"mean_score", shown(bin.mean_score)},
                               {"observed_rate", shown(bin.observed_rate)}});
  }
  return out;
}

json::array roc_json(const std::vector<RocPoint>& points) {
  json::array out;
  for (const RocPoint& point : points) {
    out.push_back(json::object{{"threshold", shown(point.threshold)},
                               {"false_positive_rate", point.false_positive_rate},
                               {"true_positive_rate", point.true_positive_rate}});
  }
  return out;
}

json::array slices_json(const std::vector<Slice>& slices) {
  json::array out;
  for (const Slice& slice : slices) {
    out.push_back(json::object{{"column", slice.column},
                               {"value", slice.value},
                               {"rows", slice.metrics.rows},
                               {"positives", slice.metrics.positives},
                               {"metrics", values_json(slice.metrics)}});
  }
  return out;
}

json::object verdict_json(const Verdict& verdict) {
  json::array results;
  for (const GateResult& result : verdict.results) {
    json::object item{{"name", result.name},     {"metric", result.metric},   {"slice", result.slice},
                      {"passed", result.passed}, {"skipped", result.skipped}, {"value", shown(result.value)},
                      {"limit", result.limit},   {"rows", result.rows},       {"reason", result.reason}};
    if (result.champion_value) item["champion_value"] = shown(*result.champion_value);
    results.push_back(std::move(item));
  }
  return {{"passed", verdict.passed}, {"results", std::move(results)}};
}

}  // namespace

std::string to_json(const Evaluation& evaluation) {
  json::object out{{"model", evaluation.model},
                   {"data", evaluation.data},
                   {"target", evaluation.target},
                   {"rows", evaluation.metrics.rows},
                   {"positives", evaluation.metrics.positives},
                   {"unlabelled_rows", evaluation.unlabelled_rows},
                   {"metrics", values_json(evaluation.metrics)},
                   {"confusion", confusion_json(evaluation.metrics)}};
  if (evaluation.champion) {
    out["against"] = evaluation.against;
    out["champion"] = values_json(*evaluation.champion);
  }
  out["calibration"] = calibration_json(evaluation.calibration);
  out["roc"] = roc_json(evaluation.roc);
  out["slices"] = slices_json(evaluation.slices);
  if (evaluation.verdict) out["gates"] = verdict_json(*evaluation.verdict);
  return json::write_pretty(out);
}

std::string to_junit(const Verdict& verdict) {
  const auto failures = std::ranges::count_if(verdict.results, [](const GateResult& r) { return !r.passed; });
  const auto skipped = std::ranges::count_if(verdict.results, [](const GateResult& r) { return r.skipped; });
  std::string out =
      text::concat("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n<testsuite name=\"gates\" tests=\"",
                   verdict.results.size(), "\" failures=\"", failures, "\" errors=\"0\" skipped=\"", skipped, "\">\n");
  for (const GateResult& result : verdict.results) {
    const std::string name = result.slice.empty() ? result.name : result.name + " [" + result.slice + "]";
    const std::string reason = text::escape_markup(result.reason);
    out += text::concat("<testcase classname=\"gates.", text::escape_markup(result.metric), "\" name=\"",
                        text::escape_markup(name), "\">");
    if (result.skipped) out += "<skipped message=\"" + reason + "\"/>";
    if (!result.passed) out += "<failure message=\"" + reason + "\"/>";
    if (result.passed && !result.skipped) out += "<system-out>" + reason + "</system-out>";
    out += "</testcase>\n";
  }
  return out + "</testsuite>\n</testsuites>\n";
}

}  // namespace slipway::evaluation
