// Texts by name as they lie in the database. Used by the stores of the gateway.
#pragma once

#include <string>
#include <string_view>

#include "domains/gateway/model.h"
#include "foundation/sql/database.h"

namespace slipway::gateway {

// A JSON object of texts, and back; throws data_loss for anything else.
std::string to_text(const Pairs& pairs);
Pairs pairs_of(std::string_view text);

// What people may see of a secret value: its first three and last four characters, nothing of one with less than eight.
std::string masked(std::string_view value);
Pairs masked(const Pairs& values);

// The four columns created_ms, updated_ms, created_by, updated_by from `column` on.
Stamp stamp_of(const sql::Row& row, int column);
// After a change: later than before even if the clock stands still, so that clients see that something changed.
void touch(Stamp& stamp, int64_t now_ms, const std::string& changer);

}  // namespace slipway::gateway
