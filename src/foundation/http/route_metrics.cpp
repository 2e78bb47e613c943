#include "foundation/http/route_metrics.h"

namespace slipway::http {

RouteMetrics::RouteMetrics(metrics::Registry& registry)
    : registry_(registry),
      connections_(registry.gauge("slipway_http_connections", "Open connections of HTTP clients.")),
      in_flight_(registry.gauge("slipway_http_requests_in_flight", "HTTP requests being answered now.")) {
  add(nullptr, "any", "none");
}

void RouteMetrics::add_routes(const Router& router) {
  for (const Route* route : router.all()) add(route, route->method, route->pattern);
}

void RouteMetrics::add(const Route* route, std::string method, std::string pattern) {
  auto series = std::make_unique<Series>();
  series->seconds = &registry_.histogram("slipway_http_request_seconds",
                                         "Time from a request's head to its answer's end.", {{"route", pattern}});
  series->labels = {{"method", std::move(method)}, {"route", std::move(pattern)}};
  series_.emplace(route, std::move(series));
}

metrics::Counter& RouteMetrics::counter(const Series& series, int status) {
  metrics::Labels labels = series.labels;
  labels.emplace_back("status", std::to_string(status));
  return registry_.counter("slipway_http_requests_total", "HTTP requests answered.", labels);
}

void RouteMetrics::count(const Route* route, int status, double seconds) {
  const auto found = series_.find(route);
  Series& series = found == series_.end() ? *series_.at(nullptr) : *found->second;
  series.seconds->observe(seconds);
  const int place = (status / 100 - 1) * 32 + status % 100;
  if (status < 100 || status >= 600 || status % 100 >= 32) return counter(series, status).add();
  std::atomic<metrics::Counter*>& slot = series.requests[static_cast<size_t>(place)];
  metrics::Counter* known = slot.load(std::memory_order_acquire);
  if (known == nullptr) {
    known = &counter(series, status);  // two threads at once find the same one
    slot.store(known, std::memory_order_release);
  }
  known->add();
}

}  // namespace slipway::http
