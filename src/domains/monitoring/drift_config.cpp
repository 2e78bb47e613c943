#include "domains/monitoring/drift.h"
#include "foundation/base/error.h"
#include "foundation/base/yaml.h"

namespace slipway::monitoring {

namespace {

void refuse_unknown(const json::object& from, std::initializer_list<std::string_view> known, std::string_view where) {
  for (const auto& member : from) {
    const std::string_view key = member.key();
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    std::vector<std::string> names(known.begin(), known.end());
    throw invalid_argument("unknown key '", key, "' in ", where, "; known are ", text::join(names, ", "));
  }
}

std::vector<std::string> names_of(const json::object& from, std::string_view key) {
  std::vector<std::string> out;
  if (json::find(from, key) == nullptr) return out;
  for (const json::value& name : json::get_array(from, key)) {
    if (!name.is_string()) throw invalid_argument(key, " must be a list of column names");
    out.emplace_back(name.as_string());
  }
  return out;
}

DriftChoice choice_of(const json::object& from) {
  DriftChoice out;
  out.method = json::find_string(from, "method");
  out.threshold = json::find_double(from, "threshold");
  if (out.method) get_drift_method(*out.method);  // an unknown one is refused here
  return out;
}

DriftChoice choice_of_type(const json::object& from, std::string_view key) {
  const json::value* found = json::find(from, key);
  if (found == nullptr) return {};
  const json::object& choice = json::as_object(*found, key);
  refuse_unknown(choice, {"method", "threshold"}, key);
  return choice_of(choice);
}

FeatureType feature_type_of(const std::string& word) {
  for (const FeatureType type :
       {FeatureType::kNumerical, FeatureType::kCategorical, FeatureType::kText, FeatureType::kTime}) {
    if (name_of(type) == word) return type;
  }
  throw invalid_argument("type must be numerical, categorical, text or time, got '", word, "'");
}

}  // namespace

DriftConfig parse_drift_config(const std::string& yaml) {
  const json::value document = json::parse_yaml(yaml);
  DriftConfig out;
  if (document.is_null()) return out;
  const json::object& root = json::as_object(document, "drift configuration");
  refuse_unknown(root, {"share", "columns", "ignore", "method", "threshold", "numerical", "categorical", "per_column"},
                 "drift configuration");
  out.share = json::find_double(root, "share").value_or(out.share);
  if (!(out.share > 0 && out.share <= 1)) throw invalid_argument("share must be over 0 and at most 1, got ", out.share);
  out.columns = names_of(root, "columns");
  out.ignore = names_of(root, "ignore");
  out.all = choice_of(root);
  out.numerical = choice_of_type(root, "numerical");
  out.categorical = choice_of_type(root, "categorical");
  const json::value* per_column = json::find(root, "per_column");
  if (per_column == nullptr) return out;
  for (const auto& member : json::as_object(*per_column, "per_column")) {
    const std::string column(member.key());
    const json::object& own = json::as_object(member.value(), text::concat("per_column.", column));
    refuse_unknown(own, {"method", "threshold", "type"}, text::concat("per_column.", column));
    out.per_column[column] = choice_of(own);
    if (const auto type = json::find_string(own, "type")) out.types[column] = feature_type_of(*type);
  }
  return out;
}

}  // namespace slipway::monitoring
