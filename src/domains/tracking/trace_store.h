// The rows of traces with their tags and metadata. Used by Traces inside its transactions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domains/tracking/select.h"
#include "domains/tracking/trace.h"

namespace slipway::tracking {

class TraceStore {
 public:
  explicit TraceStore(sql::Transaction& transaction) : transaction_(transaction) {}

  // Replaces what is known of the trace; tags and metadata are added to those that are there.
  void put(const Trace& trace);
  std::optional<Trace> find(const TraceId& id);
  // Throws not_found.
  Trace get(const TraceId& id);
  std::vector<Trace> search(const std::vector<ExperimentId>& experiments, const Search& search, int64_t limit,
                            int64_t offset);
  void set_tag(const TraceId& id, const Tag& tag);
  bool remove_tag(const TraceId& id, const std::string& key);

 private:
  void put_pairs(std::string_view table, const TraceId& id, const std::vector<Tag>& pairs);
  void load(std::vector<Trace>& traces);

  sql::Transaction& transaction_;
};

}  // namespace slipway::tracking
