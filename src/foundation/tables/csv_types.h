// From the texts of a CSV column to a column of the type they are: the rules that io.h promises. Used by csv.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/tables/table.h"

namespace slipway::tables {

// Cells as Arrow lays them out: int32 positions into bytes, one bit per cell that is 0 where missing (null: none is).
struct TextChunk {
  const int32_t* offsets = nullptr;
  const char* bytes = nullptr;
  const uint8_t* validity = nullptr;
  size_t first = 0;  // offset of the first cell in offsets and validity
  size_t length = 0;

  bool is_missing(size_t i) const {
    return validity != nullptr && ((validity[(first + i) / 8] >> ((first + i) % 8)) & 1) == 0;
  }
  std::string_view text(size_t i) const {
    const int32_t begin = offsets[first + i];
    return {bytes + begin, static_cast<size_t>(offsets[first + i + 1] - begin)};
  }
};

// The narrowest type that all cells read as, without losing what was written.
Column settle_type(const std::string& name, const std::vector<TextChunk>& chunks);

// A cell that does not read as the type asked for.
struct CellMismatch {
  size_t row;
  std::string value;
};
// Reads as the caller wishes, spelling aside (`007` is 7, `yes` is true); throws CellMismatch.
Column force_type(const std::string& name, ColumnType type, const std::vector<TextChunk>& chunks);

}  // namespace slipway::tables
