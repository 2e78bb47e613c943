// The rows of traces with their tags, metadata, links and totals. Used by Traces inside its transactions.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "domains/traces/trace.h"
#include "domains/tracking/paging.h"

namespace slipway::traces {

class TraceStore {
 public:
  explicit TraceStore(sql::Transaction& transaction) : transaction_(transaction) {}

  // Replaces what is known of the trace, but keeps previews that are not given again; tags and metadata are added to
  // those that are there.
  void put(const Trace& trace);
  std::optional<Trace> find(const TraceId& id);
  // Throws not_found.
  Trace get(const TraceId& id);
  // Those that exist, in the order asked for.
  std::vector<Trace> find_all(const std::vector<TraceId>& ids);
  Page<Trace> search(const tracking::SelectBuilder& select, const tracking::PageRequest& request);
  // Throws not_found; cheaper than get.
  void check_exists(const TraceId& id);

  void put_tags(const TraceId& id, const std::vector<Tag>& tags);
  bool remove_tag(const TraceId& id, const std::string& key);
  void put_metadata(const TraceId& id, const std::vector<Tag>& pairs);
  void put_usage(const TraceId& id, const std::map<std::string, double>& numbers);

  // "run" and its id, "prompt" and "NAME/VERSION". A link that is there already stays.
  void link(const TraceId& id, std::string_view kind, const std::string& target);

  // Of one experiment, the oldest first.
  std::vector<TraceId> find_until(const ExperimentId& experiment, int64_t until_ms, std::optional<int64_t> limit);
  std::vector<TraceId> find_in(const ExperimentId& experiment, const std::vector<TraceId>& ids);
  // With everything that belongs to them.
  void remove(const std::vector<TraceId>& ids);
  void remove_all(const ExperimentId& experiment);

 private:
  void put_pairs(std::string_view table, const TraceId& id, const std::vector<Tag>& pairs);
  void load(std::vector<Trace>& traces);

  sql::Transaction& transaction_;
};

// The start of a SELECT that TraceStore::search can read; the table is called t.
tracking::SelectBuilder select_traces();

}  // namespace slipway::traces
