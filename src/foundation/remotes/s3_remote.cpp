#include "foundation/remotes/s3_remote.h"

#include <utility>

#include "foundation/base/error.h"
#include "foundation/base/hash.h"
#include "foundation/blobs/s3_client.h"
#include "foundation/blobs/s3_reader.h"
#include "foundation/blobs/s3_uploads.h"
#include "foundation/blobs/xml.h"
#include "foundation/remotes/http_caller.h"
#include "foundation/remotes/options.h"
#include "foundation/remotes/parts.h"

namespace slipway::remotes {

namespace {

using HeaderList = std::vector<std::pair<std::string, std::string>>;

std::string without_quotes(std::string_view tag) {
  if (tag.size() >= 2 && tag.front() == '"' && tag.back() == '"') tag = tag.substr(1, tag.size() - 2);
  return std::string(tag);
}

// How the objects are to be kept, from the options.
HeaderList keeping_headers(const Options& options) {
  HeaderList out;
  for (const auto& [option, header] : std::initializer_list<std::pair<const char*, const char*>>{
           {"acl", "x-amz-acl"},
           {"grant_read", "x-amz-grant-read"},
           {"grant_read_acp", "x-amz-grant-read-acp"},
           {"grant_write_acp", "x-amz-grant-write-acp"},
           {"grant_full_control", "x-amz-grant-full-control"},
           {"sse", "x-amz-server-side-encryption"},
           {"sse_kms_key_id", "x-amz-server-side-encryption-aws-kms-key-id"}}) {
    if (options.has(option)) out.emplace_back(header, options.get(option));
  }
  return out;
}

class S3Remote final : public RemoteStore {
 public:
  S3Remote(blobs::S3Location location, std::string prefix, std::shared_ptr<http::Client> http, HeaderList keeping)
      : prefix_(std::move(prefix)), keeping_(std::move(keeping)), client_(std::move(location), std::move(http)) {}

  std::string url(std::string_view path) const override {
    return text::concat("s3://", client_.location().bucket, "/", key(path));
  }

  std::optional<FileInfo> find(const std::string& path) override {
    if (key(path).empty()) return std::nullopt;
    blobs::S3Request request;
    request.method = "HEAD";
    request.key = key(path);
    const http::ClientResponse response = client_.send(request);
    if (response.status == 404) return std::nullopt;
    if (response.status / 100 != 2) throw client_.error_of(response, request.key);
    FileInfo out;
    out.path = path;
    out.size = text::parse_int(response.headers.find("content-length").value_or("0")).value_or(0);
    out.tag = without_quotes(response.headers.find("etag").value_or(""));
    return out;
  }

  Listing listing() const override { return Listing::kByPrefix; }
  void list(const std::string& folder, const std::function<bool(const FileInfo&)>& on_file) override;

  std::unique_ptr<blobs::BlobReader> open(const std::string& path) override {
    return std::make_unique<blobs::S3Reader>(client_, key(path), 0, std::nullopt);
  }

  void write(const std::string& path, Content& content, const WriteOptions& options) override {
    if (content.size() > kPartBytes) return write_parts(path, content, options);
    const std::string bytes = content.read_part(0, content.size());
    blobs::S3Request request;
    request.method = "PUT";
    request.key = key(path);
    request.body = bytes;
    request.headers = keeping_;
    // The server compares it with what arrives.
    request.headers.emplace_back("content-md5", base64_encode(hash_raw(HashKind::kMd5, bytes)));
    client_.call(request);
    if (options.on_sent) options.on_sent(bytes.size());
  }
  using RemoteStore::write;

  void remove(const std::string& path) override {
    blobs::S3Request request;
    request.method = "DELETE";
    request.key = key(path);
    const http::ClientResponse response = client_.send(request);
    if (response.status / 100 != 2 && response.status != 404) throw client_.error_of(response, request.key);
  }

 private:
  std::string key(std::string_view path) const {
    if (path.empty()) return prefix_;
    return prefix_.empty() ? std::string(path) : text::concat(prefix_, "/", path);
  }
  void write_parts(const std::string& path, Content& content, const WriteOptions& options);
  std::vector<blobs::UploadedPart> send_parts(const blobs::PartedUpload& upload, Content& content,
                                              const WriteOptions& options);

  const std::string prefix_;
  const HeaderList keeping_;
  blobs::S3Client client_;
};

void S3Remote::list(const std::string& folder, const std::function<bool(const FileInfo&)>& on_file) {
  const std::string whole = key(folder);
  const std::string below = whole.empty() ? "" : whole + "/";
  const size_t own = prefix_.empty() ? 0 : prefix_.size() + 1;
  for (std::string next;;) {
    blobs::S3Request request;
    request.query = {{"list-type", "2"}, {"prefix", below}};
    if (!next.empty()) request.query.emplace_back("continuation-token", next);
    const blobs::XmlElement root = blobs::parse_xml(client_.call(request).body);
    for (const blobs::XmlElement& element : root.children) {
      if (element.name != "Contents") continue;
      const std::string_view found = element.child_text("Key");
      // A key that ends in a slash stands for a folder.
      if (!found.starts_with(below) || found.ends_with('/')) continue;
      FileInfo info;
      info.path = found.substr(own);
      info.size = text::parse_int(element.child_text("Size")).value_or(0);
      info.tag = without_quotes(element.child_text("ETag"));
      info.modified_ms = text::parse_time_ms(element.child_text("LastModified")).value_or(0);
      if (!on_file(info)) return;
    }
    next = root.child_text("NextContinuationToken");
    if (root.child_text("IsTruncated") != "true" || next.empty()) return;
  }
}

void S3Remote::write_parts(const std::string& path, Content& content, const WriteOptions& options) {
  const blobs::PartedUpload upload{key(path), begin_s3_parts(client_, key(path), keeping_)};
  try {
    finish_s3_parts(client_, upload, send_parts(upload, content, options));
  } catch (const Error& error) {
    try {
      // Parts that were sent cost money until somebody says that they are not wanted.
      abort_s3_parts(client_, upload);
    } catch (const Error&) {
      // The first fault is the one to tell.
    }
    if (error.code() == ErrorCode::kNotFound) throw unavailable(error.what());
    throw;
  }
}

std::vector<blobs::UploadedPart> S3Remote::send_parts(const blobs::PartedUpload& upload, Content& content,
                                                      const WriteOptions& options) {
  const uint64_t part_bytes = part_bytes_for(content.size(), blobs::kMaxParts);
  std::vector<blobs::UploadedPart> parts((content.size() + part_bytes - 1) / part_bytes);
  const auto send = [&](size_t i, std::string_view bytes) {
    blobs::S3Request request;
    request.body = bytes;
    request.headers = {{"content-md5", base64_encode(hash_raw(HashKind::kMd5, bytes))}};
    const int number = static_cast<int>(i) + 1;
    parts[i] = {number, send_s3_part(client_, upload, number, std::move(request))};
  };
  send_in_parts(content, part_bytes, send, options.on_sent);
  return parts;
}

}  // namespace

std::unique_ptr<RemoteStore> open_s3(const RemoteAddress& address) {
  const Options options(address.options);
  std::string prefix;
  blobs::S3Location location = s3_location_of(address, environment_variable, prefix);
  return std::make_unique<S3Remote>(std::move(location), std::move(prefix), make_http_client(options, address.jobs),
                                    keeping_headers(options));
}

}  // namespace slipway::remotes
