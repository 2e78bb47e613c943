// Builds the model's input table from JSON values that come row by row or column by column, with the coercions of
// MLflow's scoring server. Columns the model does not know are dropped.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domains/packaging/signature.h"
#include "foundation/base/json_stream.h"

namespace slipway::scoring {

class FrameBuilder {
 public:
  static constexpr size_t kDropped = SIZE_MAX;

  // The signature must outlive this. Without columns in it, all that come are kept and their types found.
  explicit FrameBuilder(const packaging::Signature& signature) : signature_(signature) {}

  // Where values of that name go; a new column starts with `rows` missing cells.
  size_t column(std::string_view name, size_t rows = 0);
  // Reads one value. Throws bad_request when it cannot be made the column's type.
  void append(size_t column, JsonReader& reader);
  size_t size(size_t column) const;
  // Every column filled with missing cells up to that many.
  void pad(size_t rows);

  // Throws invalid_parameter naming required columns that are missing, bad_request for columns of different lengths.
  tables::Table finish();

 private:
  struct Slot {
    const packaging::ColumnSpec* spec = nullptr;  // null without a signature
    tables::Column values;
    std::vector<std::string_view> untyped;  // JSON texts, without a signature
  };
  void append_missing(Slot& slot);
  tables::Column typed(const Slot& slot) const;

  const packaging::Signature& signature_;
  std::vector<Slot> slots_;
  std::map<std::string, size_t, std::less<>> by_name_;
};

// Throws invalid_parameter in MLflow's words when required columns are not there.
void check_required(const packaging::Signature& signature, const tables::Table& table);

}  // namespace slipway::scoring
