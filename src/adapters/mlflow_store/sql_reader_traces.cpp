// The traces half of SqlReader.
#include <unordered_map>

#include "adapters/mlflow_store/assessment_text.h"
#include "adapters/mlflow_store/promoted.h"
#include "adapters/mlflow_store/span_text.h"
#include "adapters/mlflow_store/sql_reader.h"
#include "foundation/base/error.h"

namespace slipway::mlflow_store {

using traces::StoredTrace;
using TraceOf = std::function<StoredTrace&(const std::string&)>;

namespace {
std::string text_or_empty(const sql::Row& row, int column) { return row.find_text(column).value_or(""); }

std::optional<traces::Assessment> assessment_of(const sql::Row& row) {
  traces::Assessment out;
  out.trace_id = traces::TraceId(row.get_text(0));
  out.id = traces::AssessmentId(row.get_text(1));
  out.name = row.get_text(2);
  out.created_ms = row.get_int(6);
  out.updated_ms = row.get_int(7);
  out.source_type = row.get_text(8);
  out.source_id = text_or_empty(row, 9);
  out.span_id = text_or_empty(row, 10);
  out.rationale = row.find_text(11);
  out.overrides = text_or_empty(row, 12);
  out.is_valid = row.find_int(13).value_or(1) != 0;
  try {
    read_assessment_value(row.get_text(3), row.get_text(4), out);
    out.error = read_assessment_error(text_or_empty(row, 5));
    out.metadata = read_pairs(text_or_empty(row, 14));
  } catch (const Error&) {
    return std::nullopt;
  }
  return out;
}

}  // namespace

std::vector<std::string> SqlReader::trace_ids_after(const std::string& after, int64_t limit) {
  if (!schema_.has("trace_info")) return {};
  return transaction_.query_all<std::string>(
      text::concat("SELECT t.request_id FROM trace_info t WHERE ", in_known_experiment("t.experiment_id"),
                   " AND t.request_id > ? ORDER BY t.request_id LIMIT ", limit),
      {after}, [](const sql::Row& row) { return row.get_text(0); });
}

std::vector<StoredTrace> SqlReader::traces(const sql::Values& ids) {
  if (!schema_.has("trace_info")) return {};
  const auto column = [&](const char* name) { return schema_.column("trace_info", "t", name); };
  std::vector<StoredTrace> out;
  std::unordered_map<std::string, size_t> places;
  tracking::query_in(
      transaction_,
      text::concat("SELECT t.request_id, t.experiment_id, t.timestamp_ms, t.execution_time_ms, t.status, ",
                   column("client_request_id"), ", ", column("request_preview"), ", ", column("response_preview"),
                   " FROM trace_info t"),
      "t.request_id", ids, "", [&](const sql::Row& row) {
        StoredTrace stored;
        traces::Trace& trace = stored.trace;
        trace.id = traces::TraceId(row.get_text(0));
        trace.experiment_id = traces::ExperimentId(std::to_string(row.get_int(1)));
        trace.request_ms = row.get_int(2);
        trace.execution_ms = row.find_int(3);
        trace.state = text_or_empty(row, 4);
        trace.client_request_id = text_or_empty(row, 5);
        trace.request_preview = text_or_empty(row, 6);
        trace.response_preview = text_or_empty(row, 7);
        places[trace.id.value] = out.size();
        out.push_back(std::move(stored));
      });
  const TraceOf trace_of = [&](const std::string& id) -> StoredTrace& { return out[places.at(id)]; };
  load_trace_parts(ids, trace_of);
  load_promoted(ids, trace_of);
  return out;
}

void SqlReader::load_trace_parts(const sql::Values& ids, const TraceOf& trace_of) {
  tracking::query_in(transaction_, "SELECT request_id, \"key\", value FROM trace_tags", "request_id", ids, "",
                     [&](const sql::Row& row) {
                       trace_of(row.get_text(0)).trace.tags.push_back({row.get_text(1), text_or_empty(row, 2)});
                     });
  tracking::query_in(transaction_, "SELECT request_id, \"key\", value FROM trace_request_metadata", "request_id", ids,
                     "", [&](const sql::Row& row) {
                       trace_of(row.get_text(0)).trace.metadata.push_back({row.get_text(1), text_or_empty(row, 2)});
                     });
  if (schema_.has("assessments")) {
    tracking::query_in(transaction_,
                       "SELECT trace_id, assessment_id, name, assessment_type, value, error, created_timestamp, "
                       "last_updated_timestamp, source_type, source_id, span_id, rationale, overrides, CASE WHEN valid "
                       "THEN 1 ELSE 0 END, assessment_metadata "
                       "FROM assessments",
                       "trace_id", ids, " ORDER BY trace_id, created_timestamp, assessment_id",
                       [&](const sql::Row& row) {
                         if (auto one = assessment_of(row)) {
                           trace_of(row.get_text(0)).trace.assessments.push_back(*std::move(one));
                         } else {
                           ++unreadable_;
                         }
                       });
  }
  if (schema_.has("spans")) {
    tracking::query_in(transaction_, "SELECT trace_id, content FROM spans", "trace_id", ids,
                       " ORDER BY trace_id, start_time_unix_nano, span_id", [&](const sql::Row& row) {
                         StoredTrace& stored = trace_of(row.get_text(0));
                         try {
                           stored.spans.push_back(parse_span(row.get_text(1), stored.trace.id));
                         } catch (const Error&) {
                           ++unreadable_;
                         }
                       });
  }
  if (schema_.has("entity_associations")) {
    tracking::query_in(transaction_, "SELECT source_id, destination_type, destination_id FROM entity_associations",
                       "source_id", ids,
                       " AND source_type = 'trace' AND destination_type IN ('run', 'prompt_version') ORDER BY "
                       "source_id, destination_type, destination_id",
                       [&](const sql::Row& row) {
                         const bool is_run = row.get_text(1) == "run";
                         trace_of(row.get_text(0)).links.push_back({is_run ? "run" : "prompt", row.get_text(2)});
                       });
  }
}

// Newer versions keep some tags and metadata in columns of their own.
void SqlReader::load_promoted(const sql::Values& ids, const TraceOf& trace_of) {
  if (!schema_.has("trace_info", "trace_name")) return;
  std::string columns = "trace_name, session_id";
  for (const Promoted& one : kPromotedNumbers) columns.append(", ").append(one.column);
  tracking::query_in(transaction_, text::concat("SELECT request_id, ", columns, " FROM trace_info"), "request_id", ids,
                     "", [&](const sql::Row& row) {
                       traces::Trace& trace = trace_of(row.get_text(0)).trace;
                       std::erase_if(trace.tags, [](const auto& tag) { return tag.key == traces::tag::kName; });
                       std::erase_if(trace.metadata, [](const auto& pair) { return is_promoted(pair.key); });
                       if (const auto name = row.find_text(1))
                         trace.tags.push_back({std::string(traces::tag::kName), *name});
                       if (const auto session = row.find_text(2))
                         trace.metadata.push_back({std::string(traces::metadata::kSession), *session});
                       append_promoted_numbers(row, 3, trace.metadata);
                     });
}

}  // namespace slipway::mlflow_store
