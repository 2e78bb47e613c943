#include "domains/serving/prediction_forwarder.h"

#include <algorithm>
#include <utility>

#include "foundation/base/clock.h"
#include "foundation/base/error.h"
#include "foundation/base/log.h"

namespace slipway::serving {

PredictionForwarder::PredictionForwarder(PredictionLog& log, Sink sink, const std::string& model_name,
                                         metrics::Registry& registry, Options options)
    : log_(log),
      sink_(std::move(sink)),
      options_(options),
      sent_rows_(registry.counter("slipway_prediction_forward_rows_total", "Predictions the server has taken",
                                  {{"model", model_name}})),
      rejected_rows_(registry.counter("slipway_prediction_forward_rejected_rows_total",
                                      "Predictions the server refused for good", {{"model", model_name}})),
      failures_(registry.counter("slipway_prediction_forward_failures_total", "Attempts to forward that failed",
                                 {{"model", model_name}})),
      lag_seconds_(registry.gauge("slipway_prediction_forward_lag_seconds",
                                  "Time since everything logged was forwarded", {{"model", model_name}})),
      position_(log.released()),
      caught_up_ms_(steady_ms()) {}

PredictionForwarder::~PredictionForwarder() { stop(); }

void PredictionForwarder::start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void PredictionForwarder::stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
  const int64_t deadline_ms = steady_ms() + options_.final_timeout_ms;
  while (steady_ms() < deadline_ms && forward_once() == Outcome::kSent) {
  }
}

void PredictionForwarder::run(const std::stop_token& stop) {
  int64_t backoff_ms = options_.interval_ms;
  while (!stop.stop_requested()) {
    const Outcome outcome = forward_once();
    if (outcome == Outcome::kSent) {
      backoff_ms = options_.interval_ms;
      continue;
    }
    const int64_t pause_ms = outcome == Outcome::kFailed ? backoff_ms : options_.interval_ms;
    if (outcome == Outcome::kFailed) backoff_ms = std::min(backoff_ms * 2, options_.max_backoff_ms);
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, stop, std::chrono::milliseconds(pause_ms), [] { return false; });
  }
}

PredictionForwarder::Outcome PredictionForwarder::forward_once() {
  Outcome outcome = Outcome::kSent;
  try {
    const PredictionLog::Pending pending = log_.pending_from(position_, options_.max_rows);
    if (pending.batch.rows() != 0) deliver(pending);
    if (pending.next == position_) outcome = Outcome::kNothingPending;
    // Released before the position moves: should releasing fail, the batch is sent again.
    log_.release(pending.next);
    position_ = pending.next;
    if (std::exchange(failing_, false)) log::info("predictions.forwarding_again");
  } catch (const std::exception& error) {
    note_failure(error.what());
    outcome = Outcome::kFailed;
  }
  note_lag(outcome == Outcome::kNothingPending);
  return outcome;
}

void PredictionForwarder::deliver(const PredictionLog::Pending& pending) {
  const auto rows = static_cast<double>(pending.batch.rows());
  try {
    sink_(pending.batch);
    sent_rows_.add(rows);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kInvalidArgument && error.code() != ErrorCode::kTooLarge) throw;
    rejected_rows_.add(rows);
    log::error("predictions.rejected", {{"rows", std::to_string(pending.batch.rows())}, {"reason", error.what()}});
  }
}

void PredictionForwarder::note_failure(const std::string& reason) {
  failures_.add();
  if (!std::exchange(failing_, true)) log::warning("predictions.not_forwarded", {{"reason", reason}});
}

void PredictionForwarder::note_lag(bool caught_up) {
  const int64_t now_ms = steady_ms();
  if (caught_up) caught_up_ms_ = now_ms;
  lag_seconds_.set(static_cast<double>(now_ms - caught_up_ms_) / 1000);
  log_.measure();
}

}  // namespace slipway::serving
