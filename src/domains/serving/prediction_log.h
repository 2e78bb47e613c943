// Every prediction, remembered durably before it is answered, and handed on in batches. Written to by the predictor,
// emptied by the forwarder.
#pragma once

#include <atomic>
#include <optional>
#include <string>

#include "domains/serving/prediction_batch.h"
#include "foundation/base/id.h"
#include "foundation/base/metrics.h"
#include "foundation/spool/spool.h"

namespace slipway::serving {

class PredictionLog {
 public:
  struct Pending {
    PredictionBatch batch;  // no rows: nothing is pending
    spool::SpoolPosition next;
  };

  // The registry must outlive this. Errors as Spool's.
  PredictionLog(spool::SpoolOptions options, const std::string& model_name, metrics::Registry& registry);

  // Gives the record a key of its own and returns when it is safe (see Durability). A full or broken disk must not stop
  // predictions: then the rows are counted as dropped and the log says so once.
  void append(PredictionRecord record);

  // About `max_rows` rows from a position on (at least one record), all of one version and with the same columns.
  Pending pending_from(spool::SpoolPosition from, size_t max_rows);
  void release(spool::SpoolPosition upto);
  spool::SpoolPosition released() const { return spool_.released(); }
  // Brings the gauges up to date.
  void measure();

 private:
  spool::Spool spool_;
  RandomIdSource ids_;
  metrics::Counter& written_;
  metrics::Counter& dropped_;
  metrics::Counter& damaged_;
  metrics::Gauge& pending_bytes_;
  std::atomic<bool> failing_{false};
  spool::Spool::Losses counted_;  // touched by the thread that measures
};

}  // namespace slipway::serving
