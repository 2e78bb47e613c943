// The tables of tracking, as steps that are only ever appended.
#pragma once

#include <vector>

#include "foundation/sql/database.h"

namespace slipway::tracking {

std::vector<sql::Migration> migrations();

}  // namespace slipway::tracking
