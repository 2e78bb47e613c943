#include "domains/serving/booster_features.h"

#include <algorithm>
#include <set>

#include "foundation/base/error.h"
#include "foundation/base/json.h"
#include "foundation/base/text.h"

namespace slipway::serving {

namespace {

using packaging::Feature;
using packaging::FeatureKind;
using tables::ColumnType;

// What follows `key` at the start of a line, up to the line's end. The last such line counts: Python's is after the
// parameters.
std::optional<std::string_view> line_after(std::string_view model, std::string_view key) {
  const std::string start = text::concat('\n', key);
  const size_t found = model.rfind(start);
  if (found == std::string_view::npos) return std::nullopt;
  const size_t first = found + start.size();
  return model.substr(first, model.find('\n', first) - first);
}

std::vector<Feature> named_by_booster(std::string_view model) {
  const auto names = line_after(model, "feature_names=");
  if (!names) throw data_loss("the LightGBM model names no features");
  std::vector<Feature> features;
  for (std::string& name : text::split(*names, ' ')) {
    features.push_back({std::move(name), ColumnType::kDouble, FeatureKind::kNumber, true, {}});
  }
  return features;
}

std::vector<Feature> named_by_signature(const packaging::Signature& signature) {
  std::vector<Feature> features;
  for (const packaging::ColumnSpec& column : signature.inputs) {
    features.push_back({column.name, column.type, FeatureKind::kNumber, column.required, {}});
  }
  return features;
}

struct Categories {
  ColumnType type = ColumnType::kText;
  std::vector<std::string> values;
};

ColumnType type_of(const json::value& value) {
  if (value.is_string()) return ColumnType::kText;
  if (value.is_bool()) return ColumnType::kBoolean;
  if (value.is_int64() || value.is_uint64()) return ColumnType::kInteger;
  if (value.is_double()) return ColumnType::kDouble;
  throw Error(ErrorCode::kUnimplemented,
              text::concat("the LightGBM model has a pandas category that is ", json::write(value),
                           "; texts, numbers and booleans can be served"));
}

tables::Column cell_of(const json::value& value, ColumnType type) {
  tables::Column cell("", type);
  if (type == ColumnType::kText) {
    cell.append_text(std::string_view(value.get_string()));
  } else if (type == ColumnType::kBoolean) {
    cell.append_integer(value.get_bool() ? 1 : 0);
  } else if (type == ColumnType::kInteger) {
    cell.append_integer(value.to_number<int64_t>());
  } else {
    cell.append_double(value.get_double());
  }
  return cell;
}

Categories read_list(const json::value& list) {
  if (!list.is_array()) throw data_loss("the LightGBM model's pandas_categorical must hold lists");
  Categories out;
  std::set<std::string> seen;
  for (const json::value& value : list.get_array()) {
    if (out.values.empty()) out.type = type_of(value);
    if (type_of(value) != out.type) {
      throw Error(ErrorCode::kUnimplemented,
                  text::concat("the LightGBM model has one pandas category with values of different types, such as ",
                               json::write(value), ": give the column one type and train again"));
    }
    out.values.push_back(packaging::category_text(cell_of(value, out.type), 0, out.type));
    if (!seen.insert(out.values.back()).second) {
      throw data_loss("the LightGBM model lists the pandas category '", out.values.back(), "' twice");
    }
  }
  return out;
}

std::vector<Categories> read_categories(std::string_view model) {
  const auto line = line_after(model, "pandas_categorical:");
  std::vector<Categories> out;
  if (!line || text::trim(*line) == "null") return out;
  const json::value document = [&] {
    try {
      return json::parse(text::trim(*line));
    } catch (const Error& error) {
      throw data_loss("the LightGBM model's pandas_categorical cannot be read: ", error.what());
    }
  }();
  if (!document.is_array()) throw data_loss("the LightGBM model's pandas_categorical must be a list");
  for (const json::value& list : document.get_array()) out.push_back(read_list(list));
  return out;
}

// The places of the columns that were pandas categories: those that LightGBM was told to split as categories, and those
// that the signature knows as text, which can be nothing else (ordered categories are split as numbers).
std::set<size_t> category_places(std::string_view model, const std::vector<Feature>& features) {
  std::set<size_t> places;
  for (const std::string& place : text::split(line_after(model, "[categorical_feature: ").value_or("]"), ',')) {
    const auto number = text::parse_int(text::trim(text::replace_all(place, "]", "")));
    if (number && *number >= 0 && *number < static_cast<int64_t>(features.size())) {
      places.insert(static_cast<size_t>(*number));
    }
  }
  for (size_t place = 0; place < features.size(); ++place) {
    if (features[place].type == ColumnType::kText) places.insert(place);
  }
  return places;
}

void make_category(Feature& feature, Categories categories, bool has_signature) {
  const bool fits = !has_signature || categories.values.empty() ||
                    (feature.type == ColumnType::kText) == (categories.type == ColumnType::kText);
  if (!fits) {
    throw Error(ErrorCode::kUnimplemented,
                text::concat("the LightGBM model has category '", categories.values[0], "' where its signature has '",
                             feature.name, "' of type ", tables::name_of(feature.type),
                             ": log the model with a signature made from the frame that it was trained on"));
  }
  feature.kind = FeatureKind::kCategory;
  if (!has_signature) feature.type = categories.type;
  feature.categories = std::move(categories.values);
}

}  // namespace

std::vector<Feature> booster_features(std::string_view model, const std::optional<packaging::Signature>& signature) {
  std::vector<Feature> features = signature ? named_by_signature(*signature) : named_by_booster(model);
  std::vector<Categories> lists = read_categories(model);
  if (lists.empty()) return features;
  const std::set<size_t> places = category_places(model, features);
  if (places.size() != lists.size()) {
    throw Error(ErrorCode::kUnimplemented,
                text::concat("the LightGBM model has categories of ", lists.size(),
                             " pandas columns but does not say which: ", places.size(),
                             " of its columns are categories. Log it with a signature, or train with "
                             "categorical_feature='auto' and unordered categories"));
  }
  size_t next = 0;
  for (const size_t place : places) make_category(features[place], std::move(lists[next++]), signature.has_value());
  return features;
}

}  // namespace slipway::serving
