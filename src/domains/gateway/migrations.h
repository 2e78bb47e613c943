// The gateway's tables, as steps that are only ever appended.
#pragma once

#include <vector>

#include "foundation/sql/database.h"

namespace slipway::gateway {

std::vector<sql::Migration> migrations();

}  // namespace slipway::gateway
