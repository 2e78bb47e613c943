#include "domains/traces/traces.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "domains/traces/assessment_store.h"
#include "domains/traces/assessments.h"
#include "domains/traces/span_store.h"
#include "domains/traces/trace_filter.h"
#include "domains/traces/trace_store.h"
#include "domains/traces/usage.h"
#include "domains/tracking/experiment_store.h"
#include "domains/tracking/limits.h"
#include "domains/tracking/run_store.h"
#include "foundation/base/error.h"

namespace slipway::traces {

namespace {

constexpr int64_t kMaxTraces = 500;
constexpr size_t kMaxLinks = 100;
constexpr std::array<std::string_view, 4> kStates = {kStateOk, kStateError, kStateInProgress, kStateUnspecified};

void check_id(const TraceId& id) {
  const bool sound =
      !id.value.empty() && id.value.size() <= 128 && std::all_of(id.value.begin(), id.value.end(), [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_';
      });
  if (!sound)
    throw invalid_argument("Invalid value \"", id.value,
                           "\" for parameter 'trace_id' supplied: letters, digits, - and _");
}

void check_state(const std::string& state) {
  if (std::find(kStates.begin(), kStates.end(), state) == kStates.end())
    throw invalid_argument("Invalid value \"", state, "\" for parameter 'state' supplied.");
}

// Where files and spans lie is for this server to say: reading a trace must never lead out of its experiment.
bool is_ours(std::string_view key) { return key == tag::kArtifacts || key == tag::kSpansLocation; }

void refuse_ours(const std::string& key) {
  if (is_ours(key)) throw invalid_argument("Tag '", key, "' is immutable: it is set by the server");
}

// Of a trace that a client reports as a whole. Its keys may look like anything, as on a stock server: a trace must not
// be lost for one of them.
std::vector<Tag> reported_tags(std::vector<Tag> tags) {
  std::erase_if(tags, [](const Tag& one) { return is_ours(one.key); });
  for (Tag& one : tags) {
    tracking::check_text_key(one.key, "key");
    one.value = tracking::cut_tag_value(one.value);
  }
  return tags;
}

void put_in_experiment(sql::Transaction& transaction, Trace& trace) {
  const tracking::Experiment experiment = tracking::ExperimentStore(transaction).get_active(trace.experiment_id);
  trace.tags.push_back({std::string(tag::kArtifacts), artifact_location(experiment.artifact_location, trace.id)});
  TraceStore(transaction).put(trace);
  UsageTotals(transaction).put_reported(trace);
}

}  // namespace

Tag checked_tag(Tag tag) {
  tracking::check_entity_key(tag.key, "key");
  tag.value = tracking::cut_tag_value(tag.value);
  return tag;
}

std::string artifact_location(const std::string& experiment_location, const TraceId& id) {
  return text::concat(experiment_location, "/traces/", id.value, "/artifacts");
}

Trace Traces::put(Trace trace) {
  check_id(trace.id);
  check_state(trace.state);
  trace.tags = reported_tags(std::move(trace.tags));
  for (const Tag& pair : trace.metadata) tracking::check_text_key(pair.key, "trace_metadata.key");
  std::erase_if(trace.metadata, [](const Tag& pair) { return pair.key == metadata::kFinalized; });
  trace.metadata.push_back({std::string(metadata::kFinalized), "true"});
  for (Assessment& assessment : trace.assessments) {
    assessment.trace_id = trace.id;
    complete(assessment, clock_, ids_);
  }
  return database_.write_value<Trace>([&](sql::Transaction& transaction) {
    TraceStore store(transaction);
    const auto known = store.find(trace.id);
    if (known && known->experiment_id != trace.experiment_id) {
      throw invalid_argument("trace '", trace.id.value, "' belongs to experiment ", known->experiment_id.value);
    }
    Trace complete = trace;
    put_in_experiment(transaction, complete);
    for (const Assessment& assessment : complete.assessments) {
      if (!AssessmentStore(transaction).put(assessment))
        throw already_exists("the assessment id '", assessment.id.value, "' belongs to another trace");
    }
    return store.get(trace.id);
  });
}

Trace Traces::begin(Trace trace) {
  trace.id = TraceId("tr-" + ids_.hex(32));
  trace.state = kStateInProgress;
  trace.tags = reported_tags(std::move(trace.tags));
  for (const Tag& pair : trace.metadata) tracking::check_text_key(pair.key, "request_metadata.key");
  return database_.write_value<Trace>([&](sql::Transaction& transaction) {
    Trace complete = trace;
    put_in_experiment(transaction, complete);
    return TraceStore(transaction).get(trace.id);
  });
}

Trace Traces::finish(const TraceId& id, int64_t end_ms, const std::string& state, const std::vector<Tag>& tags,
                     const std::vector<Tag>& metadata) {
  check_state(state);
  const std::vector<Tag> checked = reported_tags(tags);
  for (const Tag& pair : metadata) tracking::check_text_key(pair.key, "request_metadata.key");
  return database_.write_value<Trace>([&](sql::Transaction& transaction) {
    TraceStore store(transaction);
    Trace trace = store.get(id);
    trace.execution_ms = end_ms - trace.request_ms;
    trace.state = state;
    trace.tags = checked;
    trace.metadata = metadata;
    store.put(trace);
    UsageTotals(transaction).put_reported(trace);
    return store.get(id);
  });
}

Trace Traces::get(const TraceId& id) {
  return database_.read_value<Trace>([&](sql::Transaction& transaction) { return TraceStore(transaction).get(id); });
}

std::vector<ExperimentId> Traces::experiments_of(const std::vector<TraceId>& ids) {
  sql::Values values;
  for (const TraceId& id : ids) values.emplace_back(id.value);
  return database_.read_value<std::vector<ExperimentId>>([&](sql::Transaction& transaction) {
    return tracking::experiments_in(transaction, "traces", "trace_id", values);
  });
}

std::vector<Trace> Traces::get_all(const std::vector<TraceId>& ids) {
  return database_.read_value<std::vector<Trace>>(
      [&](sql::Transaction& transaction) { return TraceStore(transaction).find_all(ids); });
}

bool Traces::is_complete(const Trace& trace) {
  const int64_t expected = expected_span_count(trace);
  return database_.read_value<bool>([&](sql::Transaction& transaction) {
    const int64_t count = SpanStore(transaction).count(trace.id);
    return count > 0 && count >= expected;
  });
}

std::vector<Span> Traces::spans(const TraceId& id, const std::optional<SpanCursor>& after, int64_t limit) {
  return database_.read_value<std::vector<Span>>(
      [&](sql::Transaction& transaction) { return SpanStore(transaction).page(id, after, limit); });
}

Page<Trace> Traces::search(const std::vector<ExperimentId>& experiments, const Search& search) {
  tracking::check_max_results(search.max_results, kMaxTraces);
  const tracking::PageRequest request(search.max_results, search.page_token,
                                      tracking::Question::of("traces", experiments, search));
  const std::vector<tracking::Comparison> filter = tracking::parse_filter(search.filter);
  return database_.read_value<Page<Trace>>([&](sql::Transaction& transaction) {
    tracking::SelectBuilder select = select_traces();
    add_experiments(select, experiments);
    add_trace_conditions(select, transaction.dialect(), filter);
    add_trace_order(select, search.order_by);
    return TraceStore(transaction).search(select, request);
  });
}

void Traces::set_tag(const TraceId& id, const Tag& tag) {
  refuse_ours(tag.key);
  const Tag checked = checked_tag(tag);
  database_.write([&](sql::Transaction& transaction) {
    TraceStore store(transaction);
    store.check_exists(id);
    store.put_tags(id, {checked});
  });
}

void Traces::delete_tag(const TraceId& id, const std::string& key) {
  refuse_ours(key);
  database_.write([&](sql::Transaction& transaction) {
    TraceStore store(transaction);
    store.check_exists(id);
    if (!store.remove_tag(id, key))
      throw not_found("No trace tag with key '", key, "' for trace with ID '", id.value, "'");
  });
}

void Traces::link_to_run(const std::vector<TraceId>& ids, const std::string& run_id) {
  if (ids.size() > kMaxLinks)
    throw invalid_argument("Cannot link more than ", kMaxLinks, " traces to a run in a single request. Provided ",
                           ids.size(), " traces.");
  database_.write([&](sql::Transaction& transaction) {
    tracking::RunStore(transaction).get(tracking::RunId(run_id));
    TraceStore store(transaction);
    // Clients report traces in the background: a link may come before its trace.
    for (const TraceId& id : ids) store.link(id, "run", run_id);
  });
}

void Traces::link_prompts(const TraceId& id, const std::vector<PromptVersion>& prompts) {
  database_.write([&](sql::Transaction& transaction) {
    TraceStore store(transaction);
    store.check_exists(id);
    for (const PromptVersion& prompt : prompts) store.link(id, "prompt", prompt.name + "/" + prompt.version);
  });
}

int64_t Traces::remove(const ExperimentId& experiment, const TraceSelection& selection) {
  if (!selection.until_ms && selection.ids.empty())
    throw invalid_argument("Either `max_timestamp_millis` or `trace_ids` must be specified.");
  if (selection.until_ms && !selection.ids.empty())
    throw invalid_argument("Only one of `max_timestamp_millis` and `trace_ids` can be specified.");
  if (selection.most && !selection.ids.empty())
    throw invalid_argument("`max_traces` can't be specified if `trace_ids` is specified.");
  if (selection.most && *selection.most <= 0)
    throw invalid_argument("`max_traces` must be a positive integer, received ", *selection.most, ".");
  return database_.write_value<int64_t>([&](sql::Transaction& transaction) {
    TraceStore store(transaction);
    const std::vector<TraceId> ids = selection.until_ms
                                         ? store.find_until(experiment, *selection.until_ms, selection.most)
                                         : store.find_in(experiment, selection.ids);
    store.remove(ids);
    return static_cast<int64_t>(ids.size());
  });
}

}  // namespace slipway::traces
