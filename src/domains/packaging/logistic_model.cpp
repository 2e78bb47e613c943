#include "domains/packaging/logistic_model.h"

#include <cmath>
#include <map>

#include "foundation/base/error.h"
#include "foundation/base/json.h"
#include "foundation/base/json_stream.h"

namespace slipway::packaging {

namespace {

double contribution(const LogisticModel::Term& term, double value) {
  if (std::isnan(value)) return term.missing;
  if (term.categories.empty()) return (value - term.mean) / term.scale * term.weight;
  const auto code = static_cast<size_t>(value);
  return code < term.categories.size() ? term.categories[code] : term.missing;
}

double read_finite(JsonReader& reader) {
  const double value = reader.read_number().real;
  if (!std::isfinite(value)) throw reader.fault("a weight must be a finite number");
  return value;
}

// Through the exact reader: weights must come back bit by bit, or a saved model would score a little differently.
LogisticModel::Term read_term(JsonReader& reader) {
  LogisticModel::Term term;
  const std::map<std::string, double*> numbers = {
      {"mean", &term.mean}, {"scale", &term.scale}, {"weight", &term.weight}, {"missing", &term.missing}};
  reader.begin_object();
  std::string key;
  while (reader.next_member(key)) {
    if (const auto number = numbers.find(key); number != numbers.end()) {
      *number->second = read_finite(reader);
    } else if (key == "categories") {
      reader.begin_array();
      while (reader.next_element()) term.categories.push_back(read_finite(reader));
    } else {
      reader.skip();
    }
  }
  if (term.scale == 0) throw reader.fault("a scale must not be 0");
  return term;
}

}  // namespace

std::vector<double> LogisticModel::score(const engines::MatrixView& matrix) const {
  if (matrix.columns != terms.size()) {
    throw invalid_argument("the model takes ", terms.size(), " features, got ", matrix.columns);
  }
  std::vector<double> scores(matrix.rows, bias);
  for (size_t column = 0; column < matrix.columns; ++column) {
    for (size_t row = 0; row < matrix.rows; ++row) scores[row] += contribution(terms[column], matrix.at(row, column));
  }
  for (double& score : scores) score = 1 / (1 + std::exp(-score));
  return scores;
}

std::string write_logistic(const LogisticModel& model) {
  json::array features;
  for (const LogisticModel::Term& term : model.terms) {
    json::array categories;
    for (const double weight : term.categories) categories.emplace_back(weight);
    features.push_back(json::object{{"mean", term.mean},
                                    {"scale", term.scale},
                                    {"weight", term.weight},
                                    {"missing", term.missing},
                                    {"categories", std::move(categories)}});
  }
  return json::write_pretty(json::object{{"bias", model.bias}, {"features", std::move(features)}});
}

LogisticModel parse_logistic(std::string_view text) {
  LogisticModel model;
  JsonReader reader(text);
  reader.begin_object();
  std::string key;
  while (reader.next_member(key)) {
    if (key == "bias") {
      model.bias = read_finite(reader);
    } else if (key == "features") {
      reader.begin_array();
      while (reader.next_element()) model.terms.push_back(read_term(reader));
    } else {
      reader.skip();
    }
  }
  reader.finish();
  return model;
}

}  // namespace slipway::packaging
