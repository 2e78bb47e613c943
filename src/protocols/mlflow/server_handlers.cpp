// What a client asks about the server itself.
#include "protocols/mlflow/handlers.h"
#include "protocols/mlflow/json_writer.h"

namespace slipway::mlflow {

std::string server_info(const Services& services, const Input& /*input*/) {
  JsonWriter json;
  json.begin_object();
  json.text("store_type", "SqlStore");
  json.flag("workspaces_enabled", false);
  json.flag("trace_archival_enabled", false);
  json.flag("multipart_uploads_enabled", true);
  json.flag("multipart_downloads_enabled", services.artifacts.has_direct_urls());
  json.flag("artifact_serving_enabled", true);
  json.flag("presigned_upload_run_id_supported", false);
  json.flag("presigned_upload_model_id_supported", false);
  json.flag("model_artifact_presigned_downloads_supported", false);
  json.begin_object("features_enabled");
  json.flag("gateway", true);
  json.flag("scheduled_issue_detection", false);
  json.end_object();
  json.text("tracking_auth", "");
  json.flag("artifacts_presigned_only", false);
  json.end_object();
  return json.take();
}

http::Response health(const Services& /*services*/, const Input& /*input*/, http::Request& /*request*/) {
  return http::Response::text(200, "OK");
}

http::Response version(const Services& /*services*/, const Input& /*input*/, http::Request& /*request*/) {
  return http::Response::text(200, std::string(kServedVersion));
}

}  // namespace slipway::mlflow
