#include "foundation/remotes/http_remote.h"

#include "foundation/base/error.h"
#include "foundation/base/hash.h"
#include "foundation/http/message.h"
#include "foundation/remotes/http_caller.h"

namespace slipway::remotes {

namespace {

std::function<void(http::ClientRequest&)> authorization_of(const Options& options) {
  const std::string kind = text::lower(options.get("auth"));
  if (kind.empty()) return {};
  const bool has_password = options.has("password");
  if (kind == "basic") {
    if (!options.has("user") || !has_password) {
      throw invalid_argument("HTTP 'basic' authentication require both 'user' and 'password'");
    }
    const std::string value = "Basic " + base64_encode(options.get("user") + ":" + options.get("password"));
    return [value](http::ClientRequest& request) { request.headers.set("Authorization", value); };
  }
  if (kind == "custom") {
    if (!options.has("custom_auth_header") || !has_password) {
      throw invalid_argument("HTTP 'custom' authentication require both 'custom_auth_header' and 'password'");
    }
    return [name = options.get("custom_auth_header"), value = options.get("password")](http::ClientRequest& request) {
      request.headers.set(name, value);
    };
  }
  throw Error(ErrorCode::kUnimplemented, text::concat("Auth method '", kind, "' is not supported."));
}

class HttpRemote final : public RemoteStore {
 public:
  HttpRemote(std::string root, std::string method, std::shared_ptr<http::Client> http, CallerOptions options)
      : root_(std::move(root)), method_(std::move(method)), caller_(std::move(http), std::move(options)) {}

  std::string url(std::string_view path) const override {
    return path.empty() ? root_ : text::concat(root_, "/", http::percent_encode(path, "/"));
  }

  std::optional<FileInfo> find(const std::string& path) override {
    http::ClientRequest request;
    request.method = "HEAD";
    request.url = url(path);
    http::ClientResponse response = caller_.send(request);
    if (response.status == 405 || response.status == 501) {
      request.method = "GET";
      request.headers.set("Range", "bytes=0-0");
      response = caller_.send(request);
    }
    if (response.status == 404 || response.status == 410) return std::nullopt;
    if (response.status / 100 != 2) throw HttpCaller::error_of(response, request.url);
    FileInfo out;
    out.path = path;
    if (request.method == "HEAD") {
      if (const auto size = text::parse_int(response.headers.find("Content-Length").value_or(""))) out.size = *size;
    }
    // DVC takes the first of these as it stands, with its quotes.
    out.tag = response.headers.find("ETag").value_or(response.headers.find("Content-MD5").value_or(""));
    return out;
  }

  Listing listing() const override { return Listing::kNone; }
  void list(const std::string&, const std::function<bool(const FileInfo&)>&) override {
    throw Error(ErrorCode::kUnimplemented, text::concat("a web server cannot list what is at ", root_));
  }

  std::unique_ptr<blobs::BlobReader> open(const std::string& path) override {
    http::ClientRequest request;
    request.url = url(path);
    return caller_.open(request);
  }

  void write(const std::string& path, Content& content, const WriteOptions& options) override {
    http::ClientRequest request;
    request.method = method_;
    request.url = url(path);
    const http::ClientResponse response = caller_.send(request, content, options.on_sent);
    if (response.status / 100 != 2) throw HttpCaller::error_of(response, request.url);
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
  const std::string root_;
  const std::string method_;
  HttpCaller caller_;
};

}  // namespace

std::unique_ptr<RemoteStore> open_http(const RemoteAddress& address) {
  const Options options(address.options);
  CallerOptions caller;
  caller.authorize = authorization_of(options);
  caller.connect_timeout_ms = options.seconds_as_ms("connect_timeout", 60'000);
  caller.read_timeout_ms = options.seconds_as_ms("read_timeout", 60'000);
  const std::string method = options.has("method") ? text::upper(options.get("method")) : "POST";
  return std::make_unique<HttpRemote>(encoded_url(address.url), method, make_http_client(options, address.jobs),
                                      std::move(caller));
}

}  // namespace slipway::remotes
