#include "foundation/sql/tables.h"

namespace slipway::sql {

bool has_table(Transaction& transaction, const std::string& name) {
  const std::string_view statement =
      transaction.dialect() == Dialect::kSqlite
          ? "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = ?"
          : "SELECT count(*) FROM pg_catalog.pg_class WHERE oid = to_regclass(CAST(? AS TEXT))";
  return transaction.query_int(statement, {name}).value_or(0) > 0;
}

}  // namespace slipway::sql
