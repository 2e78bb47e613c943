// Holds a table against a schema and says what is wrong, where and how often. Used by the command `validate`.
#pragma once

#include <string>
#include <vector>

#include "domains/validation/schema.h"
#include "foundation/base/progress.h"

namespace slipway::validation {

struct Example {
  uint64_t row = 0;  // the first row of data is 1
  std::string value;
};

struct Anomaly {
  std::string column;  // empty: the table as a whole
  // column_absent, extra_column, type, missing, min, max, values, unique, pattern, min_rows, max_rows, or the name of
  // an expression rule
  std::string rule;
  std::string message;
  uint64_t count = 0;   // rows
  double fraction = 0;  // of all rows
  std::vector<Example> examples;
};

struct Verdict {
  uint64_t rows = 0;
  uint64_t columns = 0;
  std::vector<Anomaly> anomalies;  // the table's, then by column in the schema's order
  bool is_valid() const { return anomalies.empty(); }
};

struct ValidateOptions {
  size_t max_examples = 5;
};

// Uses all cores. Expression rules are run by DuckDB, which is needed only when there are some.
Verdict validate(const tables::Table& table, const Schema& schema, const ValidateOptions& options = {},
                 Progress* progress = nullptr);
// The file with its text columns read as text: in CSV a column of digits would otherwise count as numbers.
tables::Table read_for_schema(const std::string& path, const Schema& schema);

// {"valid", "rows", "columns", "anomalies": [{"column", "rule", "message", "count", "fraction", "examples": [{"row",
// "value"}]}]}; a table's anomaly has column null.
std::string to_json(const Verdict& verdict);
// For people.
std::string to_text(const Verdict& verdict, const std::string& data);

}  // namespace slipway::validation
