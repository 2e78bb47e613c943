// Which tables a database has, in either dialect.
#pragma once

#include <string>

#include "foundation/sql/database.h"

namespace slipway::sql {

bool has_table(Transaction& transaction, const std::string& name);

}  // namespace slipway::sql
