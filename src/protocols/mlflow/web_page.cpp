#include "protocols/mlflow/web_page.h"

#include <filesystem>

#include "domains/tracking/artifact_path.h"
#include "foundation/base/error.h"
#include "foundation/base/text.h"
#include "foundation/identity/access.h"

namespace slipway::mlflow {

namespace {

constexpr std::string_view kIndex = "index.html";

http::Response file_of(const http::Request& request, const std::string& folder, std::string_view path) {
  const std::string file = folder + "/" + tracking::checked_artifact_path(path);
  std::error_code fault;
  const uint64_t size = std::filesystem::file_size(file, fault);
  if (fault) return http::Response::text(404, "MLflow's web page has no such file\n");
  return http::file_response(request, file, size, http::content_type_of(file));
}

http::Response static_file(const http::Request& request, const std::string& folder) {
  try {
    http::Response response = file_of(request, folder, request.parameter("path"));
    // The names of these files change with what is in them.
    if (response.status == 200) response.headers.set("Cache-Control", "max-age=2419200");
    return response;
  } catch (const Error& error) {
    return http::Response::text(400, text::concat(error.what(), "\n"));
  }
}

}  // namespace

std::vector<http::Route> web_page_routes(const std::string& folder) {
  if (!std::filesystem::is_regular_file(text::concat(folder, "/", kIndex))) {
    throw not_found("there is no ", kIndex, " in ", folder,
                    "; name the folder mlflow/server/js/build of an installed MLflow package");
  }
  return {{"GET", "/", [folder](http::Request& request) { return file_of(request, folder, kIndex); },
           std::string(identity::kPublic), "MLflow's web page"},
          {"GET", "/static-files/{path*}", [folder](http::Request& request) { return static_file(request, folder); },
           std::string(identity::kPublic), "A file of MLflow's web page"}};
}

}  // namespace slipway::mlflow
