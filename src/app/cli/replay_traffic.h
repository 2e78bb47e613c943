// Recorded rows as live traffic: batches by time go to a model server over Open Inference Protocol with their own event
// time, labels follow to the monitoring server once their delay has passed. Used by `slipway replay`.
#pragma once

#include <cstdint>
#include <limits>
#include <string>

namespace slipway::cli {

struct ReplayPlan {
  std::string data;
  std::string model;
  std::string serve_url;
  std::string server_url;           // "" : no labels, no pipelines to wait for
  std::string authorization;        // the header that is shown to the server, "" for none
  std::string serve_authorization;  // the one that is shown to the model server
  std::string time_column;
  std::string id_column;
  std::string target;
  int64_t from_ms = std::numeric_limits<int64_t>::min();
  int64_t until_ms = std::numeric_limits<int64_t>::max();
  int64_t every_ms = 3'600'000;
  int64_t label_delay_ms = 0;
  int64_t speed_ms_per_second = 0;  // 0: no waiting
  bool slow_for_pipelines = false;
  int connections = 4;
};

struct ReplayResult {
  int64_t rows = 0;
  int64_t requests = 0;
  int64_t failed_requests = 0;
  int64_t labels = 0;
  int64_t duration_ms = 0;
  double latency_p50_ms = 0;
  double latency_p99_ms = 0;
  std::string first_failure;
};

// Throws when the table or the model's metadata cannot be had; a request that fails is counted, not thrown.
ReplayResult replay_traffic(const ReplayPlan& plan);

}  // namespace slipway::cli
