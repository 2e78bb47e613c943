#include "foundation/remotes/azure_remote.h"

#include "foundation/base/error.h"
#include "foundation/base/hash.h"
#include "foundation/blobs/xml.h"
#include "foundation/remotes/azure_account.h"
#include "foundation/remotes/http_caller.h"
#include "foundation/remotes/parts.h"

namespace slipway::remotes {

namespace {

constexpr uint64_t kMostBlocks = 50'000;

class AzureRemote final : public RemoteStore {
 public:
  AzureRemote(std::string container, std::string prefix, const std::string& endpoint,
              std::shared_ptr<http::Client> http, CallerOptions options)
      : container_(std::move(container)),
        prefix_(std::move(prefix)),
        place_(text::concat(endpoint, "/", http::percent_encode(container_))),
        caller_(std::move(http), std::move(options)) {}

  std::string url(std::string_view path) const override { return text::concat("azure://", container_, "/", key(path)); }

  std::optional<FileInfo> find(const std::string& path) override {
    if (key(path).empty()) return std::nullopt;
    const http::ClientResponse response = send("HEAD", path);
    if (response.status == 404) return std::nullopt;
    if (response.status / 100 != 2) throw error_of(response, path);
    // Accounts with real folders show them as blobs.
    if (response.headers.find("x-ms-meta-hdi_isfolder") == "true") return std::nullopt;
    FileInfo out;
    out.path = path;
    out.size = text::parse_int(response.headers.find("Content-Length").value_or("0")).value_or(0);
    out.tag = response.headers.find("ETag").value_or("");
    return out;
  }

  Listing listing() const override { return Listing::kByPrefix; }
  void list(const std::string& folder, const std::function<bool(const FileInfo&)>& on_file) override {
    const std::string below = key(folder).empty() ? "" : key(folder) + "/";
    const size_t own = prefix_.empty() ? 0 : prefix_.size() + 1;
    std::string next;
    do {
      http::ClientRequest request;
      request.url = text::concat(place_, "?restype=container&comp=list&prefix=", http::percent_encode(below));
      if (!next.empty()) request.url += "&marker=" + http::percent_encode(next);
      const http::ClientResponse response = caller_.send(std::move(request));
      if (response.status / 100 != 2) throw error_of(response, folder);
      AzurePage page = parse_azure_page(response.body);
      for (FileInfo& blob : page.blobs) {
        if (!blob.path.starts_with(below) || blob.path.ends_with('/')) continue;
        blob.path.erase(0, own);
        if (!on_file(blob)) return;
      }
      next = page.next;
    } while (!next.empty());
  }

  std::unique_ptr<blobs::BlobReader> open(const std::string& path) override {
    http::ClientRequest request;
    request.url = address(path);
    return caller_.open(request);
  }

  void write(const std::string& path, Content& content, const WriteOptions& options) override {
    if (content.size() > kPartBytes) return write_blocks(path, content, options);
    http::ClientRequest request;
    request.headers.set("x-ms-blob-type", "BlockBlob");
    put(request, address(path), content.read_part(0, content.size()), path);
    if (options.on_sent) options.on_sent(content.size());
  }
  using RemoteStore::write;

  void remove(const std::string& path) override {
    const http::ClientResponse response = send("DELETE", path);
    if (response.status / 100 != 2 && response.status != 404) throw error_of(response, path);
  }

 private:
  std::string key(std::string_view path) const {
    if (path.empty() || prefix_.empty()) return path.empty() ? prefix_ : std::string(path);
    return text::concat(prefix_, "/", path);
  }
  std::string address(std::string_view path) const {
    return text::concat(place_, "/", http::percent_encode(key(path), "/"));
  }

  http::ClientResponse send(const std::string& method, const std::string& path) {
    http::ClientRequest request;
    request.method = method;
    request.url = address(path);
    return caller_.send(std::move(request));
  }

  // The server compares the digest with what arrives.
  void put(http::ClientRequest request, const std::string& address, std::string_view bytes, const std::string& path) {
    request.method = "PUT";
    request.url = address;
    request.headers.set("Content-MD5", base64_encode(hash_raw(HashKind::kMd5, bytes)));
    MemoryContent content(bytes);
    const http::ClientResponse response = caller_.send(std::move(request), content);
    if (response.status / 100 != 2) throw error_of(response, path);
  }

  // Blocks are seen by nobody until the list of them is there; those of a transfer that broke off go away in a week.
  void write_blocks(const std::string& path, Content& content, const WriteOptions& options) {
    const uint64_t part_bytes = part_bytes_for(content.size(), kMostBlocks);
    // All names of one blob have one length.
    const auto name_of = [](size_t i) { return base64_encode(std::to_string(1'000'000 + i)); };
    const auto send = [&](size_t i, std::string_view bytes) {
      put({}, text::concat(address(path), "?comp=block&blockid=", http::percent_encode(name_of(i))), bytes, path);
    };
    send_in_parts(content, part_bytes, send, options.on_sent);
    std::string list = "<?xml version=\"1.0\" encoding=\"utf-8\"?><BlockList>";
    for (size_t i = 0; i * part_bytes < content.size(); ++i) list += "<Latest>" + name_of(i) + "</Latest>";
    put({}, address(path) + "?comp=blocklist", list + "</BlockList>", path);
  }

  Error error_of(const http::ClientResponse& response, const std::string& path) const {
    const std::string code(response.headers.find("x-ms-error-code").value_or(""));
    if (code == "ContainerNotFound") return not_found("container ", container_, " does not exist; create it first");
    const Error error = HttpCaller::error_of(response, url(path));
    return {error.code(), code.empty() ? std::string(error.what()) : text::concat(error.what(), " (", code, ")")};
  }

  const std::string container_;
  const std::string prefix_;
  const std::string place_;
  HttpCaller caller_;
};

}  // namespace

AzurePage parse_azure_page(std::string_view xml) {
  // Some servers put a byte order mark first.
  if (xml.starts_with("\xEF\xBB\xBF")) xml.remove_prefix(3);
  const blobs::XmlElement root = blobs::parse_xml(xml);
  if (root.name != "EnumerationResults") throw invalid_argument("the answer is no list of Azure's blobs");
  AzurePage out;
  out.next = root.child_text("NextMarker");
  for (const blobs::XmlElement& group : root.children) {
    if (group.name != "Blobs") continue;
    for (const blobs::XmlElement& blob : group.children) {
      if (blob.name != "Blob") continue;
      FileInfo info;
      info.path = blob.child_text("Name");
      bool is_folder = false;
      for (const blobs::XmlElement& properties : blob.children) {
        if (properties.name != "Properties") continue;
        if (const auto size = text::parse_int(properties.child_text("Content-Length")); size && *size >= 0) {
          info.size = *size;
        }
        info.tag = properties.child_text("Etag");
        is_folder = properties.child_text("ResourceType") == "directory";
      }
      if (!is_folder) out.blobs.push_back(std::move(info));
    }
  }
  return out;
}

std::unique_ptr<RemoteStore> open_azure(const RemoteAddress& address) {
  const Options options(address.options);
  std::string_view rest = address.url;
  rest.remove_prefix(std::string_view("azure://").size());
  const size_t slash = std::min(rest.find('/'), rest.size());
  std::string container(rest.substr(0, slash));
  if (container.empty()) container = environment_variable("AZURE_STORAGE_CONTAINER_NAME").value_or("");
  if (container.empty()) throw invalid_argument("'", address.url, "' names no container: write azure://container/path");
  std::string prefix(rest.substr(std::min(slash + 1, rest.size())));
  while (prefix.ends_with('/')) prefix.pop_back();
  const AzureAccount account = azure_account_of(options, environment_variable);
  const auto http = make_http_client(options, address.jobs);
  CallerOptions caller;
  caller.connect_timeout_ms = options.seconds_as_ms("connection_timeout", 60'000);
  caller.read_timeout_ms = options.seconds_as_ms("read_timeout", 60'000);
  caller.authorize = azure_authorization(account, http);
  return std::make_unique<AzureRemote>(std::move(container), std::move(prefix), account.endpoint, http,
                                       std::move(caller));
}

}  // namespace slipway::remotes
