#include "domains/serving/prediction_log.h"

#include "foundation/base/error.h"
#include "foundation/base/log.h"

namespace slipway::serving {

namespace {
constexpr size_t kReadBytes = size_t{1} << 20U;
constexpr int kKeyDigits = 32;
}  // namespace

PredictionLog::PredictionLog(spool::SpoolOptions options, const std::string& model_name, metrics::Registry& registry)
    : spool_(std::move(options)),
      written_(registry.counter("slipway_prediction_log_rows_total", "Predictions written to the local log",
                                {{"model", model_name}})),
      dropped_(registry.counter("slipway_prediction_log_dropped_rows_total",
                                "Predictions lost: the log was full or could not be written", {{"model", model_name}})),
      damaged_(registry.counter("slipway_prediction_log_damaged_bytes_total", "Unreadable bytes that were skipped",
                                {{"model", model_name}})),
      pending_bytes_(registry.gauge("slipway_prediction_log_pending_bytes", "Bytes of the log not forwarded yet",
                                    {{"model", model_name}})) {
  measure();
}

void PredictionLog::append(PredictionRecord record) {
  const size_t rows = record.prediction_ids->size();
  if (rows == 0) return;
  const std::string key = ids_.hex(kKeyDigits);
  record.key = key;
  thread_local std::string bytes;  // keeps its memory from request to request
  encode_record(record, bytes);
  try {
    spool_.append(bytes, static_cast<uint32_t>(rows));
    written_.add(static_cast<double>(rows));
    if (failing_.exchange(false)) log::info("prediction_log.works_again");
  } catch (const Error& error) {
    dropped_.add(static_cast<double>(rows));
    if (!failing_.exchange(true)) log::error("prediction_log.cannot_write", {{"reason", error.what()}});
  }
}

PredictionLog::Pending PredictionLog::pending_from(spool::SpoolPosition from, size_t max_rows) {
  Pending pending;
  pending.next = from;
  spool::Spool::Chunk chunk = spool_.read(from, kReadBytes);
  if (chunk.payloads.empty()) {
    pending.next = chunk.next;
    return pending;
  }
  // The chunk may start later than asked for: at the next segment.
  uint64_t total = 0;
  for (const std::string& payload : chunk.payloads) total += spool::Spool::stored_bytes(payload);
  pending.next = {chunk.next.segment, chunk.next.offset - total};
  for (const std::string& payload : chunk.payloads) {
    try {
      PredictionBatch next = decode_record(payload);
      if (pending.batch.rows() == 0) {
        pending.batch = std::move(next);
      } else if (pending.batch.fits(next)) {
        pending.batch.append(next);
      } else {
        break;
      }
    } catch (const Error& error) {
      damaged_.add(static_cast<double>(payload.size()));
      log::error("prediction_log.damaged_record", {{"reason", error.what()}});
    }
    pending.next.offset += spool::Spool::stored_bytes(payload);
    if (pending.batch.rows() >= max_rows) break;
  }
  return pending;
}

void PredictionLog::release(spool::SpoolPosition upto) { spool_.release(upto); }

void PredictionLog::measure() {
  pending_bytes_.set(static_cast<double>(spool_.pending_bytes()));
  const spool::Spool::Losses losses = spool_.losses();
  dropped_.add(static_cast<double>(losses.dropped_items - counted_.dropped_items));
  damaged_.add(static_cast<double>(losses.damaged_bytes - counted_.damaged_bytes));
  counted_ = losses;
}

}  // namespace slipway::serving
