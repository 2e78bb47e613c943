// An answer that is ready and waits for a change to be durable. The connection is its own until then; no thread waits.
// Made by the session, completed by the server.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "foundation/base/metrics.h"
#include "foundation/base/pending_change.h"
#include "foundation/http/connection.h"
#include "foundation/http/message.h"
#include "foundation/http/response_writer.h"
#include "foundation/http/router.h"

namespace slipway::http {

// Lives while a request is counted as being answered.
class InFlight {
 public:
  explicit InFlight(metrics::Gauge& gauge) : gauge_(&gauge) { gauge.add(1); }
  InFlight(InFlight&& other) noexcept : gauge_(std::exchange(other.gauge_, nullptr)) {}
  InFlight& operator=(InFlight&&) = delete;
  ~InFlight() {
    if (gauge_ != nullptr) gauge_->add(-1);
  }

 private:
  metrics::Gauge* gauge_;
};

// What is counted and logged about a request once it is answered.
struct Account {
  InFlight in_flight;
  std::chrono::steady_clock::time_point started;
  const Route* route = nullptr;
  int status = 0;
  uint64_t body_bytes = 0;
};

struct HeldAnswer {
  std::shared_ptr<PendingChange> change;
  Connection& connection;
  Request request;  // its body is gone
  Account account;
  Terms terms;
  std::string bytes;
};

}  // namespace slipway::http
