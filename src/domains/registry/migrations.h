// The tables of the registry, as steps that are only ever appended.
#pragma once

#include <vector>

#include "foundation/sql/database.h"

namespace slipway::registry {

std::vector<sql::Migration> migrations();

}  // namespace slipway::registry
