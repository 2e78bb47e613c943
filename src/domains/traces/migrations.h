// The tables of traces beyond those that tracking's fourth migration made (traces, trace_tags, trace_metadata), as
// steps that are only ever appended.
#pragma once

#include <vector>

#include "foundation/sql/database.h"

namespace slipway::traces {

std::vector<sql::Migration> migrations();

}  // namespace slipway::traces
