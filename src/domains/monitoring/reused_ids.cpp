#include "domains/monitoring/reused_ids.h"

#include <utility>

#include "foundation/base/log.h"
#include "foundation/base/text.h"

namespace slipway::monitoring {

namespace {
constexpr int64_t kTellEveryMs = 60'000;
}

void ReusedIds::note(const std::string& model, const PredictionReceipt& receipt) {
  if (receipt.reused == 0) return;
  registry_
      .counter("slipway_monitor_reused_prediction_ids_total", "Predictions whose id an earlier prediction has, too",
               {{"model", model}})
      .add(static_cast<double>(receipt.reused));
  size_t count = 0;
  {
    const std::lock_guard lock(mutex_);
    Told& told = told_[model];
    told.since += receipt.reused;
    const int64_t now_ms = clock_.now_ms();
    if (told.at_ms != 0 && now_ms - told.at_ms < kTellEveryMs) return;
    count = std::exchange(told.since, 0);
    told.at_ms = now_ms;
  }
  log::warning("prediction ids are used again; labels reach only the last prediction of an id",
               {{"model", model},
                {"predictions", std::to_string(count)},
                {"advice", "send a new OIP id or X-Request-Id with each request, or none"}});
}

}  // namespace slipway::monitoring
