// The use cases of traces: their spans arrive, their clients report them, they are found, read, tagged, linked and
// deleted. Part of Tracing.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domains/traces/trace.h"
#include "foundation/base/clock.h"
#include "foundation/sql/database.h"

namespace slipway::traces {

struct PromptVersion {
  std::string name;
  std::string version;
};

// What to delete: the oldest up to a time, or some by their ids.
struct TraceSelection {
  std::optional<int64_t> until_ms;
  std::optional<int64_t> most;
  std::vector<TraceId> ids;
};

class Traces {
 public:
  Traces(sql::Database& database, Clock& clock, IdSource& ids) : database_(database), clock_(clock), ids_(ids) {}

  // The client's own report, sent at the end of a trace: what it says wins over what the spans let us guess. Says where
  // its files go: in the tag mlflow.artifactLocation.
  Trace put(Trace trace);
  // The older way: a trace gets its id when it begins and its state when it ends.
  Trace begin(Trace trace);
  Trace finish(const TraceId& id, int64_t end_ms, const std::string& state, const std::vector<Tag>& tags,
               const std::vector<Tag>& metadata);

  // Stores spans, all or none; a span that is known is replaced. A trace that nobody has reported yet is made in the
  // experiment; one that is known stays where it is. With a run, traces whose root is among the spans get linked to it.
  void log_spans(const ExperimentId& experiment, std::vector<SpanBatch> batches, const std::string& run_id = "");

  Trace get(const TraceId& id);
  // Where they lie, each experiment once; unknown traces lie nowhere.
  std::vector<ExperimentId> experiments_of(const std::vector<TraceId>& ids);
  // Those that exist, in the order asked for.
  std::vector<Trace> get_all(const std::vector<TraceId>& ids);
  // Whether as many spans are here as the client said there are.
  bool is_complete(const Trace& trace);
  // A page of its spans: at most `limit`, roots first, then by start, going on after `after`.
  std::vector<Span> spans(const TraceId& id, const std::optional<SpanCursor>& after, int64_t limit);
  Page<Trace> search(const std::vector<ExperimentId>& experiments, const Search& search);

  void set_tag(const TraceId& id, const Tag& tag);
  void delete_tag(const TraceId& id, const std::string& key);
  // Unknown traces are passed over.
  void link_to_run(const std::vector<TraceId>& ids, const std::string& run_id);
  void link_prompts(const TraceId& id, const std::vector<PromptVersion>& prompts);
  // Returns how many there were.
  int64_t remove(const ExperimentId& experiment, const TraceSelection& selection);

 private:
  sql::Database& database_;
  Clock& clock_;
  IdSource& ids_;
};

// What keys and values of tags may be; long values are cut.
Tag checked_tag(Tag tag);
std::string artifact_location(const std::string& experiment_location, const TraceId& id);

}  // namespace slipway::traces
