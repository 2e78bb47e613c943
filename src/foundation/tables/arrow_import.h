// Columns from Arrow's C structures. Used by arrow_bridge.cpp.
#pragma once

#include <vector>

#include "foundation/tables/table.h"

struct ArrowArray;
struct ArrowSchema;

namespace slipway::tables::bridge {

// The field's arrays one after another as one column; throws invalid_argument naming the column when a value has no
// place in our types.
Column import_column(const ArrowSchema& field, const std::vector<const ArrowArray*>& arrays);

}  // namespace slipway::tables::bridge
