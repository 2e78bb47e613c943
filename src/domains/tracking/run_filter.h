// Turns a search for runs into SQL: which fields there are, which operators each takes, and how runs are ordered. Used
// by Tracking::search_runs.
#pragma once

#include <string>
#include <vector>

#include "domains/tracking/filter.h"
#include "domains/tracking/select.h"

namespace slipway::tracking {

void add_run_conditions(SelectBuilder& select, sql::Dialect dialect, const std::vector<Comparison>& comparisons);
// Values first, then NaN, then runs without the field, in both directions; ties by start, newest first, then by id.
void add_run_order(SelectBuilder& select, const std::vector<std::string>& order_by);

}  // namespace slipway::tracking
