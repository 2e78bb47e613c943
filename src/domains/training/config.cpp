#include "domains/training/config.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cmath>
#include <initializer_list>

#include "foundation/base/error.h"

namespace slipway::training {

namespace {

// How a parameter is drawn unless the file says otherwise.
struct Known {
  std::string_view name;
  double low;
  double high;
  bool logarithmic;
  bool integer;
};
constexpr Known kKnownRanges[] = {
    {"num_leaves", 15, 255, true, true},        {"learning_rate", 0.03, 0.15, true, false},
    {"min_data_in_leaf", 20, 500, true, true},  {"feature_fraction", 0.4, 1, false, false},
    {"bagging_fraction", 0.6, 1, false, false}, {"lambda_l1", 0.001, 10, true, false},
    {"lambda_l2", 0.01, 100, true, false},      {"min_gain_to_split", 0, 1, false, false},
    {"cat_smooth", 1, 200, true, false},        {"cat_l2", 1, 100, true, false},
    {"max_depth", 4, 12, false, true},          {"path_smooth", 0, 50, false, false},
};
constexpr std::string_view kDefaultSpace[] = {"num_leaves",       "learning_rate", "min_data_in_leaf",
                                              "feature_fraction", "lambda_l2",     "cat_smooth"};

Error wrong(std::string_view key, std::string_view wanted) {
  return invalid_argument("train.yaml: '", key, "' must be ", wanted);
}

std::string scalar(const YAML::Node& node, std::string_view key) {
  if (!node.IsScalar()) throw wrong(key, "a single value");
  return node.Scalar();
}

double number(const YAML::Node& node, std::string_view key, double low, double high) {
  const auto value = text::parse_double(scalar(node, key));
  if (!value || !(*value >= low && *value <= high)) {
    throw wrong(key, text::concat("a number from ", low, " to ", high));
  }
  return *value;
}

int64_t integer(const YAML::Node& node, std::string_view key, int64_t low, int64_t high) {
  const auto value = text::parse_int(scalar(node, key));
  if (!value || *value < low || *value > high) {
    throw wrong(key, text::concat("a whole number from ", low, " to ", high));
  }
  return *value;
}

std::vector<std::string> names(const YAML::Node& node, std::string_view key) {
  if (!node.IsSequence()) throw wrong(key, "a list of names");
  std::vector<std::string> out;
  for (const YAML::Node& item : node) out.push_back(scalar(item, key));
  return out;
}

void check_keys(const YAML::Node& map, const std::string& where, std::initializer_list<std::string_view> known) {
  if (!map.IsMap()) throw wrong(where.empty() ? "the file" : where, "keys with values");
  for (const auto& member : map) {
    const std::string key = scalar(member.first, where);
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    throw invalid_argument("train.yaml: unknown key '", where.empty() ? "" : where + ".", key, "'; there are ",
                           text::join({known.begin(), known.end()}, ", "));
  }
}

SearchRange known_range(std::string_view name) {
  for (const Known& known : kKnownRanges) {
    if (known.name == name) return {std::string(name), known.low, known.high, known.logarithmic, known.integer};
  }
  return {std::string(name), 0, 0, false, false};
}

SearchRange parse_range(const std::string& name, const YAML::Node& node) {
  const std::string key = "search.space." + name;
  if (!node.IsSequence() || node.size() != 2) throw wrong(key, "[low, high]");
  SearchRange range = known_range(name);
  const bool known = range.high != 0;
  range.low = number(node[0], key, -1e9, 1e9);
  range.high = number(node[1], key, -1e9, 1e9);
  if (!known) range.integer = text::parse_int(node[0].Scalar()) && text::parse_int(node[1].Scalar());
  if (range.low > range.high) throw wrong(key, "[low, high] with low at most high");
  if (range.logarithmic && range.low <= 0) throw wrong(key, "[low, high] above 0");
  return range;
}

void parse_split(const YAML::Node& node, Split& split) {
  check_keys(node, "split", {"train_from", "train_until", "validate_until", "validate_fraction"});
  if (node["train_from"]) split.train_from = scalar(node["train_from"], "split.train_from");
  if (node["train_until"]) split.train_until = scalar(node["train_until"], "split.train_until");
  if (node["validate_until"]) split.validate_until = scalar(node["validate_until"], "split.validate_until");
  if (node["validate_fraction"]) {
    split.validate_fraction = number(node["validate_fraction"], "split.validate_fraction", 0.01, 0.9);
    if (!split.train_until.empty()) throw wrong("split.validate_fraction", "left out when train_until is given");
  }
}

void parse_search(const YAML::Node& node, TrainConfig& config) {
  check_keys(node, "search", {"trials", "seed", "space"});
  if (node["trials"]) config.trials = static_cast<int>(integer(node["trials"], "search.trials", 1, 1000));
  if (node["seed"]) config.seed = static_cast<uint64_t>(integer(node["seed"], "search.seed", 0, INT64_MAX));
  if (!node["space"]) return;
  if (!node["space"].IsMap()) throw wrong("search.space", "parameters with [low, high]");
  config.space.clear();
  for (const auto& member : node["space"]) {
    config.space.push_back(parse_range(scalar(member.first, "search.space"), member.second));
  }
  // The draws must not depend on the order in the file.
  std::ranges::sort(config.space, {}, &SearchRange::name);
}

void parse_features(const YAML::Node& root, TrainConfig& config) {
  if (root["features"]) {
    check_keys(root["features"], "features", {"include", "exclude"});
    if (root["features"]["include"]) config.include = names(root["features"]["include"], "features.include");
    if (root["features"]["exclude"]) config.exclude = names(root["features"]["exclude"], "features.exclude");
  }
  if (root["categorical"]) {
    config.categorical = names(root["categorical"], "categorical");
    config.all_text_is_categorical = false;
  }
  if (root["min_category_rows"]) {
    config.min_category_rows = integer(root["min_category_rows"], "min_category_rows", 1, 1'000'000);
  }
}

void parse_learners(const YAML::Node& root, TrainConfig& config) {
  if (root["learners"]) {
    config.learners.clear();
    for (const std::string& name : names(root["learners"], "learners")) {
      if (name != "logistic" && name != "lightgbm") throw wrong("learners", "a list of logistic and lightgbm");
      config.learners.push_back(name == "logistic" ? Learner::kLogistic : Learner::kLightGbm);
    }
    if (config.learners.empty()) throw wrong("learners", "a list of at least one");
  }
  if (root["lightgbm"]) {
    if (!root["lightgbm"].IsMap()) throw wrong("lightgbm", "parameters with values");
    for (const auto& member : root["lightgbm"]) {
      const std::string key = scalar(member.first, "lightgbm");
      const std::string value = scalar(member.second, "lightgbm." + key);
      // The engine takes one line of blank-separated settings.
      if (key.find_first_of(" =\n\t") != std::string::npos || value.find_first_of(" =\n\t") != std::string::npos) {
        throw wrong("lightgbm." + key, "a name and a value without blanks");
      }
      config.lightgbm[key] = value;
    }
  }
  if (root["logistic"]) {
    check_keys(root["logistic"], "logistic", {"l2"});
    if (root["logistic"]["l2"]) config.logistic_l2 = number(root["logistic"]["l2"], "logistic.l2", 1e-9, 1e9);
  }
}

void parse_fitting(const YAML::Node& root, TrainConfig& config) {
  if (root["metric"]) {
    config.metric = scalar(root["metric"], "metric");
    const std::initializer_list<std::string_view> known = {"auc", "log_loss", "average_precision", "brier"};
    if (std::find(known.begin(), known.end(), config.metric) == known.end()) {
      throw wrong("metric", "auc, log_loss, average_precision or brier");
    }
  }
  if (root["rounds"]) config.rounds = static_cast<int>(integer(root["rounds"], "rounds", 1, 100'000));
  if (root["early_stopping_rounds"]) {
    config.early_stopping_rounds =
        static_cast<int>(integer(root["early_stopping_rounds"], "early_stopping_rounds", 1, 100'000));
  }
  if (root["refit"]) {
    const auto refit = text::parse_bool(scalar(root["refit"], "refit"));
    if (!refit) throw wrong("refit", "true or false");
    config.refit = *refit;
  }
  if (root["reference_rows"]) {
    config.reference_rows = integer(root["reference_rows"], "reference_rows", 100, 10'000'000);
  }
}

TrainConfig config_of(const YAML::Node& root) {
  check_keys(root, "",
             {"target", "time_column", "split", "features", "categorical", "min_category_rows", "learners", "metric",
              "search", "lightgbm", "logistic", "rounds", "early_stopping_rounds", "refit", "reference_rows"});
  TrainConfig config;
  for (const std::string_view name : kDefaultSpace) config.space.push_back(known_range(name));
  std::ranges::sort(config.space, {}, &SearchRange::name);
  if (!root["target"]) throw invalid_argument("train.yaml: 'target' must name the column to predict");
  config.target = scalar(root["target"], "target");
  if (root["time_column"]) config.time_column = scalar(root["time_column"], "time_column");
  if (root["split"]) parse_split(root["split"], config.split);
  if (config.time_column.empty() && !(config.split.train_until + config.split.validate_until).empty()) {
    throw invalid_argument("train.yaml: a split by time needs 'time_column'");
  }
  parse_features(root, config);
  parse_learners(root, config);
  parse_fitting(root, config);
  if (root["search"]) parse_search(root["search"], config);
  return config;
}

void apply(const std::string& setting, YAML::Node& root) {
  const size_t equals = setting.find('=');
  if (equals == std::string::npos || equals == 0) {
    throw invalid_argument("'", setting, "' must be KEY=VALUE, as in split.train_until=2013-10-01");
  }
  const std::vector<std::string> path = text::split(std::string_view(setting).substr(0, equals), '.');
  YAML::Node place = root;
  for (size_t i = 0; i + 1 < path.size(); ++i) {
    if (place[path[i]] && !place[path[i]].IsMap()) throw invalid_argument("'", path[i], "' holds no settings");
    place.reset(place[path[i]]);
  }
  const YAML::Node value = YAML::Load(setting.substr(equals + 1));
  if (value.IsNull()) {
    place.remove(path.back());  // as if the file did not have it
  } else {
    place[path.back()] = value;
  }
}

}  // namespace

std::string_view name_of(Learner learner) { return learner == Learner::kLogistic ? "logistic" : "lightgbm"; }

TrainConfig parse_train_config(std::string_view yaml, const std::vector<std::string>& overrides) {
  try {
    YAML::Node root = YAML::Load(std::string(yaml));
    if (!root.IsMap()) throw wrong("the file", "keys with values");
    for (const std::string& setting : overrides) apply(setting, root);
    return config_of(root);
  } catch (const YAML::Exception& error) {
    throw invalid_argument("train.yaml is not valid YAML: ", error.what());
  }
}

}  // namespace slipway::training
