// Numbers in memory as engines take them. Used by packaging, training and serving.
#pragma once

#include <cstddef>
#include <span>

namespace slipway::engines {

enum class Layout { kRows, kColumns };

// NaN where missing. kRows: one row after another; kColumns: one column after another.
struct MatrixView {
  std::span<const double> values;
  size_t rows = 0;
  size_t columns = 0;
  Layout layout = Layout::kRows;

  double at(size_t row, size_t column) const {
    return layout == Layout::kRows ? values[row * columns + column] : values[column * rows + row];
  }
};

}  // namespace slipway::engines
