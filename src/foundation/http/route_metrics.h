// The series that the server counts requests into, found once per route and then updated without a lock.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <unordered_map>

#include "foundation/base/metrics.h"
#include "foundation/http/router.h"

namespace slipway::http {

class RouteMetrics {
 public:
  explicit RouteMetrics(metrics::Registry& registry);
  // Once all routes are there and before the first request.
  void add_routes(const Router& router);

  // nullptr stands for requests that no route answered.
  void count(const Route* route, int status, double seconds);
  metrics::Gauge& connections() { return connections_; }
  metrics::Gauge& in_flight() { return in_flight_; }

 private:
  struct Series {
    metrics::Labels labels;
    metrics::Histogram* seconds = nullptr;
    // By status: hundreds, then the first 32 of each; others are rare and looked up.
    std::array<std::atomic<metrics::Counter*>, 160> requests{};
  };
  void add(const Route* route, std::string method, std::string pattern);
  metrics::Counter& counter(const Series& series, int status);

  metrics::Registry& registry_;
  metrics::Gauge& connections_;
  metrics::Gauge& in_flight_;
  std::unordered_map<const Route*, std::unique_ptr<Series>> series_;  // not changed after add_routes
};

}  // namespace slipway::http
