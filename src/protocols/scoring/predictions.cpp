#include "protocols/scoring/predictions.h"

#include <cmath>

#include "foundation/base/json_stream.h"
#include "foundation/base/text.h"

namespace slipway::scoring {

namespace {

using tables::Column;
using tables::ColumnType;

void append_double(std::string& out, double value) {
  if (std::isnan(value)) {
    out.append("NaN");
  } else if (std::isinf(value)) {
    out.append(value > 0 ? "Infinity" : "-Infinity");
  } else {
    append_json_number(out, value);
  }
}

// Without the trailing Z: pandas writes naive times.
void append_time(std::string& out, int64_t time_ms) {
  std::string text = text::format_time_ms(time_ms);
  if (text.ends_with('Z')) text.pop_back();
  append_json_string(out, text);
}

void append_cell(std::string& out, const Column& column, size_t row) {
  switch (column.type()) {
    case ColumnType::kDouble:
      return append_double(out, column.doubles()[row]);
    case ColumnType::kText:
      if (column.is_missing(row)) break;
      return append_json_string(out, column.text(row));
    case ColumnType::kBoolean:
      if (column.is_missing(row)) break;
      out.append(column.integers()[row] != 0 ? "true" : "false");
      return;
    case ColumnType::kInteger:
      if (column.is_missing(row)) break;
      return append_json_number(out, column.integers()[row]);
    case ColumnType::kTime:
      if (column.is_missing(row)) break;
      return append_time(out, column.integers()[row]);
  }
  out.append("null");
}

void append_row(std::string& out, const tables::Table& outputs, size_t row) {
  out.push_back('{');
  for (size_t i = 0; i < outputs.column_count(); ++i) {
    const Column& column = outputs.columns()[i];
    if (i != 0) out.append(", ");
    append_json_string(out, column.name());
    out.append(": ");
    append_cell(out, column, row);
  }
  out.push_back('}');
}

}  // namespace

std::string write_predictions(const tables::Table& outputs, serving::AnswerForm form) {
  std::string out = R"({"predictions": [)";
  for (size_t row = 0; row < outputs.rows(); ++row) {
    if (row != 0) out.append(", ");
    if (form == serving::AnswerForm::kArray && outputs.column_count() == 1) {
      append_cell(out, outputs.columns()[0], row);
    } else {
      append_row(out, outputs, row);
    }
  }
  return out.append("]}");
}

}  // namespace slipway::scoring
