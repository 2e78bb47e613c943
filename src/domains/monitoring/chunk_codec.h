// A table as compact bytes for one cell of the database, and back: how the prediction store keeps its batches.
//
// Layout (little endian): "SPC1", rows u32, columns u32; per column: name (u16 length), type u8, a flag u8 and, when it
// is 1, one bit per row that is set where missing; then fractions as 8 bytes each; whole numbers, truths and times as
// the least value (8 bytes), a width of 0, 1, 2, 4 or 8 and the differences to it; text as its distinct values
// (u32 count, each with u32 length), a width and an index per row.
#pragma once

#include <string>
#include <string_view>

#include "foundation/tables/table.h"

namespace slipway::monitoring {

// Throws too_large over a million rows or fifty million cells.
std::string encode_chunk(const tables::Table& table);
// Throws data_loss when the bytes are not what encode_chunk made.
tables::Table decode_chunk(std::string_view bytes);

}  // namespace slipway::monitoring
