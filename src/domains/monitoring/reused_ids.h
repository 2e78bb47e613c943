// Tells of predictions whose ids do not tell them apart: a client sends a constant, or a proxy its own. All of them
// count, but a label reaches only the last one. Used by Monitors.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "domains/monitoring/prediction_store.h"
#include "foundation/base/metrics.h"

namespace slipway::monitoring {

class ReusedIds {
 public:
  // Both must outlive this.
  ReusedIds(const Clock& clock, metrics::Registry& registry) : clock_(clock), registry_(registry) {}

  // Counts them, and says so in the log at most once a minute for each model.
  void note(const std::string& model, const PredictionReceipt& receipt);

 private:
  struct Told {
    int64_t at_ms = 0;
    size_t since = 0;  // predictions that were counted and not yet told of
  };

  const Clock& clock_;
  metrics::Registry& registry_;
  std::mutex mutex_;  // guards told_
  std::map<std::string, Told> told_;
};

}  // namespace slipway::monitoring
