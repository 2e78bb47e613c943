// What an assessment is: somebody's or something's judgement of a trace. Used by Assessments and the protocols.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "domains/traces/span.h"
#include "domains/tracking/experiment.h"

namespace slipway::traces {

// "a-" and 32 hexadecimal digits.
using AssessmentId = Id<struct AssessmentIdTag>;

enum class AssessmentKind { kFeedback, kExpectation, kIssue };
// "feedback", "expectation", "issue".
std::string_view name_of(AssessmentKind kind);
AssessmentKind parse_assessment_kind(std::string_view name);

// Why there is no value.
struct AssessmentError {
  std::string code;
  std::string message;
  std::string stack_trace;
};

struct Assessment {
  AssessmentId id;
  TraceId trace_id;
  std::string span_id;  // empty: of the whole trace
  std::string name;
  AssessmentKind kind = AssessmentKind::kFeedback;
  std::string value = "null";  // JSON in the form of normal_json; of an issue its name
  std::optional<AssessmentError> error;
  std::string source_type;  // "HUMAN", "LLM_JUDGE", "CODE"
  std::string source_id;
  std::optional<std::string> rationale;
  std::vector<tracking::Tag> metadata;
  std::string overrides;  // the id of the one that this one replaces
  bool is_valid = true;   // false once it is replaced
  int64_t created_ms = 0;
  int64_t updated_ms = 0;
};

// What may change; the rest stays. Metadata is merged.
struct AssessmentUpdate {
  std::optional<std::string> name;
  std::optional<std::string> feedback;  // JSON
  std::optional<AssessmentError> feedback_error;
  std::optional<std::string> expectation;  // JSON
  std::optional<std::string> rationale;
  std::vector<tracking::Tag> metadata;
};

// The number behind a value, for averages: numbers themselves, true and "yes" as 1, false and "no" as 0.
struct AssessmentNumber {
  std::optional<double> number;
  bool is_number = false;  // it was one
};
AssessmentNumber number_of_value(const std::string& json);

}  // namespace slipway::traces
