// The half of the client that reads whole servers: calls as they are, folders of artifacts, one file.
#include "foundation/base/error.h"
#include "foundation/base/json.h"
#include "protocols/mlflow/client.h"
#include "protocols/mlflow/client_errors.h"

namespace slipway::mlflow {

namespace {
constexpr std::string_view kProxy = "/api/2.0/mlflow-artifacts/artifacts";

// A path's parts, each percent-encoded.
std::string encoded(const std::string& path) {
  std::string out;
  for (const std::string& part : text::split(path, '/')) {
    if (!part.empty()) out += (out.empty() ? "" : "/") + http::percent_encode(part);
  }
  return out;
}
}  // namespace

std::string Client::get(const std::string& path) { return call("GET", path); }
std::string Client::post(const std::string& path, const std::string& body) { return call("POST", path, body); }

std::vector<Client::ProxiedEntry> Client::list_proxied(const std::string& folder) {
  const http::ClientRequest list = request("GET", text::concat(url_, kProxy, "?path=", http::percent_encode(folder)));
  const http::ClientResponse answer = http_.send(list);
  if (answer.status == 404) return {};
  if (answer.status != 200) throw error_of(answer, "GET " + list.url);
  const json::value document = json::parse_lenient(answer.body);
  std::vector<ProxiedEntry> out;
  const json::value* entries = json::find(json::as_object(document, "the server's answer"), "files");
  if (entries == nullptr || !entries->is_array()) return out;
  for (const json::value& item : entries->get_array()) {
    const json::object& entry = json::as_object(item, "an artifact");
    ProxiedEntry one;
    one.name = json::get_string(entry, "path");
    // Some servers say the whole path.
    if (const size_t slash = one.name.rfind('/'); slash != std::string::npos) one.name.erase(0, slash + 1);
    if (one.name.empty() || one.name == "." || one.name == "..")
      throw invalid_argument("the server names an artifact '", one.name, "'");
    one.is_folder = json::find_bool(entry, "is_dir").value_or(false);
    one.size_bytes = static_cast<uint64_t>(std::max<int64_t>(0, json::find_int(entry, "file_size").value_or(0)));
    out.push_back(std::move(one));
  }
  return out;
}

void Client::download_proxied(const std::string& path, const std::string& local_path) {
  download_file(encoded(path), local_path);
}

}  // namespace slipway::mlflow
