// The text of a SQL script before DuckDB sees it: variables filled in, statements told apart with the line each begins
// on, files that it writes placed in the folder. Used by query.cpp.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::tables {

// Replaces every {{name}}; throws invalid_argument naming an unknown one, its line and the names there are.
std::string fill_variables(std::string_view script, const std::map<std::string, std::string>& variables);

struct SqlStatement {
  std::string text;
  size_t line = 1;
};
// Splits at semicolons outside quotes, comments and dollar quotes; pieces of blanks and comments only are left out.
std::vector<SqlStatement> split_statements(std::string_view script);

// In `COPY ... TO 'file'` a relative file name is put behind the folder: DuckDB looks up only what it reads there.
std::string place_output(const std::string& statement, const std::string& folder);

}  // namespace slipway::tables
