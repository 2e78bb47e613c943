#include "domains/packaging/encoding.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "foundation/base/error.h"

namespace slipway::packaging {

namespace {

using tables::Column;
using tables::ColumnType;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

void check_number_column(const Column& column, const Feature& feature) {
  if (column.type() != ColumnType::kText || column.missing_count() == column.size()) return;
  throw invalid_argument("column '", feature.name, "' must hold numbers, got text like '", column.display(0), "'");
}

double number_at(const Column& column, size_t row) {
  return column.type() == ColumnType::kText ? kNaN : column.number(row);
}

}  // namespace

std::string category_text(const Column& column, size_t row, ColumnType type) {
  if (column.is_missing(row)) return "";
  if (column.type() == ColumnType::kText) return std::string(column.text(row));
  const double number = column.number(row);
  if (std::isnan(number)) return "";
  if (type == ColumnType::kBoolean) return number != 0 ? "true" : "false";
  if (number == std::floor(number) && std::abs(number) < 0x1p53) return std::to_string(static_cast<int64_t>(number));
  return text::format_double(number);
}

Encoding::Encoding(std::vector<Feature> features) : features_(std::move(features)), codes_(features_.size()) {
  for (size_t i = 0; i < features_.size(); ++i) {
    double code = 0;
    for (const std::string& category : features_[i].categories) codes_[i].emplace(category, code++);
  }
}

std::vector<ColumnSpec> Encoding::input_columns() const {
  std::vector<ColumnSpec> columns;
  for (const Feature& feature : features_) {
    const bool holds_missing_in_pandas = feature.type == ColumnType::kText || feature.type == ColumnType::kTime;
    const bool as_double = !feature.required && !holds_missing_in_pandas;
    columns.push_back({feature.name, as_double ? ColumnType::kDouble : feature.type, feature.required});
  }
  return columns;
}

template <typename RowAt>
std::vector<double> Encoding::encode_rows(const tables::Table& table, size_t rows, RowAt row_at,
                                          engines::Layout layout) const {
  const size_t width = features_.size();
  std::vector<double> values(rows * width, kNaN);
  const size_t row_step = layout == engines::Layout::kRows ? width : 1;
  const size_t feature_step = layout == engines::Layout::kRows ? 1 : rows;
  for (size_t place = 0; place < width; ++place) {
    const Feature& feature = features_[place];
    const Column* column = table.find(feature.name);
    if (column == nullptr && feature.required) throw invalid_argument("column '", feature.name, "' is missing");
    if (column == nullptr) continue;
    double* out = values.data() + place * feature_step;
    if (feature.kind == FeatureKind::kNumber) {
      check_number_column(*column, feature);
      for (size_t i = 0; i < rows; ++i) out[i * row_step] = number_at(*column, row_at(i));
      continue;
    }
    const Codes& codes = codes_[place];
    const bool is_text = column->type() == ColumnType::kText;
    for (size_t i = 0; i < rows; ++i) {
      const size_t row = row_at(i);
      if (column->is_missing(row)) continue;
      const auto found =
          is_text ? codes.find(column->text(row)) : codes.find(category_text(*column, row, feature.type));
      if (found != codes.end()) out[i * row_step] = found->second;
    }
  }
  return values;
}

std::vector<double> Encoding::encode(const tables::Table& table, std::span<const size_t> rows,
                                     engines::Layout layout) const {
  return encode_rows(
      table, rows.size(), [rows](size_t i) { return rows[i]; }, layout);
}

std::vector<double> Encoding::encode(const tables::Table& table, engines::Layout layout) const {
  return encode_rows(
      table, table.rows(), [](size_t i) { return i; }, layout);
}

Encoding fit_encoding(const tables::Table& table, std::span<const size_t> rows, const EncodingOptions& options) {
  std::vector<Feature> features;
  for (const std::string& name : options.features) {
    const Column& column = table.get(name);
    const bool categorical = std::ranges::find(options.categorical, name) != options.categorical.end();
    if (!categorical && column.type() == ColumnType::kText) {
      throw invalid_argument("feature '", name, "' holds text: list it under 'categorical' or exclude it");
    }
    if (categorical && (column.type() == ColumnType::kDouble || column.type() == ColumnType::kTime)) {
      throw invalid_argument("feature '", name, "' is categorical but holds ", tables::name_of(column.type()),
                             " values: cast it to text or integers");
    }
    Feature feature;
    feature.name = name;
    feature.type = column.type();
    feature.kind = categorical ? FeatureKind::kCategory : FeatureKind::kNumber;
    std::map<std::string, int64_t> counts;
    for (const size_t row : rows) {
      if (column.is_missing(row)) feature.required = false;
      if (categorical && !column.is_missing(row)) ++counts[category_text(column, row, column.type())];
    }
    for (const auto& [category, count] : counts) {
      if (count >= options.min_category_rows) feature.categories.push_back(category);
    }
    features.push_back(std::move(feature));
  }
  return Encoding(std::move(features));
}

}  // namespace slipway::packaging
