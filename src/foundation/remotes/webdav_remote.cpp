#include "foundation/remotes/webdav_remote.h"

#include <algorithm>
#include <mutex>

#include "foundation/base/error.h"
#include "foundation/base/hash.h"
#include "foundation/base/id.h"
#include "foundation/blobs/xml.h"
#include "foundation/http/url.h"
#include "foundation/remotes/http_caller.h"

namespace slipway::remotes {

namespace {

constexpr std::string_view kDrafts = ".slipway";
constexpr int kDeepest = 64;
constexpr std::string_view kAsk =
    "<?xml version=\"1.0\"?><propfind xmlns=\"DAV:\"><prop><resourcetype/><getcontentlength/><getetag/>"
    "</prop></propfind>";

std::string_view plain_name(const blobs::XmlElement& element) {
  const std::string_view name = element.name;
  return name.substr(name.find(':') == std::string_view::npos ? 0 : name.find(':') + 1);
}

// Depth first, whatever prefix the server gives the namespace.
const blobs::XmlElement* find_below(const blobs::XmlElement& element, std::string_view name) {
  for (const blobs::XmlElement& child : element.children) {
    if (plain_name(child) == name) return &child;
    if (const auto* found = find_below(child, name)) return found;
  }
  return nullptr;
}

std::string path_of(std::string_view href) {
  if (const size_t mark = href.find("://"); mark != std::string_view::npos) {
    href.remove_prefix(std::min(href.find('/', mark + 3), href.size()));
  }
  auto path = http::percent_decode(text::trim(href));
  if (!path) throw invalid_argument("the server names a resource in a way that cannot be read: ", href);
  while (path->size() > 1 && path->ends_with('/')) path->pop_back();
  return *path;
}

std::function<void(http::ClientRequest&)> authorization_of(const Options& options) {
  std::string name = "Authorization";
  std::string value;
  if (options.has("token")) {
    value = "Bearer " + options.get("token");
  } else if (options.has("custom_auth_header")) {
    name = options.get("custom_auth_header");
    value = options.get("password");
  } else if (options.has("user")) {
    value = "Basic " + base64_encode(options.get("user") + ":" + options.get("password"));
  }
  for (const char* option : {"bearer_token_command", "cert_path", "key_path"}) {
    if (options.has(option)) {
      throw Error(ErrorCode::kUnimplemented, text::concat("the option '", option, "' of WebDAV is not supported; use ",
                                                          "user and password, or token"));
    }
  }
  if (value.empty()) return {};
  return [name, value](http::ClientRequest& request) { request.headers.set(name, value); };
}

class WebdavRemote final : public RemoteStore {
 public:
  WebdavRemote(const std::string& root, std::shared_ptr<http::Client> http, CallerOptions options)
      : root_(root), caller_(std::move(http), std::move(options)) {
    const std::string target = http::parse_url(root).target;
    root_path_ = path_of(target);
    if (root_path_ == "/") root_path_.clear();
  }

  std::string url(std::string_view path) const override {
    return path.empty() ? root_ : text::concat(root_, "/", http::percent_encode(path, "/"));
  }

  std::optional<FileInfo> find(const std::string& path) override {
    const auto found = ask(path, "0");
    if (found.empty() || found.front().is_folder) return std::nullopt;
    FileInfo out = found.front().info;
    out.path = path;
    return out;
  }

  Listing listing() const override { return Listing::kByFolder; }
  void list(const std::string& folder, const std::function<bool(const FileInfo&)>& on_file) override {
    std::vector<std::pair<std::string, int>> open = {{folder, 0}};
    while (!open.empty()) {
      const auto [at, depth] = open.back();
      open.pop_back();
      for (WebdavEntry& entry : ask(at, "1")) {
        const std::string below = root_path_ + "/";
        if (!entry.path.starts_with(below)) continue;  // the folder itself, or a stranger
        const std::string path = entry.path.substr(below.size());
        if (path == at || path == kDrafts) continue;
        if (!at.empty() && !path.starts_with(at + "/")) continue;
        if (entry.is_folder) {
          if (depth < kDeepest) open.emplace_back(path, depth + 1);
          continue;
        }
        entry.info.path = path;
        if (!on_file(entry.info)) return;
      }
    }
  }

  std::unique_ptr<blobs::BlobReader> open(const std::string& path) override {
    http::ClientRequest request;
    request.url = url(path);
    return caller_.open(request);
  }

  // Beside first, as a server may keep a part of what breaks off. Servers take such names apart in the address to move
  // to, though they are escaped; those are written in place.
  void write(const std::string& path, Content& content, const WriteOptions& options) override {
    const bool in_place = path.find_first_of("?#;") != std::string::npos;
    const std::string draft = in_place ? path : text::concat(kDrafts, "/", new_name());
    http::ClientRequest put;
    put.method = "PUT";
    put.url = url(draft);
    http::ClientResponse response = caller_.send(put, content, options.on_sent);
    if (response.status == 404 || response.status == 409 || response.status == 403) {
      make_folders(draft.find('/') == std::string::npos ? "" : draft.substr(0, draft.rfind('/')));
      response = caller_.send(put, content);
    }
    if (response.status / 100 != 2) throw HttpCaller::error_of(response, put.url);
    if (in_place) return;
    http::ClientRequest move;
    move.method = "MOVE";
    move.url = url(draft);
    move.headers.set("Destination", url(path));
    move.headers.set("Overwrite", "T");
    response = caller_.send(move);
    if ((response.status == 409 || response.status == 404 || response.status == 403) &&
        path.find('/') != std::string::npos) {
      make_folders(path.substr(0, path.rfind('/')));
      response = caller_.send(move);
    }
    if (response.status / 100 == 2) return;
    remove(draft);
    throw HttpCaller::error_of(response, url(path));
  }
  using RemoteStore::write;

  void remove(const std::string& path) override {
    http::ClientRequest request;
    request.method = "DELETE";
    request.url = url(path);
    const http::ClientResponse response = caller_.send(request);
    if (response.status / 100 != 2 && response.status != 404) throw HttpCaller::error_of(response, request.url);
  }

 private:
  std::string new_name() {
    const std::lock_guard lock(naming_);
    return ids_.hex(32);
  }

  // Nothing when there is no such thing.
  std::vector<WebdavEntry> ask(const std::string& path, const std::string& depth) {
    http::ClientRequest request;
    request.method = "PROPFIND";
    request.url = url(path);
    request.headers.set("Depth", depth);
    request.headers.set("Content-Type", "application/xml");
    request.body = kAsk;
    const http::ClientResponse response = caller_.send(request);
    if (response.status == 404) return {};
    if (response.status != 207) throw HttpCaller::error_of(response, request.url);
    return parse_webdav_answer(response.body);
  }

  // The status of making one: what is there already (405) is fine.
  int make_folder(const std::string& folder) {
    http::ClientRequest request;
    request.method = "MKCOL";
    request.url = url(folder);
    return caller_.send(request).status;
  }

  void make_folders(const std::string& folder) {
    const int status = make_folder(folder);
    if (status / 100 == 2 || status == 405 || status == 301) return;
    if (!folder.empty()) make_folders(folder.find('/') == std::string::npos ? "" : folder.substr(0, folder.rfind('/')));
    // The place itself may lie in folders that are not there.
    if (folder.empty()) make_root();
    make_folder(folder);
  }

  void make_root() {
    const std::string origin = http::parse_url(root_).origin();
    for (size_t at = 0; at != std::string::npos;) {
      at = root_path_.find('/', at + 1);
      http::ClientRequest request;
      request.method = "MKCOL";
      request.url = origin + http::percent_encode(root_path_.substr(0, at), "/");
      caller_.send(request);
    }
  }

  const std::string root_;
  std::string root_path_;  // decoded, without a slash at the end
  HttpCaller caller_;
  std::mutex naming_;  // guards ids_
  RandomIdSource ids_;
};

}  // namespace

std::vector<WebdavEntry> parse_webdav_answer(std::string_view xml) {
  std::vector<WebdavEntry> out;
  const blobs::XmlElement root = blobs::parse_xml(xml);
  if (plain_name(root) != "multistatus") throw invalid_argument("the answer is not WebDAV's");
  for (const blobs::XmlElement& response : root.children) {
    if (plain_name(response) != "response") continue;
    const blobs::XmlElement* href = find_below(response, "href");
    if (href == nullptr) throw invalid_argument("the server names no resource in its answer");
    WebdavEntry entry;
    entry.path = path_of(href->text);
    const blobs::XmlElement* type = find_below(response, "resourcetype");
    entry.is_folder = type != nullptr && find_below(*type, "collection") != nullptr;
    if (const auto* size = find_below(response, "getcontentlength")) {
      if (const auto number = text::parse_int(text::trim(size->text)); number && *number >= 0)
        entry.info.size = *number;
    }
    if (const auto* tag = find_below(response, "getetag")) entry.info.tag = text::trim(tag->text);
    out.push_back(std::move(entry));
  }
  return out;
}

std::unique_ptr<RemoteStore> open_webdav(const RemoteAddress& address) {
  const Options options(address.options);
  CallerOptions caller;
  caller.authorize = authorization_of(options);
  caller.read_timeout_ms = options.seconds_as_ms("timeout", 60'000);
  const bool tls = scheme_of(address.url) == "webdavs";
  const std::string root = encoded_url((tls ? "https" : "http") + address.url.substr(address.url.find("://")));
  return std::make_unique<WebdavRemote>(root, make_http_client(options, address.jobs), std::move(caller));
}

}  // namespace slipway::remotes
