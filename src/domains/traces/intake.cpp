#include "domains/traces/intake.h"

#include <algorithm>
#include <limits>
#include <unordered_map>

#include "domains/traces/assessment_store.h"
#include "domains/traces/span_store.h"
#include "domains/traces/trace_store.h"
#include "domains/traces/usage.h"
#include "domains/tracking/difference.h"
#include "foundation/base/error.h"

namespace slipway::traces {

namespace {

using tracking::Arrival;
using tracking::Fate;
using tracking::number_difference;
using tracking::tags_difference;
using tracking::text_difference;

// As key and content, so that they compare like tags.
std::vector<Tag> spans_of(const StoredTrace& stored) {
  std::vector<Tag> out;
  for (const Span& span : stored.spans) {
    out.push_back({span.span_id,
                   text::concat(span.name, " below ", span.parent_id, ", ", name_of(span.status), ", ", span.start_ns,
                                " to ", span.end_ns.value_or(-1), ", ", span.attributes.size(), " attributes")});
  }
  return out;
}

std::vector<Tag> assessments_of(const StoredTrace& stored) {
  std::vector<Tag> out;
  for (const Assessment& one : stored.trace.assessments) {
    out.push_back({one.id.value, text::concat(name_of(one.kind), " ", one.name, " = ", one.value, " by ",
                                              one.source_type, " ", one.source_id, ", ", one.is_valid ? "" : "in",
                                              "valid, ", one.updated_ms, ", ", one.rationale.value_or(""))});
  }
  return out;
}

std::vector<Tag> links_of(const StoredTrace& stored) {
  std::vector<Tag> out;
  for (const TraceLink& link : stored.links) out.push_back({link.kind + " " + link.target, ""});
  return out;
}

// A span below one that reports its usage is covered: the totals know its share already (see usage.h).
void mark_covered(std::vector<PreparedSpan>& spans, std::optional<std::string> PreparedSpan::*report,
                  bool PreparedSpan::*covered) {
  std::unordered_map<std::string_view, PreparedSpan*> by_id;
  for (PreparedSpan& one : spans) by_id[one.span.span_id] = &one;
  for (PreparedSpan& one : spans) {
    // Parents may form a ring in a damaged store: no chain is longer than there are spans.
    size_t steps = 0;
    auto above = by_id.find(one.span.parent_id);
    while (above != by_id.end() && steps++ < spans.size() && !(one.*covered)) {
      if (above->second->*report || above->second->*covered) one.*covered = true;
      above = by_id.find(above->second->span.parent_id);
    }
  }
}

void insert_spans(sql::Transaction& transaction, std::vector<Span>& spans) {
  std::vector<PreparedSpan> prepared;
  prepared.reserve(spans.size());
  for (Span& span : spans) prepared.push_back(prepare(std::move(span)));
  mark_covered(prepared, &PreparedSpan::tokens, &PreparedSpan::tokens_covered);
  mark_covered(prepared, &PreparedSpan::cost, &PreparedSpan::cost_covered);
  std::vector<PreparedSpan*> pointers;
  for (PreparedSpan& one : prepared) pointers.push_back(&one);
  SpanStore(transaction).put(pointers);
}

void insert(sql::Transaction& transaction, StoredTrace& stored) {
  TraceStore store(transaction);
  store.put(stored.trace);
  UsageTotals(transaction).put_reported(stored.trace);
  for (const Assessment& assessment : stored.trace.assessments) {
    if (!AssessmentStore(transaction).put(assessment))
      throw already_exists("the assessment id '", assessment.id.value, "' belongs to another trace");
  }
  insert_spans(transaction, stored.spans);
  for (const TraceLink& link : stored.links) store.link(stored.trace.id, link.kind, link.target);
}

sql::Values values_of(const std::vector<TraceId>& ids) {
  sql::Values out;
  for (const TraceId& id : ids) out.emplace_back(id.value);
  return out;
}

}  // namespace

std::string difference(const StoredTrace& here, const StoredTrace& there) {
  const Trace& a = here.trace;
  const Trace& b = there.trace;
  for (const std::string& one :
       {text_difference("experiment", a.experiment_id.value, b.experiment_id.value),
        text_difference("client request id", a.client_request_id, b.client_request_id),
        text_difference("request", a.request_preview, b.request_preview),
        text_difference("response", a.response_preview, b.response_preview),
        number_difference("request time", a.request_ms, b.request_ms),
        number_difference("duration", a.execution_ms.value_or(-1), b.execution_ms.value_or(-1)),
        text_difference("state", a.state, b.state), tags_difference("tag", a.tags, b.tags),
        tags_difference("metadata", a.metadata, b.metadata),
        tags_difference("assessment", assessments_of(here), assessments_of(there)),
        tags_difference("span", spans_of(here), spans_of(there)),
        tags_difference("link", links_of(here), links_of(there))}) {
    if (!one.empty()) return one;
  }
  return "";
}

SpanSummary summarize(const Span& span) {
  const PreparedSpan prepared = prepare(span);
  return {prepared.type,
          prepared.model_name,
          prepared.model_provider,
          cost_of(prepared, "input_cost"),
          cost_of(prepared, "output_cost"),
          cost_of(prepared, "total_cost")};
}

std::vector<Arrival> Intake::take(std::vector<StoredTrace> traces) {
  std::vector<TraceId> ids;
  for (const StoredTrace& stored : traces) ids.push_back(stored.trace.id);
  std::vector<Arrival> out;
  const auto work = [&](sql::Transaction& transaction) {
    out.clear();
    std::unordered_map<std::string, StoredTrace> known;
    for (StoredTrace& stored : Outlet(transaction).get(ids)) {
      std::string id = stored.trace.id.value;
      known.emplace(std::move(id), std::move(stored));
    }
    for (const StoredTrace& stored : traces) {
      const auto found = known.find(stored.trace.id.value);
      if (found != known.end()) {
        out.push_back(tracking::arrival_of(difference(found->second, stored)));
        continue;
      }
      out.emplace_back();
      if (only_look_) continue;
      StoredTrace copy = stored;  // the work may run again
      insert(transaction, copy);
    }
  };
  only_look_ ? database_.read(work) : database_.write(work);
  return out;
}

TraceRowCounts Intake::count(const std::vector<TraceId>& traces) {
  TraceRowCounts out;
  database_.read([&](sql::Transaction& transaction) {
    const auto of = [&](std::string_view table) {
      int64_t sum = 0;
      tracking::query_in(transaction, text::concat("SELECT count(*) FROM ", table), "trace_id", values_of(traces), "",
                         [&](const sql::Row& row) { sum += row.get_int(0); });
      return sum;
    };
    out = {of("traces"),      of("trace_tags"),        of("trace_metadata"),
           of("trace_spans"), of("trace_assessments"), of("trace_links")};
  });
  return out;
}

std::vector<TraceId> Outlet::ids(const TraceId& after, int64_t limit) {
  return transaction_.query_all<TraceId>("SELECT trace_id FROM traces WHERE trace_id > ? ORDER BY trace_id LIMIT ?",
                                         {after.value, limit},
                                         [](const sql::Row& row) { return TraceId(row.get_text(0)); });
}

std::vector<StoredTrace> Outlet::get(const std::vector<TraceId>& ids) {
  std::vector<StoredTrace> out;
  std::unordered_map<std::string, size_t> places;
  for (Trace& trace : TraceStore(transaction_).find_all(ids)) {
    places[trace.id.value] = out.size();
    out.push_back({std::move(trace), {}, {}});
  }
  for (StoredTrace& stored : out) {
    stored.spans = SpanStore(transaction_).page(stored.trace.id, std::nullopt, std::numeric_limits<int64_t>::max());
  }
  tracking::query_in(transaction_, "SELECT trace_id, kind, target FROM trace_links", "trace_id", values_of(ids),
                     " ORDER BY trace_id, kind, target", [&](const sql::Row& row) {
                       out[places.at(row.get_text(0))].links.push_back({row.get_text(1), row.get_text(2)});
                     });
  return out;
}

}  // namespace slipway::traces
