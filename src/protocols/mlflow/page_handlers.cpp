// Calls that only MLflow's web page makes: files by what they belong to, datasets of an experiment, and questions about
// features that are not there.
#include <vector>

#include "domains/registry/source.h"
#include "domains/tracking/artifact_path.h"
#include "foundation/base/error.h"
#include "foundation/base/json.h"
#include "protocols/mlflow/downloads.h"
#include "protocols/mlflow/graphql_execution.h"
#include "protocols/mlflow/handlers.h"
#include "protocols/mlflow/messages.h"

namespace slipway::mlflow {

namespace {

constexpr uint64_t kMaxUploadBytes = uint64_t{10} << 20U;
constexpr size_t kMaxExperiments = 20;

Error upload_too_large() { return invalid_argument("Artifact size is too large. Max size is 10MB."); }

std::string required_query(const Input& input, std::string_view name) {
  std::string value = input.text(name);
  if (value.empty()) throw invalid_argument("Request must specify ", name, ".");
  return value;
}

// A path that leads elsewhere is refused whatever else is wrong.
std::string required_path(const Input& input, std::string_view name) {
  return tracking::checked_artifact_path(required_query(input, name));
}

tracking::Run run_of(const Services& services, const Input& input) {
  const auto id = input.find_text("run_id");
  return services.tracking.get_run(tracking::RunId(id ? *id : required_query(input, "run_uuid")));
}

// A version may name its files by the run they were logged to.
std::string location_of(const Services& services, const registry::ModelVersion& version) {
  const std::string& location = version.storage_location;
  const auto run = registry::run_of_source(location);
  if (!run) return location;
  const size_t start = location.find(*run) + run->size();
  return services.tracking.get_run(tracking::RunId(*run)).info.artifact_uri + location.substr(start);
}

}  // namespace

http::Response get_run_artifact(const Services& services, const Input& input, http::Request& request) {
  const std::string path = required_path(input, "path");
  return download(services, request, path_below(run_of(services, input).info.artifact_uri, path));
}

http::Response get_version_artifact(const Services& services, const Input& input, http::Request& request) {
  const std::string path = required_path(input, "path");
  const auto version = services.registry.get_version(required_query(input, "name"),
                                                     registry::parse_version(required_query(input, "version")));
  return download(services, request, path_below(location_of(services, version), path));
}

http::Response get_logged_model_artifact(const Services& services, const Input& input, http::Request& request) {
  const std::string path = required_path(input, "artifact_file_path");
  const auto model = services.logged_models.get(tracking::LoggedModelId(input.text("model_id")));
  return download(services, request, path_below(model.artifact_uri, path));
}

http::Response upload_run_artifact(const Services& services, const Input& input, http::Request& request) {
  const std::string run_id = required_query(input, "run_uuid");
  const std::string path = required_path(input, "path");
  if (request.content_length.value_or(0) > kMaxUploadBytes) throw upload_too_large();
  const tracking::Run run = services.tracking.get_run(tracking::RunId(run_id));
  const auto writer = services.artifacts.create(path_below(run.info.artifact_uri, path));
  std::vector<char> buffer(kPieceBytes);
  uint64_t received = 0;
  while (const size_t size = request.body->read(buffer.data(), buffer.size())) {
    received += size;
    if (received > kMaxUploadBytes) throw upload_too_large();
    writer->write({buffer.data(), size});
  }
  if (received == 0) throw invalid_argument("Request must specify data.");
  writer->commit();
  return http::Response::json(200, std::string(kNothing));
}

std::string search_datasets(const Services& services, const Input& input) {
  std::vector<tracking::ExperimentId> experiments;
  for (const std::string& id : input.texts("experiment_ids")) experiments.emplace_back(id);
  if (experiments.empty()) throw invalid_argument("SearchDatasets request must specify at least one experiment_id.");
  if (experiments.size() > kMaxExperiments) {
    throw invalid_argument("SearchDatasets request cannot specify more than ", kMaxExperiments,
                           " experiment_ids. Received ", experiments.size(), " experiment_ids.");
  }
  JsonWriter json;
  json.begin_object();
  write_list(json, "dataset_summaries", services.tracking.search_datasets(experiments));
  json.end_object();
  return json.take();
}

http::Response graphql_query(const Services& services, const Input& input, http::Request& /*request*/) {
  return http::Response::json(200, graphql::execute(services, input.required_text("query"),
                                                    input.text("operation_name"), input.fields_of("variables")));
}

// Nobody is told what users do here.
std::string get_page_telemetry(const Services& /*services*/, const Input& /*input*/) {
  JsonWriter json;
  json.begin_object();
  json.flag("disable_ui_telemetry", true);
  json.begin_array("disable_ui_events");
  json.end_array();
  json.integer("ui_rollout_percentage", 0);
  json.end_object();
  return json.take();
}

std::string refuse_page_telemetry(const Services& /*services*/, const Input& /*input*/) {
  return R"({"status":"disabled"})";
}

// The page asks which endpoints a deployment server of the old kind has; there is none.
std::string list_deployed_endpoints(const Services& /*services*/, const Input& /*input*/) {
  return R"({"endpoints":[]})";
}

// The page has a chat whose answers an agent on the server's machine gives; this server runs none.
std::string get_assistant_config(const Services& /*services*/, const Input& /*input*/) {
  return R"({"providers":{},"projects":{},"remote_access_allowed":false})";
}

std::string list_assistant_providers(const Services& /*services*/, const Input& /*input*/) {
  return R"({"providers":[],"resolved":null,"gateway_vendor_options":{}})";
}

// The page's navigation leads to these whatever the server says of itself.
std::string list_mcp_servers(const Services& /*services*/, const Input& /*input*/) {
  return R"({"mcp_servers":[],"next_page_token":null})";
}

std::string list_mcp_endpoints(const Services& /*services*/, const Input& /*input*/) {
  return R"({"mcp_access_endpoints":[],"next_page_token":null})";
}

std::string list_review_queues(const Services& /*services*/, const Input& /*input*/) {
  return R"({"review_queues":[],"next_page_token":""})";
}

std::string list_label_schemas(const Services& /*services*/, const Input& /*input*/) {
  return R"({"label_schemas":[],"next_page_token":""})";
}

}  // namespace slipway::mlflow
