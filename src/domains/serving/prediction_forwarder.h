// Sends the prediction log's batches on, at least once each, in order, with patience. The receiver tells what it
// has already by the predictions' keys. Used by `slipway serve`.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "domains/serving/prediction_log.h"

namespace slipway::serving {

class PredictionForwarder {
 public:
  // Delivers one batch. Throws invalid_argument or too_large when the receiver will never take it (it is skipped and
  // counted), anything else for "try again later".
  using Sink = std::function<void(const PredictionBatch&)>;
  struct Options {
    int64_t interval_ms = 250;  // between looks at the log while nothing waits
    int64_t max_backoff_ms = 30'000;
    int64_t final_timeout_ms = 2'000;  // what stop() may take to send the rest
    size_t max_rows = 2000;
  };

  // The log and the registry must outlive this.
  PredictionForwarder(PredictionLog& log, Sink sink, const std::string& model_name, metrics::Registry& registry,
                      Options options);
  PredictionForwarder(PredictionLog& log, Sink sink, const std::string& model_name, metrics::Registry& registry)
      : PredictionForwarder(log, std::move(sink), model_name, registry, Options()) {}
  ~PredictionForwarder();

  // A thread of its own until stop(), which makes one last attempt to empty the log.
  void start();
  void stop();

  // Sends one batch; kFailed leaves it for later.
  enum class Outcome { kSent, kNothingPending, kFailed };
  Outcome forward_once();

 private:
  void run(const std::stop_token& stop);
  void deliver(const PredictionLog::Pending& pending);
  void note_failure(const std::string& reason);
  void note_lag(bool caught_up);

  PredictionLog& log_;
  const Sink sink_;
  const Options options_;
  metrics::Counter& sent_rows_;
  metrics::Counter& rejected_rows_;
  metrics::Counter& failures_;
  metrics::Gauge& lag_seconds_;
  spool::SpoolPosition position_;
  int64_t caught_up_ms_;
  bool failing_ = false;
  std::mutex mutex_;  // for wake_ only
  std::condition_variable_any wake_;
  std::jthread thread_;
};

}  // namespace slipway::serving
