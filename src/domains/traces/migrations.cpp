#include "domains/traces/migrations.h"

namespace slipway::traces {

namespace {

// The small columns stand before the content, so that a search by name or parent reads no long texts. `..._covered`
// says that a span above this one already counts its tokens or cost (see usage.h). Totals of a trace lie in trace_usage
// as numbers, for the metrics; the metadata shows them as text.
constexpr std::string_view kSpansAndAssessments = R"(
CREATE TABLE trace_spans (
  trace_id TEXT NOT NULL,
  span_id TEXT NOT NULL,
  parent_id TEXT NOT NULL,
  is_child BIGINT NOT NULL,
  start_ns BIGINT NOT NULL,
  end_ns BIGINT,
  status TEXT NOT NULL,
  name TEXT NOT NULL,
  type TEXT,
  model_name TEXT,
  model_provider TEXT,
  input_cost DOUBLE PRECISION,
  output_cost DOUBLE PRECISION,
  total_cost DOUBLE PRECISION,
  tokens TEXT,
  tokens_covered BIGINT NOT NULL,
  cost TEXT,
  cost_covered BIGINT NOT NULL,
  content TEXT NOT NULL,
  PRIMARY KEY (trace_id, span_id)
);
CREATE INDEX trace_spans_in_order ON trace_spans (trace_id, is_child, start_ns, span_id);
CREATE INDEX trace_spans_by_parent ON trace_spans (trace_id, parent_id);
CREATE TABLE trace_usage (
  trace_id TEXT NOT NULL,
  key TEXT NOT NULL,
  value DOUBLE PRECISION NOT NULL,
  PRIMARY KEY (trace_id, key)
);
CREATE TABLE trace_links (
  trace_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  target TEXT NOT NULL,
  PRIMARY KEY (trace_id, kind, target)
);
CREATE INDEX trace_links_by_target ON trace_links (kind, target);
CREATE TABLE trace_assessments (
  position {{identity}},
  assessment_id TEXT NOT NULL UNIQUE,
  trace_id TEXT NOT NULL,
  span_id TEXT NOT NULL,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  value TEXT NOT NULL,
  number DOUBLE PRECISION,
  is_number BIGINT NOT NULL,
  error_code TEXT,
  error_message TEXT,
  error_stack TEXT,
  source_type TEXT NOT NULL,
  source_id TEXT NOT NULL,
  rationale TEXT,
  metadata TEXT NOT NULL,
  session TEXT NOT NULL,
  overrides TEXT NOT NULL,
  is_valid BIGINT NOT NULL,
  created_ms BIGINT NOT NULL,
  updated_ms BIGINT NOT NULL
);
CREATE INDEX trace_assessments_by_trace ON trace_assessments (trace_id, created_ms, position);
CREATE INDEX trace_assessments_by_session ON trace_assessments (session);
)";

// Few assessments are ties to issues, but an issue counts its own among all.
constexpr std::string_view kTiesToIssues =
    "CREATE INDEX trace_assessments_of_issues ON trace_assessments (name, trace_id) WHERE kind = 'issue';";

}  // namespace

std::vector<sql::Migration> migrations() {
  return {{1, "spans and assessments", kSpansAndAssessments}, {2, "ties of traces to issues", kTiesToIssues}};
}

}  // namespace slipway::traces
