// Turns filters and order keys of a search for traces into SQL. Used by Traces and Analysis, and by
// domains that keep such filters.
//
//   status = 'OK' AND tags.team IN ('a', 'b') AND span.name LIKE '%model%' AND feedback.correct = 'true' AND text LIKE
//   '%x%'
#pragma once

#include <string>
#include <vector>

#include "domains/traces/trace.h"
#include "domains/tracking/select.h"

namespace slipway::traces {

// The builder's table of traces is called t. All comparisons about spans must hold for one span.
void add_experiments(tracking::SelectBuilder& select, const std::vector<ExperimentId>& experiments);
void add_trace_conditions(tracking::SelectBuilder& select, sql::Dialect dialect,
                          const std::vector<tracking::Comparison>& comparisons);
// Throws invalid_argument for a filter that no search would take.
void check_trace_filter(const std::string& filter);
// Missing values come last in both directions; ties: newest first, then by id.
void add_trace_order(tracking::SelectBuilder& select, const std::vector<std::string>& order_by);

// A condition that the trace is in a run, by its own word or by a link; `trace_id` is the column.
tracking::Condition run_condition(const std::string& trace_id, const std::string& run_id);

}  // namespace slipway::traces
