#include "domains/evaluation/gates.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <limits>

#include "foundation/base/error.h"

namespace slipway::evaluation {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

Error wrong(const std::string& where, std::string_view what) { return invalid_argument("gates: ", where, " ", what); }

void check_keys(const YAML::Node& map, const std::string& where, std::initializer_list<std::string_view> known) {
  if (!map.IsMap()) throw wrong(where, "must be keys with values");
  for (const auto& member : map) {
    const std::string key = member.first.IsScalar() ? member.first.Scalar() : "?";
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    throw wrong(
        where, text::concat("has unknown key '", key, "'; there are ", text::join({known.begin(), known.end()}, ", ")));
  }
}

std::string scalar(const YAML::Node& node, const std::string& where, const char* key) {
  if (!node[key].IsScalar()) throw wrong(where, text::concat("'", key, "' must be a single value"));
  return node[key].Scalar();
}

std::optional<double> number(const YAML::Node& node, const std::string& where, const char* key) {
  if (!node[key]) return std::nullopt;
  const auto value = text::parse_double(scalar(node, where, key));
  if (!value || !std::isfinite(*value)) throw wrong(where, text::concat("'", key, "' must be a number"));
  return value;
}

void check_limits(const Gate& gate, bool against, const std::string& where) {
  const bool absolute = gate.min || gate.max;
  const bool relative = gate.min_delta || gate.max_regression;
  if (against && (!relative || absolute)) {
    throw wrong(where, "with 'against' needs 'min_delta' or 'max_regression' and no 'min' or 'max'");
  }
  if (!against && (!absolute || relative)) {
    throw wrong(where, "needs 'min' or 'max' ('min_delta' and 'max_regression' go with 'against: champion')");
  }
  if (gate.min_delta && gate.max_regression) throw wrong(where, "takes 'min_delta' or 'max_regression', not both");
}

std::string default_name(const Gate& gate) {
  std::string name = gate.metric;
  if (!gate.slice_column.empty()) name += " by " + gate.slice_column;
  if (gate.slice_value) name += " " + *gate.slice_value;
  if (gate.min) name += text::concat(" at least ", *gate.min);
  if (gate.max) name += text::concat(" at most ", *gate.max);
  if (gate.min_delta) name += text::concat(" better than the champion by ", *gate.min_delta);
  if (gate.max_regression) name += text::concat(" worse than the champion by at most ", *gate.max_regression);
  return name;
}

Gate parse_gate(const YAML::Node& node, size_t index) {
  const std::string where = text::concat("gate ", index + 1);
  check_keys(node, where,
             {"name", "metric", "min", "max", "slice", "against", "min_delta", "max_regression", "min_rows"});
  Gate gate;
  if (!node["metric"]) throw wrong(where, "needs a 'metric'");
  gate.metric = scalar(node, where, "metric");
  direction_of(gate.metric);
  gate.min = number(node, where, "min");
  gate.max = number(node, where, "max");
  gate.min_delta = number(node, where, "min_delta");
  gate.max_regression = number(node, where, "max_regression");
  if (const auto rows = number(node, where, "min_rows")) {
    if (*rows < 1 || *rows > 1e12) throw wrong(where, "'min_rows' must be at least 1");
    gate.min_rows = static_cast<int64_t>(*rows);
  }
  if (node["slice"]) {
    check_keys(node["slice"], where + " 'slice'", {"column", "value"});
    if (!node["slice"]["column"]) throw wrong(where, "'slice' needs a 'column'");
    gate.slice_column = scalar(node["slice"], where, "column");
    if (node["slice"]["value"]) gate.slice_value = scalar(node["slice"], where, "value");
    if (gate.slice_value == "*") gate.slice_value.reset();
  }
  if (node["against"] && scalar(node, where, "against") != "champion") throw wrong(where, "'against' can be champion");
  check_limits(gate, static_cast<bool>(node["against"]), where);
  gate.name = node["name"] ? scalar(node, where, "name") : default_name(gate);
  return gate;
}

// The value less the limit, turned so that more is better, for one set of rows.
struct Measured {
  std::string slice;
  int64_t rows = 0;
  double value = kNaN;
  std::optional<double> champion_value;
};

double value_of(const Gate& gate, const BinaryMetrics& metrics) {
  const auto value = find_value(named_values(metrics), gate.metric);
  if (!value) throw invalid_argument("gate '", gate.name, "': ", gate.metric, " is no metric of a classifier");
  return *value;
}

std::vector<Measured> measure_slices(const Gate& gate, const Gates& gates, const Evaluated& evaluated) {
  const auto slices = [&](Scores scores) {
    return slice_metrics(*evaluated.table, gate.slice_column, scores, evaluated.labels, gates.threshold);
  };
  const std::vector<Slice> own = slices(evaluated.scores);
  const std::vector<Slice> champion = evaluated.champion_scores ? slices(*evaluated.champion_scores) : own;
  std::vector<Measured> measured;
  for (size_t i = 0; i < own.size(); ++i) {
    const bool wanted = gate.slice_value ? own[i].value == *gate.slice_value : own[i].metrics.rows >= gate.min_rows;
    if (!wanted) continue;
    Measured one{gate.slice_column + "=" + own[i].value, own[i].metrics.rows, value_of(gate, own[i].metrics), {}};
    if (evaluated.champion_scores) one.champion_value = value_of(gate, champion[i].metrics);
    measured.push_back(std::move(one));
  }
  if (measured.empty()) measured.push_back({gate.slice_column + "=" + gate.slice_value.value_or("*"), 0, kNaN, {}});
  return measured;
}

std::vector<Measured> measure(const Gate& gate, const Gates& gates, const Evaluated& evaluated) {
  if (!gate.slice_column.empty()) return measure_slices(gate, gates, evaluated);
  const auto value = [&](Scores scores) {
    return value_of(gate, binary_metrics(scores, evaluated.labels, gates.threshold));
  };
  Measured all{"", static_cast<int64_t>(evaluated.labels.size()), value(evaluated.scores), {}};
  if (evaluated.champion_scores) all.champion_value = value(*evaluated.champion_scores);
  return {all};
}

std::string shown(double value) { return text::format_fixed(value, 4); }

GateResult judge_against_champion(const Gate& gate, const Measured& measured, GateResult result) {
  if (!measured.champion_value) {
    result.skipped = true;
    result.passed = true;
    result.reason = "there is no champion to compare with";
    return result;
  }
  result.champion_value = measured.champion_value;
  const double sign = direction_of(gate.metric) == Direction::kHigherIsBetter ? 1 : -1;
  const double gain = sign * (measured.value - *measured.champion_value);
  result.limit = gate.min_delta ? *gate.min_delta : -*gate.max_regression;
  result.passed = gain >= result.limit;
  const std::string_view word = gain >= 0 ? "better" : "worse";
  result.reason =
      text::concat(gate.metric, " ", shown(measured.value), " is ", word, " than the champion's ",
                   shown(*measured.champion_value), " by ", shown(std::abs(gain)), ", ",
                   gate.min_delta ? "must be better by at least " : "may be worse by at most ", std::abs(result.limit));
  return result;
}

GateResult judge_absolute(const Gate& gate, const Measured& measured, GateResult result) {
  const bool too_low = gate.min && !(measured.value >= *gate.min);
  const bool too_high = gate.max && !(measured.value <= *gate.max);
  result.passed = !too_low && !too_high;
  result.limit = gate.min && (too_low || !gate.max) ? *gate.min : *gate.max;
  result.reason = gate.metric + " is " + shown(measured.value);
  if (gate.min) result.reason += text::concat(", must be at least ", *gate.min);
  if (gate.max) result.reason += text::concat(", must be at most ", *gate.max);
  return result;
}

GateResult judge_one(const Gate& gate, const Measured& measured) {
  GateResult result;
  result.name = gate.name;
  result.metric = gate.metric;
  result.slice = measured.slice;
  result.value = measured.value;
  result.rows = measured.rows;
  if (measured.rows < gate.min_rows) {
    result.skipped = true;
    result.passed = true;
    result.reason = text::concat(measured.rows, " rows are too few to judge, min_rows is ", gate.min_rows);
    return result;
  }
  if (std::isnan(measured.value)) {
    result.reason = text::concat(gate.metric, " is undefined on these ", measured.rows, " rows: they have one class");
    return result;
  }
  const bool relative = gate.min_delta || gate.max_regression;
  return relative ? judge_against_champion(gate, measured, std::move(result))
                  : judge_absolute(gate, measured, std::move(result));
}

}  // namespace

Gates parse_gates(std::string_view yaml) {
  try {
    const YAML::Node root = YAML::Load(std::string(yaml));
    check_keys(root, "the file", {"threshold", "gates"});
    Gates gates;
    gates.threshold = number(root, "the file", "threshold").value_or(0.5);
    if (!root["gates"] || !root["gates"].IsSequence() || root["gates"].size() == 0) {
      throw wrong("the file", "needs 'gates', a list of at least one");
    }
    for (const YAML::Node& node : root["gates"]) gates.gates.push_back(parse_gate(node, gates.gates.size()));
    return gates;
  } catch (const YAML::Exception& error) {
    throw invalid_argument("the gates file is not valid YAML: ", error.what());
  }
}

Verdict judge(const Gates& gates, const Evaluated& evaluated) {
  Verdict verdict;
  for (const Gate& gate : gates.gates) {
    for (const Measured& measured : measure(gate, gates, evaluated)) {
      verdict.results.push_back(judge_one(gate, measured));
      verdict.passed = verdict.passed && verdict.results.back().passed;
    }
  }
  return verdict;
}

}  // namespace slipway::evaluation
