// The proxy through which clients store and fetch artifacts, streamed both ways.
#include <vector>

#include "protocols/mlflow/downloads.h"
#include "protocols/mlflow/handlers.h"
#include "protocols/mlflow/messages.h"

namespace slipway::mlflow {

std::string list_artifacts(const Services& services, const Input& input) {
  JsonWriter json;
  json.begin_object();
  write_files(json, services.artifacts.list(input.text("path")), "");
  json.end_object();
  return json.take();
}

std::string delete_artifact(const Services& services, const Input& input) {
  services.artifacts.remove(input.text("path"));
  return std::string(kNothing);
}

http::Response put_artifact(const Services& services, const Input& input, http::Request& request) {
  const auto writer = services.artifacts.create(input.text("path"));
  std::vector<char> buffer(kPieceBytes);
  while (const size_t size = request.body->read(buffer.data(), buffer.size())) writer->write({buffer.data(), size});
  writer->commit();
  return http::Response::json(200, std::string(kNothing));
}

http::Response get_artifact(const Services& services, const Input& input, http::Request& request) {
  return download(services, request, input.text("path"));
}

}  // namespace slipway::mlflow
