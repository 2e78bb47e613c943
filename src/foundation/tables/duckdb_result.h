// A table from a DuckDB result. Used by query.cpp.
#pragma once

#include "foundation/tables/duckdb_session.h"
#include "foundation/tables/table.h"

namespace slipway::tables::duckdb {

// Whether cells of that type are read as they are; others must be cast to text first.
bool is_readable(Type type);
// Empty when the statement gives no rows (CREATE, INSERT).
Table to_table(QueryResult& result);

}  // namespace slipway::tables::duckdb
