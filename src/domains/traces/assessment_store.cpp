#include "domains/traces/assessment_store.h"

#include "domains/traces/json_text.h"
#include "domains/traces/trace.h"
#include "domains/tracking/select.h"
#include "foundation/base/json.h"
#include "foundation/base/text.h"

namespace slipway::traces {

namespace {

constexpr std::string_view kSelect =
    "SELECT assessment_id, trace_id, span_id, name, kind, value, error_code, error_message, error_stack, source_type, "
    "source_id, rationale, metadata, overrides, is_valid, created_ms, updated_ms FROM trace_assessments";

std::string encode_pairs(const std::vector<Tag>& pairs) {
  std::string out = "{";
  for (const Tag& pair : pairs) {
    if (out.size() > 1) out.append(", ");
    append_text(out, pair.key);
    out.append(": ");
    append_text(out, pair.value);
  }
  return out + "}";
}

std::vector<Tag> decode_pairs(const std::string& encoded) {
  std::vector<Tag> out;
  const json::value document = json::parse(encoded);
  for (const auto& [key, value] : json::as_object(document, "metadata of an assessment")) {
    out.push_back({std::string(key), std::string(value.as_string())});
  }
  return out;
}

Assessment assessment_of(const sql::Row& row) {
  Assessment out;
  out.id = AssessmentId(row.get_text(0));
  out.trace_id = TraceId(row.get_text(1));
  out.span_id = row.get_text(2);
  out.name = row.get_text(3);
  out.kind = parse_assessment_kind(row.get_text(4));
  out.value = row.get_text(5);
  if (!row.is_null(6)) out.error = AssessmentError{row.get_text(6), row.get_text(7), row.get_text(8)};
  out.source_type = row.get_text(9);
  out.source_id = row.get_text(10);
  out.rationale = row.find_text(11);
  out.metadata = decode_pairs(row.get_text(12));
  out.overrides = row.get_text(13);
  out.is_valid = row.get_int(14) != 0;
  out.created_ms = row.get_int(15);
  out.updated_ms = row.get_int(16);
  return out;
}

sql::Value error_part(const Assessment& assessment, std::string AssessmentError::*part) {
  if (!assessment.error) return nullptr;
  return (*assessment.error).*part;
}

}  // namespace

bool AssessmentStore::put(const Assessment& assessment) {
  const AssessmentNumber number = number_of_value(assessment.value);
  const std::string* session = find_pair(assessment.metadata, metadata::kSession);
  const int64_t written = transaction_.execute(
      "INSERT INTO trace_assessments (assessment_id, trace_id, span_id, name, kind, value, number, is_number, "
      "error_code, "
      "error_message, error_stack, source_type, source_id, rationale, metadata, session, overrides, is_valid, "
      "created_ms, updated_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
      "ON CONFLICT (assessment_id) DO UPDATE SET name = excluded.name, value = excluded.value, number = "
      "excluded.number, is_number = excluded.is_number, error_code = excluded.error_code, error_message = "
      "excluded.error_message, error_stack = excluded.error_stack, rationale = excluded.rationale, metadata = "
      "excluded.metadata, session = excluded.session, is_valid = excluded.is_valid, updated_ms = excluded.updated_ms "
      "WHERE trace_assessments.trace_id = excluded.trace_id",
      {assessment.id.value,
       assessment.trace_id.value,
       assessment.span_id,
       assessment.name,
       std::string(name_of(assessment.kind)),
       assessment.value,
       sql::optional_value(number.number),
       int64_t{number.is_number ? 1 : 0},
       error_part(assessment, &AssessmentError::code),
       error_part(assessment, &AssessmentError::message),
       error_part(assessment, &AssessmentError::stack_trace),
       assessment.source_type,
       assessment.source_id,
       sql::optional_value(assessment.rationale),
       encode_pairs(assessment.metadata),
       session == nullptr ? "" : *session,
       assessment.overrides,
       int64_t{assessment.is_valid ? 1 : 0},
       assessment.created_ms,
       assessment.updated_ms});
  return written > 0;
}

std::optional<Assessment> AssessmentStore::find(const TraceId& trace, const AssessmentId& id) {
  return transaction_.query_one<Assessment>(text::concat(kSelect, " WHERE assessment_id = ? AND trace_id = ?"),
                                            {id.value, trace.value}, assessment_of);
}

std::vector<Assessment> AssessmentStore::of_traces(const sql::Values& traces) {
  std::vector<Assessment> out;
  tracking::query_in(transaction_, kSelect, "trace_id", traces, " ORDER BY trace_id, created_ms, position",
                     [&](const sql::Row& row) { out.push_back(assessment_of(row)); });
  return out;
}

bool AssessmentStore::set_valid(const TraceId& trace, const std::string& id, bool is_valid) {
  return transaction_.execute("UPDATE trace_assessments SET is_valid = ? WHERE assessment_id = ? AND trace_id = ?",
                              {int64_t{is_valid ? 1 : 0}, id, trace.value}) > 0;
}

void AssessmentStore::remove(const TraceId& trace, const AssessmentId& id) {
  transaction_.execute("DELETE FROM trace_assessments WHERE assessment_id = ? AND trace_id = ?",
                       {id.value, trace.value});
}

}  // namespace slipway::traces
