// From MLflow's JSON to the structs of traces.
#include <array>
#include <cmath>

#include "domains/traces/json_text.h"
#include "foundation/base/error.h"
#include "protocols/mlflow/trace_messages.h"

namespace slipway::mlflow {

namespace {

constexpr std::array<std::string_view, 4> kStates = {"STATE_UNSPECIFIED", "OK", "ERROR", "IN_PROGRESS"};
constexpr std::array<std::string_view, 4> kSources = {"SOURCE_TYPE_UNSPECIFIED", "HUMAN", "LLM_JUDGE", "CODE"};

Error invalid(std::string_view value, std::string_view parameter) {
  return invalid_argument("Invalid value \"", value, "\" for parameter '", parameter, "' supplied.");
}

// Enum numbers start at 0 here.
template <size_t kCount>
std::string enum_name(const std::array<std::string_view, kCount>& names, const std::string& given,
                      std::string_view parameter) {
  for (size_t i = 0; i < kCount; ++i) {
    if (given == names[i] || given == std::to_string(i)) return std::string(names[i]);
  }
  throw invalid(given, parameter);
}

// Protobuf's JSON writes a duration as seconds: "1.5s".
std::optional<int64_t> read_duration_ms(const Input& info) {
  const std::string given = info.text("execution_duration");
  if (given.empty()) return std::nullopt;
  const auto seconds =
      given.ends_with('s') ? text::parse_double(std::string_view(given).substr(0, given.size() - 1)) : std::nullopt;
  if (!seconds || !std::isfinite(*seconds) || std::fabs(*seconds) > 1e12) throw invalid(given, "execution_duration");
  return std::llround(*seconds * 1000);
}

int64_t read_time_ms(const std::string& given, std::string_view parameter) {
  if (const auto time_ms = text::parse_time_ms(given)) return *time_ms;
  throw invalid(given, parameter);
}

// Absent: 0.
int64_t find_time_ms(const Input& input, std::string_view name) {
  const std::string given = input.text(name);
  return given.empty() ? 0 : read_time_ms(given, name);
}

std::string read_source_type(const Input& source) {
  const std::string given = source.find_enum("source_type").value_or("CODE");
  // Its older name.
  return given == "AI_JUDGE" ? "LLM_JUDGE" : enum_name(kSources, given, "source_type");
}

std::optional<traces::AssessmentError> read_error(const Input& feedback) {
  const auto error = feedback.find_object("error");
  if (!error) return std::nullopt;
  return traces::AssessmentError{error->text("error_code"), error->text("error_message"), error->text("stack_trace")};
}

std::string read_expectation(const Input& expectation) {
  const auto serialized = expectation.find_object("serialized_value");
  if (!serialized) return expectation.find_json("value").value_or("null");
  const std::string format = serialized->text("serialization_format");
  if (format != "JSON_FORMAT")
    throw invalid_argument("Unknown serialization format: ", format, ". Only JSON_FORMAT is supported.");
  return traces::normal_json(serialized->required_text("value"));
}

void read_value(const Input& input, traces::Assessment& out) {
  if (const auto feedback = input.find_object("feedback")) {
    out.kind = traces::AssessmentKind::kFeedback;
    out.value = feedback->find_json("value").value_or("null");
    out.error = read_error(*feedback);
  } else if (const auto expectation = input.find_object("expectation")) {
    out.kind = traces::AssessmentKind::kExpectation;
    out.value = read_expectation(*expectation);
  } else if (const auto issue = input.find_object("issue")) {
    out.kind = traces::AssessmentKind::kIssue;
    out.value = traces::json_of(issue->text("issue_name"));
  } else {
    throw invalid_argument("Exactly one of `expectation`, `feedback`, or `issue` should be specified.");
  }
}

std::string snake_of(std::string_view camel) {
  std::string out;
  for (const char c : camel) {
    const bool is_upper = c >= 'A' && c <= 'Z';
    if (is_upper) out.push_back('_');
    out.push_back(is_upper ? static_cast<char>(c - 'A' + 'a') : c);
  }
  return out;
}

// Protobuf's JSON writes a field mask as one text, "assessmentName,feedback".
std::vector<std::string> read_mask(const Input& input) {
  std::vector<std::string> out;
  for (const std::string& path : text::split(input.required_text("update_mask"), ',')) out.push_back(snake_of(path));
  return out;
}

}  // namespace

std::string read_trace_state(const Input& input, std::string_view name) {
  const std::string given = input.find_enum(name).value_or("0");
  return given == "TRACE_STATUS_UNSPECIFIED" ? std::string(kStates[0]) : enum_name(kStates, given, name);
}

traces::ExperimentId read_location(const Input& location) {
  const auto experiment = location.find_object("mlflow_experiment");
  if (!experiment)
    throw invalid_argument("Missing value for required parameter 'mlflow_experiment': traces live in experiments here");
  return traces::ExperimentId(experiment->required_text("experiment_id"));
}

traces::Trace read_trace(const Input& info) {
  traces::Trace out;
  out.id = traces::TraceId(info.required_text("trace_id"));
  const auto location = info.find_object("trace_location");
  if (!location) throw invalid_argument("Missing value for required parameter 'trace_location'.");
  out.experiment_id = read_location(*location);
  out.client_request_id = info.text("client_request_id");
  out.request_preview = info.text("request_preview");
  out.response_preview = info.text("response_preview");
  out.request_ms = read_time_ms(info.required_text("request_time"), "request_time");
  out.execution_ms = read_duration_ms(info);
  out.state = read_trace_state(info, "state");
  out.tags = info.map("tags");
  out.metadata = info.map("trace_metadata");
  for (const Input& assessment : info.list("assessments")) out.assessments.push_back(read_assessment(assessment));
  return out;
}

traces::Assessment read_assessment(const Input& input) {
  traces::Assessment out;
  out.id = traces::AssessmentId(input.text("assessment_id"));
  out.trace_id = traces::TraceId(input.text("trace_id"));
  out.span_id = input.text("span_id");
  out.name = input.required_text("assessment_name");
  read_value(input, out);
  if (const auto source = input.find_object("source")) {
    out.source_type = read_source_type(*source);
    out.source_id = source->text("source_id");
  } else {
    out.source_type = "CODE";
  }
  out.rationale = input.find_text("rationale");
  out.metadata = input.map("metadata");
  out.overrides = input.text("overrides");
  out.is_valid = input.flag("valid", true);
  out.created_ms = find_time_ms(input, "create_time");
  out.updated_ms = find_time_ms(input, "last_update_time");
  return out;
}

traces::AssessmentUpdate read_assessment_update(const Input& input) {
  const auto assessment = input.find_object("assessment");
  if (!assessment) throw invalid_argument("Missing value for required parameter 'assessment'.");
  traces::AssessmentUpdate out;
  for (const std::string& path : read_mask(input)) {
    if (path == "assessment_name") {
      out.name = assessment->required_text("assessment_name");
    } else if (path == "feedback") {
      const auto feedback = assessment->find_object("feedback");
      out.feedback = feedback ? feedback->find_json("value").value_or("null") : "null";
      if (feedback) out.feedback_error = read_error(*feedback);
    } else if (path == "expectation") {
      const auto expectation = assessment->find_object("expectation");
      if (!expectation) throw invalid_argument("Missing value for required parameter 'assessment.expectation'.");
      out.expectation = read_expectation(*expectation);
    } else if (path == "rationale") {
      out.rationale = assessment->text("rationale");
    } else if (path == "metadata") {
      out.metadata = assessment->map("metadata");
    } else {
      throw invalid_argument("Invalid value \"", path, "\" for parameter 'update_mask' supplied: that cannot change");
    }
  }
  return out;
}

}  // namespace slipway::mlflow
