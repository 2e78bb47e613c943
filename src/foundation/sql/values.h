// What both databases demand of bound values, so that a value one of them takes is taken by the other.
#pragma once

#include "foundation/sql/database.h"

namespace slipway::sql {

// Throws invalid_argument for a NaN and for text that holds a NUL or is not UTF-8.
void check_values(const Values& values);

}  // namespace slipway::sql
