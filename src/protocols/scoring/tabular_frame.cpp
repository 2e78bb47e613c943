#include "protocols/scoring/tabular_frame.h"

#include "foundation/base/error.h"
#include "foundation/base/text.h"
#include "foundation/tables/io.h"
#include "protocols/scoring/coerce.h"
#include "protocols/scoring/errors.h"
#include "protocols/scoring/frame_builder.h"

namespace slipway::scoring {

namespace {

using tables::Column;
using tables::ColumnType;
using tables::Table;

void check_nothing_missing(const Column& column, const packaging::ColumnSpec& spec) {
  if (column.missing_count() == 0 || !cannot_be_missing(spec)) return;
  size_t row = 0;
  while (!column.is_missing(row)) ++row;
  throw bad_request(text::concat("Invalid input. Data is not compatible with model signature. Column '", spec.name,
                                 "' of type ", tables::name_of(spec.type), " has no value in row ", row));
}

Column widen(const Column& from, const packaging::ColumnSpec& spec) {
  if (from.type() == spec.type) return from;
  if (spec.type != ColumnType::kDouble ||
      (from.type() != ColumnType::kInteger && from.type() != ColumnType::kBoolean)) {
    throw invalid_parameter(text::concat("Incompatible input types for column ", spec.name, ". Can not safely convert ",
                                         tables::name_of(from.type()), " to ", tables::name_of(spec.type), "."));
  }
  Column column(spec.name, spec.type);
  column.reserve(from.size());
  for (size_t row = 0; row < from.size(); ++row) {
    if (from.is_missing(row)) {
      column.append_missing();
    } else {
      column.append_double(from.number(row));
    }
  }
  return column;
}

// The signature's columns, others dropped.
Table enforce(const Table& sent, const packaging::Signature& signature) {
  if (signature.inputs.empty()) return sent;
  check_required(signature, sent);
  Table table;
  for (const packaging::ColumnSpec& spec : signature.inputs) {
    const Column* column = sent.find(spec.name);
    if (column == nullptr) continue;
    check_nothing_missing(*column, spec);
    table.add(widen(*column, spec));
  }
  return table;
}

}  // namespace

Table read_csv_frame(std::string_view body, const packaging::Signature& signature) {
  if (text::trim(body).empty()) throw bad_request("Invalid input. The CSV body is empty");
  tables::ReadOptions options;
  for (const packaging::ColumnSpec& spec : signature.inputs) options.types[spec.name] = spec.type;
  try {
    return enforce(tables::read_csv(body, options), signature);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kInvalidArgument) throw;
    throw bad_request(text::concat("Invalid input. The CSV body cannot be read: ", error.what()));
  }
}

Table read_parquet_frame(std::string_view body, const packaging::Signature& signature) {
  try {
    return enforce(tables::read_parquet(body), signature);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kInvalidArgument && error.code() != ErrorCode::kDataLoss) throw;
    throw bad_request(text::concat("Invalid input. The Parquet body cannot be read: ", error.what()));
  }
}

}  // namespace slipway::scoring
