#include "foundation/remotes/google_remote.h"

#include <mutex>

#include "foundation/base/error.h"
#include "foundation/base/files.h"
#include "foundation/base/hash.h"
#include "foundation/base/id.h"
#include "foundation/base/json.h"
#include "foundation/remotes/google_credentials.h"
#include "foundation/remotes/http_caller.h"
#include "foundation/remotes/parts.h"

namespace slipway::remotes {

namespace {

constexpr std::string_view kGoogle = "https://storage.googleapis.com";

FileInfo info_of(const json::object& object) {
  FileInfo out;
  out.path = json::get_string(object, "name");
  // Numbers of 64 bits come as strings.
  if (const auto size = json::find_int(object, "size"); size && *size >= 0) out.size = *size;
  out.tag = json::find_string(object, "etag").value_or("");
  out.modified_ms = text::parse_time_ms(json::find_string(object, "updated").value_or("")).value_or(0);
  return out;
}

class GoogleRemote final : public RemoteStore {
 public:
  GoogleRemote(std::string bucket, std::string prefix, std::string endpoint, std::shared_ptr<http::Client> http,
               CallerOptions options)
      : bucket_(std::move(bucket)),
        prefix_(std::move(prefix)),
        endpoint_(std::move(endpoint)),
        caller_(std::move(http), std::move(options)) {}

  std::string url(std::string_view path) const override { return text::concat("gs://", bucket_, "/", key(path)); }

  std::optional<FileInfo> find(const std::string& path) override {
    if (key(path).empty()) return std::nullopt;
    http::ClientRequest request;
    request.url = address(path) + "?fields=name,size,etag,updated";
    const http::ClientResponse response = caller_.send(std::move(request));
    if (response.status == 404) return std::nullopt;
    if (response.status / 100 != 2) throw HttpCaller::error_of(response, url(path));
    const json::value document = json::parse(response.body);
    FileInfo out = info_of(json::as_object(document, "what the server says about an object"));
    out.path = path;
    return out;
  }

  Listing listing() const override { return Listing::kByPrefix; }
  void list(const std::string& folder, const std::function<bool(const FileInfo&)>& on_file) override {
    const std::string below = key(folder).empty() ? "" : key(folder) + "/";
    const size_t own = prefix_.empty() ? 0 : prefix_.size() + 1;
    std::string next;
    do {
      http::ClientRequest request;
      request.url = text::concat(endpoint_, "/storage/v1/b/", http::percent_encode(bucket_),
                                 "/o?maxResults=1000&prefix=", http::percent_encode(below),
                                 "&fields=nextPageToken,items(name,size,etag,updated)");
      if (!next.empty()) request.url += "&pageToken=" + http::percent_encode(next);
      const http::ClientResponse response = caller_.send(std::move(request));
      if (response.status == 404) throw no_bucket();
      if (response.status / 100 != 2) throw HttpCaller::error_of(response, url(folder));
      GooglePage page = parse_google_page(response.body);
      for (FileInfo& object : page.objects) {
        if (!object.path.starts_with(below) || object.path.ends_with('/')) continue;
        object.path.erase(0, own);
        if (!on_file(object)) return;
      }
      next = page.next;
    } while (!next.empty());
  }

  std::unique_ptr<blobs::BlobReader> open(const std::string& path) override {
    http::ClientRequest request;
    request.url = address(path) + "?alt=media";
    return caller_.open(request);
  }

  void write(const std::string& path, Content& content, const WriteOptions& options) override {
    if (content.size() > kPartBytes) return write_chunks(path, content, options);
    // What it is called and its digest first, then itself: the server compares the two.
    const std::string bytes = content.read_part(0, content.size());
    const std::string mark = new_mark();
    const json::object described = {{"name", key(path)}, {"md5Hash", base64_encode(hash_raw(HashKind::kMd5, bytes))}};
    http::ClientRequest request = upload("multipart", path);
    request.headers.set("Content-Type", "multipart/related; boundary=" + mark);
    const std::string body = text::concat(
        "--", mark, "\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n", json::write(described), "\r\n--", mark,
        "\r\nContent-Type: application/octet-stream\r\n\r\n", bytes, "\r\n--", mark, "--\r\n");
    MemoryContent whole(body);
    check(caller_.send(std::move(request), whole), path);
    if (options.on_sent) options.on_sent(bytes.size());
  }
  using RemoteStore::write;

  void remove(const std::string& path) override {
    http::ClientRequest request;
    request.method = "DELETE";
    request.url = address(path);
    const http::ClientResponse response = caller_.send(std::move(request));
    if (response.status / 100 != 2 && response.status != 404) throw HttpCaller::error_of(response, url(path));
  }

 private:
  std::string key(std::string_view path) const {
    if (path.empty() || prefix_.empty()) return path.empty() ? prefix_ : std::string(path);
    return text::concat(prefix_, "/", path);
  }
  std::string address(std::string_view path) const {
    return text::concat(endpoint_, "/storage/v1/b/", http::percent_encode(bucket_), "/o/",
                        http::percent_encode(key(path)));
  }
  std::string new_mark() {
    const std::lock_guard lock(naming_);
    return ids_.hex(32);
  }
  http::ClientRequest upload(const std::string& kind, const std::string& path) const {
    http::ClientRequest out;
    out.method = "POST";
    out.url = text::concat(endpoint_, "/upload/storage/v1/b/", http::percent_encode(bucket_), "/o?uploadType=", kind,
                           "&name=", http::percent_encode(key(path)));
    return out;
  }
  Error no_bucket() const {
    return not_found("bucket ", bucket_, " does not exist at ", endpoint_, "; create it first");
  }
  void check(const http::ClientResponse& response, const std::string& path) const {
    if (response.status == 404) throw no_bucket();
    if (response.status / 100 != 2) throw HttpCaller::error_of(response, url(path));
  }

  // One after the other, as the protocol has it; nobody sees the object before the last one. What is sent twice after a
  // fault of the network counts once.
  void write_chunks(const std::string& path, Content& content, const WriteOptions& options) {
    http::ClientRequest begin = upload("resumable", path);
    begin.headers.set("Content-Type", "application/json; charset=UTF-8");
    begin.headers.set("X-Upload-Content-Length", std::to_string(content.size()));
    begin.body = json::write(json::object{{"name", key(path)}});
    const http::ClientResponse begun = caller_.send(std::move(begin));
    check(begun, path);
    const std::string session(begun.headers.find("Location").value_or(""));
    if (session.empty()) throw unavailable(endpoint_, " gave no address to send ", url(path), " to");
    for (uint64_t offset = 0; offset < content.size();) {
      const std::string bytes = content.read_part(offset, std::min(kPartBytes, content.size() - offset));
      http::ClientRequest request;
      request.method = "PUT";
      request.url = session;
      const uint64_t end = offset + bytes.size();
      request.headers.set("Content-Range", text::concat("bytes ", offset, "-", end - 1, "/", content.size()));
      MemoryContent chunk(bytes);
      const http::ClientResponse response = caller_.send(std::move(request), chunk);
      // 308: go on.
      if (response.status != 308) check(response, path);
      if (response.status != 308 && end < content.size()) throw conflict(url(path), " was taken before its end");
      if (options.on_sent) options.on_sent(bytes.size());
      offset = end;
    }
  }

  const std::string bucket_;
  const std::string prefix_;
  const std::string endpoint_;
  HttpCaller caller_;
  std::mutex naming_;  // guards ids_
  RandomIdSource ids_;
};

// The file of keys that is meant; "" when there is none.
std::string credentials_path(const Options& options) {
  if (options.has("credentialpath")) return expand_home(options.get("credentialpath"));
  if (const auto set = environment_variable("GOOGLE_APPLICATION_CREDENTIALS")) return *set;
  const std::string kept = expand_home("~/.config/gcloud/application_default_credentials.json");
  return files::exists(kept) ? kept : "";
}

std::string endpoint_of(const Options& options) {
  std::string out = options.get("endpointurl");
  if (out.empty()) out = environment_variable("STORAGE_EMULATOR_HOST").value_or("");
  if (out.empty()) return std::string(kGoogle);
  if (out.find("://") == std::string::npos) out = "http://" + out;
  while (out.ends_with('/')) out.pop_back();
  return out;
}

std::function<void(http::ClientRequest&)> authorization_of(const Options& options, const std::string& endpoint,
                                                           const std::shared_ptr<http::Client>& http) {
  if (options.flag("allow_anonymous_login", false)) return {};
  const std::string path = credentials_path(options);
  if (path.empty()) {
    // An emulator asks for nothing.
    if (endpoint != kGoogle) return {};
    throw Error(
        ErrorCode::kUnauthenticated,
        "nothing proves who we are to Google Cloud; set GOOGLE_APPLICATION_CREDENTIALS or credentialpath of the "
        "remote to the JSON key of a service account, or type `gcloud auth application-default login`");
  }
  const auto token = std::make_shared<BearerToken>([http, credentials = parse_google_credentials(files::read(path))] {
    return ask_google_for_token(*http, credentials);
  });
  return [token](http::ClientRequest& request) { request.headers.set("Authorization", "Bearer " + token->get()); };
}

}  // namespace

GooglePage parse_google_page(std::string_view text) {
  const json::value document = json::parse(text);
  const json::object& fields = json::as_object(document, "a list of objects");
  GooglePage out;
  out.next = json::find_string(fields, "nextPageToken").value_or("");
  if (json::find(fields, "items") == nullptr) return out;
  for (const json::value& item : json::get_array(fields, "items")) {
    out.objects.push_back(info_of(json::as_object(item, "an object")));
  }
  return out;
}

std::unique_ptr<RemoteStore> open_google(const RemoteAddress& address) {
  const Options options(address.options);
  std::string_view rest = address.url;
  rest.remove_prefix(std::string_view("gs://").size());
  const size_t slash = std::min(rest.find('/'), rest.size());
  std::string bucket(rest.substr(0, slash));
  if (bucket.empty()) throw invalid_argument("'", address.url, "' names no bucket: write gs://bucket/path");
  std::string prefix(rest.substr(std::min(slash + 1, rest.size())));
  while (prefix.ends_with('/')) prefix.pop_back();
  std::string endpoint = endpoint_of(options);
  const auto http = make_http_client(options, address.jobs);
  CallerOptions caller;
  caller.authorize = authorization_of(options, endpoint, http);
  return std::make_unique<GoogleRemote>(std::move(bucket), std::move(prefix), std::move(endpoint), http,
                                        std::move(caller));
}

}  // namespace slipway::remotes
