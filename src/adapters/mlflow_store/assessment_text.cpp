#include "adapters/mlflow_store/assessment_text.h"

#include "domains/traces/json_text.h"
#include "foundation/base/error.h"
#include "foundation/base/json.h"
#include "foundation/base/json_stream.h"

namespace slipway::mlflow_store {

namespace {

std::string text_of(const json::value& value) {
  return value.is_string() ? std::string(value.as_string()) : json::write(value);
}

std::string member_text(const json::object& object, std::string_view key) {
  const json::value* found = json::find(object, key);
  return found == nullptr ? "" : text_of(*found);
}

}  // namespace

void read_assessment_value(const std::string& type, const std::string& value, traces::Assessment& out) {
  out.kind = type == "expectation" ? traces::AssessmentKind::kExpectation
             : type == "issue"     ? traces::AssessmentKind::kIssue
                                   : traces::AssessmentKind::kFeedback;
  if (out.kind != traces::AssessmentKind::kIssue) {
    out.value = traces::normal_json(value);
    return;
  }
  const json::value document = json::parse_lenient(value);
  out.value =
      traces::json_of(document.is_object() ? member_text(document.as_object(), "issue_name") : text_of(document));
}

std::string write_assessment_value(const traces::Assessment& assessment) {
  if (assessment.kind != traces::AssessmentKind::kIssue) return assessment.value;
  return text::concat("{\"issue_name\": ", assessment.value, "}");
}

std::optional<traces::AssessmentError> read_assessment_error(const std::string& text) {
  if (text.empty()) return std::nullopt;
  const json::value document = json::parse_lenient(text);
  if (!document.is_object()) return std::nullopt;
  const json::object& object = document.as_object();
  return traces::AssessmentError{member_text(object, "error_code"), member_text(object, "error_message"),
                                 member_text(object, "stack_trace")};
}

std::optional<std::string> write_assessment_error(const traces::Assessment& assessment) {
  if (!assessment.error) return std::nullopt;
  std::string out = "{\"error_code\": ";
  append_json_string(out, assessment.error->code);
  const auto member = [&](std::string_view name, const std::string& value) {
    if (value.empty()) return;
    out.append(", ");
    append_json_string(out, name);
    out.append(": ");
    append_json_string(out, value);
  };
  member("error_message", assessment.error->message);
  member("stack_trace", assessment.error->stack_trace);
  return out + "}";
}

std::vector<tracking::Tag> read_pairs(const std::string& text) {
  std::vector<tracking::Tag> out;
  if (text.empty()) return out;
  const json::value document = json::parse_lenient(text);
  if (!document.is_object()) return out;
  for (const auto& [key, value] : document.as_object()) out.push_back({std::string(key), text_of(value)});
  return out;
}

std::optional<std::string> write_pairs(const std::vector<tracking::Tag>& pairs) {
  if (pairs.empty()) return std::nullopt;
  std::string out = "{";
  for (const tracking::Tag& pair : pairs) {
    if (out.size() > 1) out.append(", ");
    append_json_string(out, pair.key);
    out.append(": ");
    append_json_string(out, pair.value);
  }
  return out + "}";
}

}  // namespace slipway::mlflow_store
