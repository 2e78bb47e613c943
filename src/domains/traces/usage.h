// Totals of tokens and cost per trace, from what its spans report. Some programs report sums on a parent and the parts
// on its children; so only those spans count that have no span above them with a report of its own. Used by Traces when
// spans arrive.
//
// Spans come in any order and in any number of calls. Each row knows whether it is covered from above, and a span that
// arrives later covers what lies below it: every row is visited once in its life, so the cost stays linear.
#pragma once

#include <string_view>
#include <vector>

#include "domains/traces/span_store.h"
#include "domains/traces/trace.h"

namespace slipway::traces {

class UsageTotals {
 public:
  explicit UsageTotals(sql::Transaction& transaction) : transaction_(transaction) {}

  // Adds `spans` (none twice) of one trace, stores them and brings the totals and the metadata that show them up to
  // date. A measure that the client has reported for the whole trace stays as it said.
  void put_spans(const Trace& trace, const std::vector<PreparedSpan*>& spans, bool trace_is_new);
  // What the client reported in the trace's own metadata.
  void put_reported(const Trace& trace);

 private:
  sql::Transaction& transaction_;
};

}  // namespace slipway::traces
