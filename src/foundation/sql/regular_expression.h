// Regular expressions in SQL: `x REGEXP ?` on SQLite, which has the operator but no engine for it, and `x ~ ?` on
// PostgreSQL. Both look for the pattern anywhere in the text.
#pragma once

#include <string_view>

struct sqlite3;

namespace slipway::sql {

// Throws invalid_argument for what is no regular expression, or one over 1000 bytes. Callers check a pattern from
// outside before they put it into a statement.
void check_pattern(std::string_view pattern);

// Gives a connection its REGEXP. A pattern that would take too long on some text ends the statement with too_large.
void add_regexp(sqlite3* handle);

}  // namespace slipway::sql
