// The tables of webhooks and of the calls that wait, as steps that are only ever appended.
#pragma once

#include <vector>

#include "foundation/sql/database.h"

namespace slipway::webhooks {

std::vector<sql::Migration> migrations();

}  // namespace slipway::webhooks
