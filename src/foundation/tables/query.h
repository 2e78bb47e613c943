// SQL over tables and files by DuckDB, which is opened on first use. Extension download is off; results are
// deterministic only if the SQL orders them.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "foundation/tables/table.h"

namespace slipway::tables {

struct QueryOptions {
  std::string folder;                            // relative paths in the SQL start here; empty: the current one
  std::map<std::string, std::string> variables;  // {{name}} in the SQL text is replaced; an unknown name is an error
  int threads = 0;                               // 0: all cores
  std::function<void()> on_statement{};          // called after each statement
};

// Runs every statement of a script; the result of the last one, empty if it gives none. Errors are invalid_argument
// with DuckDB's message and the statement's line.
Table query(const std::string& script, const QueryOptions& options = {});
void execute_script(const std::string& script, const QueryOptions& options = {});

}  // namespace slipway::tables
