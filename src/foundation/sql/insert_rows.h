// Many rows by few statements. Used by the stores whose batches are large.
#pragma once

#include <functional>
#include <string_view>

#include "foundation/sql/database.h"

namespace slipway::sql {

// `head` is "INSERT INTO t (a, b)" with that many `columns`, `tail` what comes after the values (" ON CONFLICT ...").
// `add` appends the values of one row. Statements have one of three sizes, so that few get prepared. Returns how many
// rows were inserted.
int64_t insert_rows(Transaction& transaction, std::string_view head, size_t columns, std::string_view tail,
                    size_t count, const std::function<void(size_t row, Values& values)>& add);

}  // namespace slipway::sql
