// Takes in traces that were made elsewhere with their spans, assessments and links, and gives them out whole again.
// What is there already stays. Used by those who move whole stores.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domains/traces/trace.h"
#include "domains/tracking/arrival.h"
#include "foundation/sql/database.h"

namespace slipway::traces {

// What a trace belongs to: "run" and its id, "prompt" and "NAME/VERSION".
struct TraceLink {
  std::string kind;
  std::string target;
  bool operator==(const TraceLink&) const = default;
};

struct StoredTrace {
  Trace trace;
  std::vector<Span> spans;  // those that lie in the database
  std::vector<TraceLink> links;
};

// What of a span searches and metrics look at, as texts and numbers of their own.
struct SpanSummary {
  std::optional<std::string> type;
  std::optional<std::string> model_name;
  std::optional<std::string> model_provider;
  std::optional<double> input_cost;
  std::optional<double> output_cost;
  std::optional<double> total_cost;
};
SpanSummary summarize(const Span& span);

struct TraceRowCounts {
  int64_t traces = 0;
  int64_t tags = 0;
  int64_t metadata = 0;
  int64_t spans = 0;
  int64_t assessments = 0;
  int64_t links = 0;
};

// The first difference, spans by their ids, names and times.
std::string difference(const StoredTrace& here, const StoredTrace& there);

class Intake {
 public:
  Intake(sql::Database& database, bool only_look) : database_(database), only_look_(only_look) {}

  // One transaction.
  std::vector<tracking::Arrival> take(std::vector<StoredTrace> traces);
  TraceRowCounts count(const std::vector<TraceId>& traces);

 private:
  sql::Database& database_;
  const bool only_look_;
};

// What is stored, on the caller's snapshot.
class Outlet {
 public:
  explicit Outlet(sql::Transaction& transaction) : transaction_(transaction) {}
  // At most `limit` ids after `after`.
  std::vector<TraceId> ids(const TraceId& after, int64_t limit);
  // Those that exist, with everything.
  std::vector<StoredTrace> get(const std::vector<TraceId>& ids);

 private:
  sql::Transaction& transaction_;
};

}  // namespace slipway::traces
