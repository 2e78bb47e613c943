// From MLflow's JSON to structs.
#include <array>

#include "foundation/base/error.h"
#include "protocols/mlflow/messages.h"

namespace slipway::mlflow {

namespace {

// An enum's values in the order of their numbers, the first being 1.
template <size_t kCount>
size_t enum_index(const std::array<std::string_view, kCount>& names, const std::string& given,
                  std::string_view parameter) {
  for (size_t i = 0; i < kCount; ++i) {
    if (names[i] == given || std::to_string(i + 1) == given) return i;
  }
  throw invalid_argument("Invalid value \"", given, "\" for parameter '", parameter,
                         "' supplied. See the API docs for more information about request parameters.");
}

}  // namespace

tracking::Metric read_metric(const Input& input) {
  tracking::Metric out;
  out.key = input.required_text("key");
  out.value = input.required_number("value");
  out.time_ms = input.required_integer("timestamp");
  out.step = input.integer("step", 0);
  out.model_id = tracking::LoggedModelId(input.text("model_id"));
  out.dataset_name = input.text("dataset_name");
  out.dataset_digest = input.text("dataset_digest");
  return out;
}

std::vector<tracking::Tag> read_tags(const Input& input, std::string_view name) {
  std::vector<tracking::Tag> out;
  for (const Input& tag : input.list(name)) out.push_back({tag.required_text("key"), tag.text("value")});
  return out;
}

std::vector<tracking::Param> read_params(const Input& input) {
  std::vector<tracking::Param> out;
  for (const Input& param : input.list("params")) out.push_back({param.required_text("key"), param.text("value")});
  return out;
}

tracking::DatasetInput read_dataset_input(const Input& input) {
  const auto dataset = input.find_object("dataset");
  if (!dataset) throw invalid_argument("Missing value for required parameter 'dataset'.");
  tracking::DatasetInput out;
  out.dataset.name = dataset->required_text("name");
  out.dataset.digest = dataset->required_text("digest");
  out.dataset.source_type = dataset->required_text("source_type");
  out.dataset.source = dataset->required_text("source");
  out.dataset.schema = dataset->find_text("schema");
  out.dataset.profile = dataset->find_text("profile");
  out.tags = read_tags(input);
  return out;
}

std::optional<tracking::RunStatus> read_run_status(const Input& input) {
  constexpr std::array<std::string_view, 5> kNames = {"RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"};
  const auto given = input.find_enum("status");
  if (!given) return std::nullopt;
  return tracking::parse_run_status(kNames[enum_index(kNames, *given, "status")]);
}

tracking::LoggedModelStatus read_model_status(const Input& input) {
  constexpr std::array<std::string_view, 3> kNames = {"LOGGED_MODEL_PENDING", "LOGGED_MODEL_READY",
                                                      "LOGGED_MODEL_UPLOAD_FAILED"};
  const auto given = input.find_enum("status");
  if (!given) throw invalid_argument("Missing value for required parameter 'status'.");
  return static_cast<tracking::LoggedModelStatus>(enum_index(kNames, *given, "status"));
}

tracking::Visibility read_visibility(const Input& input, std::string_view name) {
  constexpr std::array<std::string_view, 3> kNames = {"ACTIVE_ONLY", "DELETED_ONLY", "ALL"};
  const auto given = input.find_enum(name);
  if (!given) return tracking::Visibility::kActive;
  return static_cast<tracking::Visibility>(enum_index(kNames, *given, name));
}

tracking::Search read_search(const Input& input, int64_t default_max_results) {
  tracking::Search out;
  out.filter = input.text("filter");
  out.order_by = input.texts("order_by");
  out.max_results = input.integer("max_results", default_max_results);
  out.page_token = input.text("page_token");
  return out;
}

}  // namespace slipway::mlflow
