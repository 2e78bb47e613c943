// From named, typed columns to the numbers a model works on, and the same way for training and serving: which columns
// in which order, and for a category its code. Saved with every model, so that what is served is what was trained.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "domains/packaging/signature.h"
#include "foundation/engines/matrix.h"
#include "foundation/tables/table.h"

namespace slipway::packaging {

enum class FeatureKind { kNumber, kCategory };

struct Feature {
  std::string name;
  tables::ColumnType type = tables::ColumnType::kDouble;
  FeatureKind kind = FeatureKind::kNumber;
  bool required = true;                 // false: had missing cells in training, the column may be left out
  std::vector<std::string> categories;  // a category's code is its place here; others count as missing
};

class Encoding {
 public:
  Encoding() = default;
  explicit Encoding(std::vector<Feature> features);

  const std::vector<Feature>& features() const { return features_; }
  // MLflow clients check their columns against this. Integers and booleans with missing cells are `double` there, as
  // pandas holds them.
  std::vector<ColumnSpec> input_columns() const;

  // The rows named, NaN for missing cells and unknown categories. Throws invalid_argument naming the column that is
  // missing or of a type that does not fit.
  std::vector<double> encode(const tables::Table& table, std::span<const size_t> rows, engines::Layout layout) const;
  // Every row.
  std::vector<double> encode(const tables::Table& table, engines::Layout layout) const;

 private:
  struct TextHash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  using Codes = std::unordered_map<std::string, double, TextHash, std::equal_to<>>;

  template <typename RowAt>
  std::vector<double> encode_rows(const tables::Table& table, size_t rows, RowAt row_at, engines::Layout layout) const;

  std::vector<Feature> features_;
  std::vector<Codes> codes_;  // one per feature, empty for numbers
};

// How a category's cell is written in `categories`: text as it is, whole numbers without a point, true or false. Empty
// for missing cells.
std::string category_text(const tables::Column& column, size_t row, tables::ColumnType type);

struct EncodingOptions {
  std::vector<std::string> features;     // in the model's order
  std::vector<std::string> categorical;  // of these
  int64_t min_category_rows = 10;        // rarer categories count as missing
};
// Learns types and categories from the rows named. Categories are in the order of their text.
Encoding fit_encoding(const tables::Table& table, std::span<const size_t> rows, const EncodingOptions& options);

}  // namespace slipway::packaging
