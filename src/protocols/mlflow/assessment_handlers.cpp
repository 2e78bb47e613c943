// Calls about assessments of traces.
#include "foundation/base/error.h"
#include "protocols/mlflow/handlers.h"
#include "protocols/mlflow/messages.h"
#include "protocols/mlflow/trace_messages.h"

namespace slipway::mlflow {

namespace {

traces::TraceId trace_of(const Input& input) { return traces::TraceId(input.required_text("trace_id")); }
traces::AssessmentId id_of(const Input& input) { return traces::AssessmentId(input.required_text("assessment_id")); }

std::string answer(const traces::Assessment& assessment) {
  JsonWriter json;
  json.begin_object();
  write(json, "assessment", assessment);
  json.end_object();
  return json.take();
}

}  // namespace

std::string create_assessment(const Services& services, const Input& input) {
  const auto given = input.find_object("assessment");
  if (!given) throw invalid_argument("Missing value for required parameter 'assessment'.");
  traces::Assessment assessment = read_assessment(*given);
  assessment.trace_id = trace_of(input);
  return answer(services.tracing.assessments().add(assessment));
}

std::string get_assessment(const Services& services, const Input& input) {
  return answer(services.tracing.assessments().get(trace_of(input), id_of(input)));
}

std::string update_assessment(const Services& services, const Input& input) {
  return answer(services.tracing.assessments().update(trace_of(input), id_of(input), read_assessment_update(input)));
}

std::string delete_assessment(const Services& services, const Input& input) {
  services.tracing.assessments().remove(trace_of(input), id_of(input));
  return std::string(kNothing);
}

}  // namespace slipway::mlflow
