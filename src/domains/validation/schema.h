// What a table is expected to be: a type, limits and values per column, and rules for the whole. Inferred from data
// that is known to be good (infer.h), edited by people as YAML, and held against new data (validate.h).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/tables/table.h"

namespace slipway::validation {

struct ColumnRule {
  std::string name;
  std::optional<tables::ColumnType> type;  // absent: any
  bool is_required = true;                 // the column itself must be there
  double max_missing_fraction = 0;
  std::optional<double> min;  // numbers; times as UTC milliseconds
  std::optional<double> max;
  std::vector<std::string> values;  // the allowed ones; empty: any
  double max_unknown_fraction = 0;  // of the cells present, how many may hold another value
  bool is_unique = false;
  std::string pattern;  // regular expression that the whole text must match; empty: any
};

// A SQL expression over the columns that must not be false in any row (NULL passes, as in a CHECK).
struct ExpressionRule {
  std::string name;
  std::string sql;
};

struct Schema {
  std::optional<uint64_t> min_rows;
  std::optional<uint64_t> max_rows;
  bool allows_extra_columns = false;
  std::vector<ExpressionRule> rules;
  std::vector<ColumnRule> columns;
};

// Throws invalid_argument naming the column and the key.
Schema parse_schema(std::string_view yaml);
Schema read_schema(const std::string& path);
// The YAML that parse_schema reads, with comments that explain how to edit it. `origin` stands in the first line: what
// the schema was inferred from.
std::string write_schema(const Schema& schema, const std::string& origin);

}  // namespace slipway::validation
