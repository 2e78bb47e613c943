// The use cases of traces: reported by the client at their end, found again, tagged. Part of Tracking.
#pragma once

#include <string>
#include <vector>

#include "domains/tracking/trace.h"
#include "foundation/sql/database.h"

namespace slipway::tracking {

class Traces {
 public:
  explicit Traces(sql::Database& database) : database_(database) {}

  // Stores the trace, or what changed of it, and says where its spans go: in the tag mlflow.artifactLocation.
  Trace put(const Trace& trace);
  Trace get(const TraceId& id);
  Page<Trace> search(const std::vector<ExperimentId>& experiments, const Search& search);
  void set_tag(const TraceId& id, const Tag& tag);
  void delete_tag(const TraceId& id, const std::string& key);

 private:
  sql::Database& database_;
};

}  // namespace slipway::tracking
