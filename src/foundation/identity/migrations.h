// Tables of accounts and permissions. They lie in the same database as what they protect, so that searches can join
// them and so that deleting a thing and its permissions is one transaction.
#pragma once

#include "foundation/sql/database.h"

namespace slipway::identity {

// Every domain whose things have permissions calls it before it uses them.
void migrate(sql::Database& database);

}  // namespace slipway::identity
