// The JSON texts in MLflow's rows of assessments. Used by the sources and the target.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domains/traces/assessment.h"

namespace slipway::mlflow_store {

// Sets kind and value from `type` ("feedback", "expectation", "issue") and the JSON text of its value.
void read_assessment_value(const std::string& type, const std::string& value, traces::Assessment& out);
// The other way: an issue's value is an object there.
std::string write_assessment_value(const traces::Assessment& assessment);

// Nothing for an empty text.
std::optional<traces::AssessmentError> read_assessment_error(const std::string& text);
std::optional<std::string> write_assessment_error(const traces::Assessment& assessment);

// An object of texts; other values as their JSON.
std::vector<tracking::Tag> read_pairs(const std::string& text);
std::optional<std::string> write_pairs(const std::vector<tracking::Tag>& pairs);

}  // namespace slipway::mlflow_store
