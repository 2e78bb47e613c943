// The values of a tensor one after another, from JSON or from binary, and how they become cells of a column.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "foundation/tables/table.h"
#include "protocols/oip/infer_request.h"

namespace slipway::oip {

struct Cell {
  enum class Kind { kMissing, kBoolean, kInteger, kReal, kText };
  Kind kind = Kind::kMissing;
  int64_t integer = 0;
  double real = 0;
  std::string_view text;
};

// Calls `each` for every element in row-major order, nested lists flattened, and checks that there are as many as the
// shape says. Throws invalid_argument naming the tensor.
void for_each_cell(const InputTensor& tensor, const std::function<void(const Cell&)>& each);

// Appends as the column's type; invalid_argument when the value does not fit it.
void append_cell(tables::Column& column, const Cell& cell);

}  // namespace slipway::oip
