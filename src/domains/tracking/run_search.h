// The search for runs. Databases guess badly which of several conditions leaves the fewest runs, so this looks first
// and says which table to begin with. Used by Tracking.
#pragma once

#include <cstdint>
#include <vector>

#include "domains/tracking/paging.h"
#include "domains/tracking/run_filter.h"
#include "domains/tracking/run_store.h"

namespace slipway::tracking {

struct RunQuestion {
  sql::Values experiments;
  Visibility visibility = Visibility::kActive;
  std::vector<RunCondition> conditions;
  std::vector<RunOrder> order_by;
  // A condition that at most so many runs meet is where the search begins.
  int64_t few = 2000;
  // Else the search looks along the wanted order, at so many runs: what is common is found there soon. If it is not,
  // the rarest condition that at most `many` runs meet is the better start after all.
  int64_t near = 2000;
  int64_t many = 50'000;
};

Page<RunRow> find_runs(sql::Transaction& transaction, const RunQuestion& question, const PageRequest& request);

}  // namespace slipway::tracking
