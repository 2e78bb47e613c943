// How spans become part of traces: checked and prepared outside of the transaction, then stored with what they say of
// their trace.
#include <algorithm>
#include <map>
#include <unordered_map>

#include "domains/traces/json_text.h"
#include "domains/traces/preview.h"
#include "domains/traces/semantic_conventions.h"
#include "domains/traces/span_store.h"
#include "domains/traces/trace_store.h"
#include "domains/traces/traces.h"
#include "domains/traces/usage.h"
#include "domains/tracking/experiment_store.h"
#include "domains/tracking/run_store.h"
#include "foundation/base/error.h"

namespace slipway::traces {

namespace {

constexpr int64_t kNanosecondsPerMillisecond = 1'000'000;
constexpr size_t kMaxIdentity = 250;  // of a session or a user

// What one call says of one trace.
struct Report {
  std::vector<PreparedSpan*> spans;
  int64_t start_ms = 0;
  std::optional<int64_t> end_ms;
  const Span* root = nullptr;
  std::vector<Tag> tags;
  std::string session;
  std::string user;
};

void check(const Span& span) {
  if (span.trace_id.empty() || span.span_id.empty())
    throw invalid_argument("every span needs a trace id and a span id");
  if (span.start_ns < 0 || span.end_ns.value_or(0) < 0)
    throw invalid_argument("the times of span ", span.span_id, " must not be negative");
}

// Text of text attributes, JSON of others.
std::string plain(const std::string& value) { return text_of_json(value).value_or(value); }

void take_identity(std::string& known, const Span& span, std::string_view key) {
  if (!known.empty()) return;
  const std::string* value = find_attribute(span.attributes, key);
  if (value == nullptr || *value == "null") return;
  std::string text = plain(*value);
  if (text.size() <= kMaxIdentity) known = std::move(text);
}

std::optional<Tag> find_tag_of(const std::string& key, const std::string& value) {
  try {
    return checked_tag({key, plain(value)});
  } catch (const Error&) {
    return std::nullopt;  // what cannot be a tag stays an attribute
  }
}

// Which program made the spans. Its own names must not look like ours.
void add_resource_tags(std::vector<Tag>& tags, const Attributes& resource) {
  for (const Attribute& one : resource) {
    if (one.key.starts_with("telemetry.sdk.") || one.key.starts_with("mlflow.")) continue;
    if (auto found = find_tag_of(one.key, one.value)) tags.push_back(*std::move(found));
  }
}

void add_root_tags(std::vector<Tag>& tags, const Span& root) {
  for (const Attribute& one : root.attributes) {
    if (!one.key.starts_with(attribute::kTagPrefix)) continue;
    auto found = find_tag_of(one.key.substr(attribute::kTagPrefix.size()), one.value);
    const bool is_ours = found && (found->key == tag::kArtifacts || found->key == tag::kSpansLocation);
    if (found && !is_ours) tags.push_back(*std::move(found));
  }
}

void add(Report& report, PreparedSpan& prepared) {
  const Span& span = prepared.span;
  const int64_t start_ms = span.start_ns / kNanosecondsPerMillisecond;
  report.start_ms = report.spans.empty() ? start_ms : std::min(report.start_ms, start_ms);
  if (span.end_ns) {
    const int64_t end_ms = *span.end_ns / kNanosecondsPerMillisecond;
    report.end_ms = std::max(report.end_ms.value_or(end_ms), end_ms);
  }
  report.spans.push_back(&prepared);
  take_identity(report.session, span, attribute::kSession);
  take_identity(report.session, span, attribute::kConversation);
  take_identity(report.user, span, attribute::kUser);
  if (span.is_root()) report.root = &span;
}

// The spans of a call, each once: of two with the same id the later one counts.
std::vector<PreparedSpan> prepare_all(std::vector<SpanBatch>& batches) {
  std::vector<PreparedSpan> out;
  std::unordered_map<std::string, size_t> known;
  for (SpanBatch& batch : batches) {
    for (Span& span : batch.spans) {
      check(span);
      set_attribute(span.attributes, attribute::kTraceId, json_of(span.trace_id.value));
      translate_attributes(span);
      const auto [at, is_new] = known.try_emplace(span.trace_id.value + "/" + span.span_id, out.size());
      if (is_new) {
        out.push_back(prepare(std::move(span)));
      } else {
        out[at->second] = prepare(std::move(span));
      }
    }
  }
  return out;
}

std::map<std::string, Report> reports_of(std::vector<PreparedSpan>& spans,
                                         const std::map<std::string, const Attributes*>& resources) {
  std::map<std::string, Report> out;
  for (PreparedSpan& span : spans) add(out[span.span.trace_id.value], span);
  for (auto& [id, report] : out) {
    const auto resource = resources.find(id);
    if (resource != resources.end()) add_resource_tags(report.tags, *resource->second);
    if (report.root != nullptr) add_root_tags(report.tags, *report.root);
    report.tags.push_back({std::string(tag::kSpansLocation), std::string(tag::kSpansHere)});
  }
  return out;
}

std::map<std::string, const Attributes*> resources_of(const std::vector<SpanBatch>& batches) {
  std::map<std::string, const Attributes*> out;
  for (const SpanBatch& batch : batches) {
    if (batch.resource.empty()) continue;
    for (const Span& span : batch.spans) out.try_emplace(span.trace_id.value, &batch.resource);
  }
  return out;
}

// Shown on the root span alone; the trace has all of the resource as tags.
void name_service(std::vector<SpanBatch>& batches) {
  constexpr std::string_view kService = "service.name";
  for (SpanBatch& batch : batches) {
    const std::string* service = find_attribute(batch.resource, kService);
    if (service == nullptr) continue;
    for (Span& span : batch.spans) {
      if (span.is_root() && find_attribute(span.attributes, kService) == nullptr)
        set_attribute(span.attributes, kService, *service);
    }
  }
}

std::string state_of(const Span& root) {
  return std::string(root.status == SpanStatus::kError ? kStateError : kStateOk);
}

std::string preview_from(const Span& root, std::string_view key, PreviewOf side) {
  const std::string* value = find_attribute(root.attributes, key);
  return value == nullptr || *value == "null" ? "" : preview_of(*value, side);
}

void set_times(Trace& trace, const Report& report, bool is_new) {
  const int64_t start_ms = is_new ? report.start_ms : std::min(trace.request_ms, report.start_ms);
  std::optional<int64_t> end_ms = report.end_ms;
  if (trace.execution_ms) end_ms = std::max(end_ms.value_or(0), trace.request_ms + *trace.execution_ms);
  trace.request_ms = start_ms;
  trace.execution_ms = end_ms ? std::optional<int64_t>(*end_ms - start_ms) : std::nullopt;
}

// What the spans say and the client has not said itself.
void fill_in(Trace& trace, const Report& report, bool is_new) {
  const bool is_final = find_pair(trace.metadata, metadata::kFinalized) != nullptr;
  if (!is_final) set_times(trace, report, is_new);
  if (is_new) trace.state = kStateInProgress;
  if (report.root != nullptr) {
    if (trace.state == kStateInProgress || trace.state == kStateUnspecified) trace.state = state_of(*report.root);
    if (trace.request_preview.empty())
      trace.request_preview = preview_from(*report.root, attribute::kInputs, PreviewOf::kRequest);
    if (trace.response_preview.empty())
      trace.response_preview = preview_from(*report.root, attribute::kOutputs, PreviewOf::kResponse);
  }
}

std::vector<Tag> new_metadata(const Trace& trace, const Report& report) {
  std::vector<Tag> out;
  const auto add_once = [&](std::string_view key, const std::string& value) {
    if (!value.empty() && find_pair(trace.metadata, key) == nullptr) out.push_back({std::string(key), value});
  };
  add_once(metadata::kSession, report.session);
  add_once(metadata::kUser, report.user);
  return out;
}

class Ingestion {
 public:
  Ingestion(sql::Transaction& transaction, const ExperimentId& experiment)
      : transaction_(transaction), store_(transaction), experiment_id_(experiment) {}

  void store(const TraceId& id, const Report& report) {
    const auto known = store_.find(id);
    Trace trace = known.value_or(Trace{});
    if (!known) {
      trace.id = id;
      trace.experiment_id = experiment_id_;
    }
    fill_in(trace, report, !known);
    const std::vector<Tag> added = new_metadata(trace, report);
    Trace row = trace;
    row.tags = report.tags;
    row.metadata = added;
    if (!known) row.tags.push_back({std::string(tag::kArtifacts), artifact_location(location(), id)});
    store_.put(row);
    UsageTotals(transaction_).put_spans(trace, report.spans, !known);
  }

  void link(const TraceId& id, const std::string& run_id) { store_.link(id, "run", run_id); }

 private:
  const std::string& location() {
    if (!location_) location_ = tracking::ExperimentStore(transaction_).get_active(experiment_id_).artifact_location;
    return *location_;
  }

  sql::Transaction& transaction_;
  TraceStore store_;
  const ExperimentId& experiment_id_;
  std::optional<std::string> location_;
};

}  // namespace

void Traces::log_spans(const ExperimentId& experiment, std::vector<SpanBatch> batches, const std::string& run_id) {
  name_service(batches);
  const std::map<std::string, const Attributes*> resources = resources_of(batches);
  std::vector<PreparedSpan> spans = prepare_all(batches);
  if (spans.empty()) return;
  const std::map<std::string, Report> reports = reports_of(spans, resources);
  database_.write([&](sql::Transaction& transaction) {
    if (!run_id.empty()) tracking::RunStore(transaction).get(tracking::RunId(run_id));
    Ingestion ingestion(transaction, experiment);
    for (const auto& [id, report] : reports) {
      ingestion.store(TraceId(id), report);
      if (!run_id.empty() && report.root != nullptr) ingestion.link(TraceId(id), run_id);
    }
  });
}

}  // namespace slipway::traces
