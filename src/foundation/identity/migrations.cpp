#include "foundation/identity/migrations.h"

namespace slipway::identity {

namespace {

constexpr std::string_view kAccounts = R"(
CREATE TABLE accounts (
  id {{identity}},
  name TEXT NOT NULL UNIQUE,
  password_hash TEXT NOT NULL,
  is_admin BIGINT NOT NULL,
  created_ms BIGINT NOT NULL
);
CREATE TABLE account_permissions (
  account BIGINT NOT NULL,
  kind TEXT NOT NULL,
  resource TEXT NOT NULL,
  level BIGINT NOT NULL,
  PRIMARY KEY (account, kind, resource)
);
CREATE INDEX account_permissions_by_resource ON account_permissions (kind, resource);
)";

}  // namespace

void migrate(sql::Database& database) { database.migrate("identity", {{1, "accounts and permissions", kAccounts}}); }

}  // namespace slipway::identity
