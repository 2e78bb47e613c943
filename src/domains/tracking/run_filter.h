// What a search for runs may ask: which fields there are, which operators each takes, and how runs are ordered, as
// pieces of SQL. Used by run_search.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "domains/tracking/filter.h"
#include "domains/tracking/select.h"

namespace slipway::tracking {

enum class RunField { kAttribute, kMetric, kParam, kTag, kDataset };

// One comparison: a condition on the run `r` itself, or on a row of another table that must be there.
struct RunCondition {
  std::string table;  // empty: on the run itself
  std::string alias;  // the row's name in `condition`
  std::string key;    // of the metric, param or tag
  Condition condition;
  bool by_index = false;       // whether the table's index by experiment, key and value finds those rows
  bool is_text_equal = false;  // by_index, and the index knows whether a given run is among them
};
// Throws invalid_argument for fields that runs do not have and operators that a field does not take.
std::vector<RunCondition> run_conditions(sql::Dialect dialect, const std::vector<Comparison>& comparisons);

struct RunOrder {
  RunField field = RunField::kAttribute;
  std::string key;  // of the metric, param or tag; an attribute's column
  bool ascending = true;
  bool is_number = false;  // an attribute that is a time
};
// Throws invalid_argument for unknown fields and those that come twice.
std::vector<RunOrder> parse_run_order(const std::vector<std::string>& order_by);
// Values first, then NaN, then runs without the field, in both directions; ties by start, newest first, then by id.
void add_run_order(SelectBuilder& select, std::span<const RunOrder> order_by);

}  // namespace slipway::tracking
