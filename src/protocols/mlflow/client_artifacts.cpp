// The half of the client that moves files: artifacts up and down, models into the local cache.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "foundation/base/error.h"
#include "foundation/base/files.h"
#include "foundation/base/hash.h"
#include "foundation/base/id.h"
#include "foundation/base/json.h"
#include "foundation/http/message.h"
#include "protocols/mlflow/client.h"
#include "protocols/mlflow/client_errors.h"

namespace slipway::mlflow {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kProxy = "/api/2.0/mlflow-artifacts/artifacts";
constexpr int kMaxDepth = 16;
constexpr int64_t kSilenceMs = 120'000;

void send_file(const std::string& path, http::BodyWriter& writer) {
  const files::Descriptor file = files::open_for_reading(path);
  std::string buffer(size_t{1} << 18U, '\0');
  for (;;) {
    const ssize_t got = ::read(file.get(), buffer.data(), buffer.size());
    if (got < 0) throw system_error("read " + path);
    if (got == 0) return;
    writer.write(std::string_view(buffer).substr(0, static_cast<size_t>(got)));
  }
}

// The server names files; a name must stay below the folder that it is written to.
void check_name(std::string_view name) {
  const bool bad = name.empty() || name == "." || name == ".." || name.find('/') != std::string_view::npos ||
                   name.find('\\') != std::string_view::npos || name.find('\0') != std::string_view::npos;
  if (bad) throw invalid_argument("the server lists an artifact with the name '", name, "', which is refused");
}

// "runs:/ID/PATH" taken apart.
std::pair<std::string, std::string> split_run_uri(const std::string& uri) {
  const std::string rest = uri.substr(std::string_view("runs:/").size());
  const size_t start = rest.find_first_not_of('/');
  const size_t slash = rest.find('/', start);
  if (start == std::string::npos || slash == std::string::npos || slash + 1 == rest.size()) {
    throw invalid_argument("'", uri, "' must be runs:/RUN_ID/PATH");
  }
  return {rest.substr(start, slash - start), rest.substr(slash + 1)};
}

// Puts a finished folder in its place. Another process may have been faster, which is as good.
void move_into_place(const std::string& staged, const std::string& place) {
  std::error_code error;
  fs::rename(staged, place, error);
  if (!error) return files::sync_folder(fs::path(place).parent_path());
  const bool there = files::exists(place + "/MLmodel");
  fs::remove_all(staged);
  if (!there)
    throw Error(ErrorCode::kInternal, text::concat("cannot move the model to ", place, ": ", error.message()));
}

}  // namespace

std::string Client::artifact_root(const std::string& run_id) {
  const json::value document =
      json::parse_lenient(call("GET", "mlflow/runs/get?run_id=" + http::percent_encode(run_id)));
  const json::object& run = json::get_object(json::as_object(document, "the server's answer"), "run");
  return json::get_string(json::get_object(run, "info"), "artifact_uri");
}

// mlflow-artifacts:/PATH, mlflow-artifacts://HOST/PATH and the proxy's own http addresses become "PATH",
// percent-encoded.
std::string Client::proxy_path(const std::string& artifact_uri) {
  if (artifact_uri.starts_with("runs:/")) {
    const auto [run_id, path] = split_run_uri(artifact_uri);
    return proxy_path(artifact_root(run_id)) + "/" + http::percent_encode(path, "/");
  }
  std::string path;
  if (artifact_uri.starts_with("mlflow-artifacts:")) {
    path = artifact_uri.substr(std::string_view("mlflow-artifacts:").size());
    if (path.starts_with("//")) path = path.substr(std::min(path.find('/', 2), path.size()));
  } else if (artifact_uri.starts_with(url_ + std::string(kProxy))) {
    path = artifact_uri.substr(url_.size() + kProxy.size());
  } else {
    throw Error(
        ErrorCode::kUnimplemented,
        text::concat("artifacts at ", artifact_uri, " cannot be reached through the server: let it serve them itself"));
  }
  path.erase(0, std::min(path.find_first_not_of('/'), path.size()));
  while (path.ends_with('/')) path.pop_back();
  return http::percent_encode(path, "/");
}

void Client::upload_file(const std::string& local_path, const std::string& proxied) {
  http::ClientRequest put = request("PUT", url_ + std::string(kProxy) + "/" + proxied);
  put.headers.add("Content-Type", "application/octet-stream");
  put.stream_length = fs::file_size(local_path);
  put.stream_body = [&local_path](http::BodyWriter& writer) { send_file(local_path, writer); };
  put.timeout_ms = kSilenceMs;
  const http::ClientResponse answer = http_.send(put);
  if (answer.status < 200 || answer.status >= 300) throw error_of(answer, "PUT " + put.url);
}

void Client::upload(const std::string& run_id, const std::string& local_path, const std::string& artifact_path) {
  if (!files::exists(local_path)) throw not_found(local_path, " does not exist, so it cannot be uploaded");
  std::string target = proxy_path(artifact_root(run_id));
  if (!artifact_path.empty()) target += "/" + http::percent_encode(artifact_path, "/");
  if (!fs::is_directory(local_path)) {
    return upload_file(local_path, target + "/" + http::percent_encode(fs::path(local_path).filename().string()));
  }
  std::vector<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator(local_path)) {
    if (entry.is_regular_file()) names.push_back(entry.path().lexically_relative(local_path).generic_string());
  }
  std::ranges::sort(names);
  for (const std::string& name : names)
    upload_file(local_path + "/" + name, target + "/" + http::percent_encode(name, "/"));
}

void Client::download_file(const std::string& proxied, const std::string& local_path) {
  http::ClientRequest get = request("GET", url_ + std::string(kProxy) + "/" + proxied);
  get.timeout_ms = kSilenceMs;
  const files::Descriptor file(::open(local_path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!file.valid()) throw system_error("create " + local_path);
  http::ClientResponse head;
  http_.stream(
      get, [&head](const http::ClientResponse& answer) { head = answer; },
      [&](std::string_view bytes) {
        if (head.status == 200) files::write_all(file.get(), bytes, local_path);
        if (head.status != 200 && head.body.size() < 4096) head.body.append(bytes);
        return true;
      });
  if (head.status != 200) throw error_of(head, "GET " + get.url);
  if (::fsync(file.get()) != 0) throw system_error("fsync " + local_path);
}

// What lists entries is a folder, anything else a file.
void Client::download_below(const std::string& proxied, const std::string& local_path, int depth) {
  if (depth > kMaxDepth) throw invalid_argument("the artifacts at ", proxied, " are nested too deeply");
  const http::ClientRequest list =
      request("GET", text::concat(url_, kProxy, "?path=", http::percent_encode(*http::percent_decode(proxied))));
  const http::ClientResponse answer = http_.send(list);
  if (answer.status != 200) throw error_of(answer, "GET " + list.url);
  const json::value document = json::parse_lenient(answer.body);
  const json::value* entries = json::find(json::as_object(document, "the server's answer"), "files");
  if (entries == nullptr || !entries->is_array() || entries->get_array().empty()) {
    files::create_folders(fs::path(local_path).parent_path());
    return download_file(proxied, local_path);
  }
  files::create_folders(local_path);
  for (const json::value& item : entries->get_array()) {
    const json::object& entry = json::as_object(item, "an artifact");
    const std::string name = json::get_string(entry, "path");
    check_name(name);
    const std::string below = proxied + "/" + http::percent_encode(name);
    if (json::find_bool(entry, "is_dir").value_or(false)) {
      download_below(below, local_path + "/" + name, depth + 1);
    } else {
      download_file(below, local_path + "/" + name);
    }
  }
}

void Client::download(const std::string& artifact_uri, const std::string& local_folder) {
  download_below(proxy_path(artifact_uri), local_folder, 0);
}

Client::ResolvedModel Client::fetch_model(const std::string& model_uri, const std::string& cache_folder) {
  ResolvedModel model;
  std::string source = model_uri;
  if (model_uri.starts_with("models:/")) {
    model.version = resolve_version(model_uri.substr(std::string_view("models:/").size()));
    const std::string answer =
        call("GET", "mlflow/model-versions/get-download-uri?name=" + http::percent_encode(model.version->name) +
                        "&version=" + http::percent_encode(model.version->version));
    const json::value document = json::parse_lenient(answer);
    source = json::get_string(json::as_object(document, "the server's answer"), "artifact_uri");
  } else if (!model_uri.starts_with("runs:/")) {
    throw invalid_argument("'", model_uri, "' must be models:/NAME@ALIAS, models:/NAME/3 or runs:/RUN_ID/PATH");
  }
  // A version that is deleted and made again under the same number has another source.
  const std::string key = hash_hex(HashKind::kSha256, url_ + "\n" + source).substr(0, 16);
  const std::string label = model.version ? model.version->name + "-" + model.version->version : "run";
  model.folder = cache_folder + "/" + http::percent_encode(label) + "-" + key;
  // Versions never change; what lies in a run may.
  if (model.version && files::exists(model.folder + "/MLmodel")) return model;
  files::create_folders(cache_folder);
  RandomIdSource random;
  const std::string staged = model.folder + ".part-" + random.hex(8);
  try {
    download(source, staged);
    if (!files::exists(staged + "/MLmodel")) throw not_found(model_uri, " is no model: there is no MLmodel file in it");
  } catch (...) {
    std::error_code ignored;
    fs::remove_all(staged, ignored);
    throw;
  }
  if (!model.version) fs::remove_all(model.folder);
  move_into_place(staged, model.folder);
  return model;
}

}  // namespace slipway::mlflow
