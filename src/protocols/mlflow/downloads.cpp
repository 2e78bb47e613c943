#include "protocols/mlflow/downloads.h"

#include <algorithm>
#include <cctype>
#include <vector>

#include "domains/tracking/artifact_path.h"
#include "foundation/base/error.h"

namespace slipway::mlflow {

namespace {

// What users uploaded is never shown as a page of this server: it is offered as a file, and without rights if a browser
// opens it all the same.
void mark_as_download(http::Response& response, std::string_view file_name) {
  std::string plain;
  for (const char c : file_name)
    plain.push_back(c == '"' || c == '\\' || static_cast<unsigned char>(c) >= 0x7F ? '_' : c);
  const bool is_token = std::all_of(plain.begin(), plain.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view("!#$&+-.^_`|~").find(c) != std::string_view::npos;
  });
  std::string disposition = "attachment; filename=" + (is_token ? plain : "\"" + plain + "\"");
  if (plain != file_name) disposition += "; filename*=UTF-8''" + http::percent_encode(file_name);
  response.headers.set("Content-Disposition", disposition);
  response.headers.set("X-Content-Type-Options", "nosniff");
  response.headers.set("Content-Security-Policy", "sandbox");
}

// MLflow's clients and web page take every file that people read for plain text; how it is encoded nobody knows here.
std::string_view content_type_of(std::string_view file_name) {
  static constexpr std::string_view kText[] = {"txt", "log",        "err",     "cfg",       "conf",     "cnf",  "cf",
                                               "ini", "properties", "prop",    "hocon",     "toml",     "yaml", "yml",
                                               "xml", "json",       "js",      "py",        "py3",      "csv",  "tsv",
                                               "md",  "rst",        "MLmodel", "MLproject", "mlproject"};
  const std::string_view extension = file_name.substr(file_name.rfind('.') + 1);
  if (std::find(std::begin(kText), std::end(kText), extension) != std::end(kText)) return "text/plain";
  const std::string_view known = http::content_type_of(file_name);
  return known.substr(0, known.find(';'));
}

http::Response stream_of(const Services& services, const blobs::BlobInfo& blob, std::string_view content_type) {
  // Shared because the function that writes the body must be copyable.
  std::shared_ptr<blobs::BlobReader> reader = services.artifacts.open(blob);
  http::StreamBody body;
  body.length = blob.size_bytes;
  body.write = [reader](http::BodyWriter& out) {
    std::vector<char> buffer(kPieceBytes);
    while (const size_t size = reader->read(buffer.data(), buffer.size())) out.write({buffer.data(), size});
  };
  http::Response response;
  response.headers.set("Content-Type", std::string(content_type));
  response.body = std::move(body);
  return response;
}

}  // namespace

http::Response download(const Services& services, const http::Request& request, std::string_view path) {
  const blobs::BlobInfo blob = services.artifacts.get(path);
  const std::string file_name = blob.key.substr(blob.key.rfind('/') + 1);
  const std::string_view content_type = content_type_of(file_name);
  const auto local = services.artifacts.local_path(blob);
  http::Response response = local ? http::file_response(request, *local, blob.size_bytes, content_type)
                                  : stream_of(services, blob, content_type);
  mark_as_download(response, file_name);
  return response;
}

std::string path_below(std::string_view location, std::string_view relative) {
  const std::string below = tracking::checked_artifact_path(relative);
  if (below.empty()) throw invalid_argument("Missing value for required parameter 'path'.");
  return tracking::path_of_location(location) + "/" + below;
}

}  // namespace slipway::mlflow
