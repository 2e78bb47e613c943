// Gives out everything of tracking, portion by portion on the caller's snapshot, however much there is. Used by those
// who move whole stores.
#pragma once

#include <functional>
#include <vector>

#include "domains/tracking/intake.h"

namespace slipway::tracking {

class Outlet {
 public:
  explicit Outlet(sql::Transaction& transaction) : transaction_(transaction) {}

  // All, with deleted ones, by number.
  std::vector<Experiment> experiments();
  // At most `limit` after that id, by id.
  std::vector<StoredRun> runs(const RunId& after, int64_t limit);
  std::vector<LoggedModel> models(const LoggedModelId& after, int64_t limit);
  // One for each metric of these runs, in any order.
  std::vector<SeriesSummary> series_of(const std::vector<RunId>& runs);
  // Of all runs, each point once.
  int64_t count_points();
  // The points of these runs, so many at a time.
  void points(const std::vector<RunId>& runs, size_t portion,
              const std::function<void(const std::vector<SeriesPoints>&)>& on_series);

 private:
  sql::Transaction& transaction_;
};

}  // namespace slipway::tracking
