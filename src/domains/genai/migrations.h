// The tables of evaluation datasets, scorers and issues, as steps that are only ever appended.
#pragma once

#include <vector>

#include "foundation/sql/database.h"

namespace slipway::genai {

std::vector<sql::Migration> migrations();

}  // namespace slipway::genai
