// Large artifacts in parts: the client sends several at once to addresses of this server, which keeps each where it
// belongs. Fetching works the same way only where the store itself has addresses to give.
#include "foundation/base/error.h"
#include "protocols/mlflow/handlers.h"
#include "protocols/mlflow/messages.h"

namespace slipway::mlflow {

namespace {

constexpr int64_t kDirectUrlSeconds = 900;

// The body of a request as the blob store reads it.
class BodyContent final : public blobs::BlobReader {
 public:
  explicit BodyContent(http::BodyReader& body) : body_(body) {}
  size_t read(char* buffer, size_t capacity) override { return body_.read(buffer, capacity); }

 private:
  http::BodyReader& body_;
};

// Clients name the file by its path on their disk; only its last part counts here.
std::string artifact_path(const Input& input) {
  const std::string given = input.required_text("path");
  const std::string name = given.substr(given.find_last_of("/\\") + 1);
  if (name.empty()) throw invalid_argument("Invalid value \"", given, "\" for parameter 'path' supplied.");
  const std::string folder = input.text("folder");
  return folder.empty() ? name : folder + "/" + name;
}

std::string address_of_parts(const Services& services, const http::Request& request, std::string_view path,
                             std::string_view upload) {
  // Whoever ends TLS in front of this server says so.
  const std::string_view forwarded = request.headers.find("X-Forwarded-Proto").value_or("");
  const std::string_view scheme = forwarded == "https" ? forwarded : services.scheme;
  return text::concat(scheme, "://", request.headers.find("Host").value_or("localhost"),
                      "/api/2.0/mlflow-artifacts/mpu/part/", http::percent_encode(path, "/"),
                      "?upload_id=", http::percent_encode(upload), "&part_number=");
}

std::vector<blobs::UploadedPart> read_parts(const Input& input) {
  std::vector<blobs::UploadedPart> out;
  for (const Input& part : input.list("parts")) {
    const int64_t number = part.required_integer("part_number");
    if (number < 1 || number > blobs::kMaxParts) throw invalid_argument("there is no part ", number);
    out.push_back({static_cast<int>(number), part.required_text("etag")});
  }
  if (out.empty()) throw invalid_argument("Missing value for required parameter 'parts'.");
  return out;
}

int64_t required_number(const Input& input, std::string_view name) {
  const auto number = text::parse_int(input.text(name));
  if (number) return *number;
  throw invalid_argument("the address of a part needs ", name, "=NUMBER");
}

}  // namespace

http::Response begin_parts(const Services& services, const Input& input, http::Request& request) {
  const std::string path = artifact_path(input);
  const int64_t count = input.integer("num_parts", 1);
  if (count < 1 || count > blobs::kMaxParts) {
    throw invalid_argument("Invalid value ", count,
                           " for parameter 'num_parts' supplied: it must be at least 1 and at ", "most ",
                           blobs::kMaxParts);
  }
  const std::string upload = services.artifacts.begin_parts(path, static_cast<int>(count));
  const std::string address = address_of_parts(services, request, path, upload);
  // Clients send parts without the credentials they send everything else with.
  const auto authorization = request.headers.find("Authorization");
  JsonWriter json;
  json.begin_object();
  json.text("upload_id", upload);
  json.begin_array("credentials");
  for (int64_t number = 1; number <= count; ++number) {
    json.begin_object();
    json.text("url", text::concat(address, number));
    json.integer("part_number", number);
    json.begin_object("headers");
    if (authorization) json.text("Authorization", *authorization);
    json.end_object();
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return http::Response::json(200, json.take());
}

http::Response put_part(const Services& services, const Input& input, http::Request& request) {
  if (!request.content_length) throw invalid_argument("a part is sent with its Content-Length");
  const int64_t number = required_number(input, "part_number");
  if (number < 1 || number > blobs::kMaxParts) throw invalid_argument("there is no part ", number);
  BodyContent content(*request.body);
  const std::string upload = input.text("upload_id");
  const std::string etag = services.artifacts.write_part(input.text("path"), upload, static_cast<int>(number),
                                                         *request.content_length, content);
  http::Response response = http::Response::json(200, std::string(kNothing));
  response.headers.set("ETag", etag);
  return response;
}

std::string finish_parts(const Services& services, const Input& input) {
  services.artifacts.finish_parts(artifact_path(input), input.required_text("upload_id"), read_parts(input));
  return std::string(kNothing);
}

std::string abort_parts(const Services& services, const Input& input) {
  services.artifacts.abort_parts(artifact_path(input), input.required_text("upload_id"));
  return std::string(kNothing);
}

std::string get_direct_url(const Services& services, const Input& input) {
  const blobs::BlobInfo blob = services.artifacts.get(input.text("artifact"));
  const auto url = services.artifacts.direct_url(blob, kDirectUrlSeconds);
  if (!url) {
    throw Error(ErrorCode::kUnimplemented,
                "Multipart download is not supported for the current artifact repository, a local disk: fetch from "
                "/api/2.0/mlflow-artifacts/artifacts");
  }
  JsonWriter json;
  json.begin_object();
  json.text("url", *url);
  json.begin_object("headers");
  json.end_object();
  json.integer("file_size", static_cast<int64_t>(blob.size_bytes));
  json.end_object();
  return json.take();
}

}  // namespace slipway::mlflow
