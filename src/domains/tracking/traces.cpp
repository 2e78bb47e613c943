#include "domains/tracking/traces.h"

#include <algorithm>
#include <cctype>

#include "domains/tracking/experiment_store.h"
#include "domains/tracking/limits.h"
#include "domains/tracking/trace_store.h"
#include "foundation/base/error.h"

namespace slipway::tracking {

namespace {

constexpr int64_t kMaxTraces = 500;
constexpr size_t kMaxKey = 250;
constexpr std::string_view kLocationTag = "mlflow.artifactLocation";

void check_key(const std::string& key, std::string_view where) {
  if (key.empty()) throw invalid_argument("'", where, "' must not be empty");
  check_length(key, kMaxKey, where);
}

void check_trace(const Trace& trace) {
  const bool sound = !trace.id.value.empty() && trace.id.value.size() <= 128 &&
                     std::all_of(trace.id.value.begin(), trace.id.value.end(), [](char c) {
                       return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_';
                     });
  if (!sound)
    throw invalid_argument("Invalid value \"", trace.id.value,
                           "\" for parameter 'trace_id' supplied: letters, digits, - and _");
  for (const Tag& tag : trace.tags) check_key(tag.key, "tags.key");
  for (const Tag& pair : trace.metadata) check_key(pair.key, "trace_metadata.key");
}

// Clients do not say where spans go: reading a trace must never lead out of its experiment.
void refuse_location(const std::string& key) {
  if (key == kLocationTag)
    throw invalid_argument("the tag '", kLocationTag, "' is set by the server and cannot be changed");
}

}  // namespace

Trace Traces::put(const Trace& trace) {
  check_trace(trace);
  return database_.write_value<Trace>([&](sql::Transaction& transaction) {
    const Experiment experiment = ExperimentStore(transaction).get_active(trace.experiment_id);
    TraceStore store(transaction);
    const auto known = store.find(trace.id);
    if (known && known->experiment_id != trace.experiment_id) {
      throw invalid_argument("trace '", trace.id.value, "' belongs to experiment ", known->experiment_id.value);
    }
    Trace complete = trace;
    for (Tag& tag : complete.tags) tag.value = cut_tag_value(tag.value);
    std::erase_if(complete.tags, [](const Tag& tag) { return tag.key == kLocationTag; });
    complete.tags.push_back({std::string(kLocationTag),
                             text::concat(experiment.artifact_location, "/traces/", trace.id.value, "/artifacts")});
    store.put(complete);
    return store.get(trace.id);
  });
}

Trace Traces::get(const TraceId& id) {
  return database_.read_value<Trace>([&](sql::Transaction& transaction) { return TraceStore(transaction).get(id); });
}

Page<Trace> Traces::search(const std::vector<ExperimentId>& experiments, const Search& search) {
  check_max_results(search.max_results, kMaxTraces);
  const int64_t offset = parse_page_token(search.page_token);
  Page<Trace> page;
  page.items = database_.read_value<std::vector<Trace>>([&](sql::Transaction& transaction) {
    return TraceStore(transaction).search(experiments, search, search.max_results + 1, offset);
  });
  cut_page(page, search.max_results, offset);
  return page;
}

void Traces::set_tag(const TraceId& id, const Tag& tag) {
  refuse_location(tag.key);
  check_key(tag.key, "key");
  database_.write([&](sql::Transaction& transaction) {
    TraceStore store(transaction);
    store.get(id);
    store.set_tag(id, {tag.key, cut_tag_value(tag.value)});
  });
}

void Traces::delete_tag(const TraceId& id, const std::string& key) {
  refuse_location(key);
  database_.write([&](sql::Transaction& transaction) {
    TraceStore store(transaction);
    store.get(id);
    if (!store.remove_tag(id, key)) throw not_found("No tag with key '", key, "' on trace '", id.value, "'");
  });
}

}  // namespace slipway::tracking
