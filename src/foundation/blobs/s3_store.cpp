#include "foundation/blobs/s3_store.h"

#include <algorithm>
#include <ctime>
#include <utility>

#include "foundation/base/error.h"
#include "foundation/base/text.h"
#include "foundation/blobs/s3_reader.h"
#include "foundation/blobs/s3_uploads.h"
#include "foundation/blobs/s3_writer.h"
#include "foundation/blobs/xml.h"

namespace slipway::blobs {

namespace {

// S3 gives at most so many keys at once.
constexpr size_t kMaxKeys = 1000;
// Sorts after every key below a folder: U+10FFFF, the last character there is.
constexpr std::string_view kLast = "\xf4\x8f\xbf\xbf";

// "Wed, 21 Oct 2015 07:28:00 GMT"; 0 when it is not.
int64_t parse_http_date(std::string_view text) {
  std::tm parts{};
  const std::string terminated(text);
  if (::strptime(terminated.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts) == nullptr) return 0;
  return static_cast<int64_t>(::timegm(&parts)) * 1000;
}

bool is_key(std::string_view name) {
  try {
    check_key(name);
    return true;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

S3Store::S3Store(S3Location location, std::shared_ptr<http::Client> http, const S3Retries& retries)
    : client_(std::move(location), std::move(http), retries) {
  S3Request request;
  request.method = "HEAD";
  client_.call(request);
}

std::unique_ptr<BlobWriter> S3Store::create(const std::string& key) {
  check_key(key);
  return std::make_unique<S3Writer>(client_, key);
}

std::unique_ptr<BlobReader> S3Store::open(const std::string& key, uint64_t offset, std::optional<uint64_t> length) {
  check_key(key);
  return std::make_unique<S3Reader>(client_, key, offset, length);
}

std::optional<BlobInfo> S3Store::find(const std::string& key) {
  check_key(key);
  S3Request request;
  request.method = "HEAD";
  request.key = key;
  const http::ClientResponse response = client_.send(request);
  if (response.status == 404) return std::nullopt;
  if (response.status / 100 != 2) throw client_.error_of(response, key);
  BlobInfo out;
  out.key = key;
  const auto size = response.headers.find("content-length");
  out.size_bytes = static_cast<uint64_t>(size ? text::parse_int(*size).value_or(0) : 0);
  const auto modified = response.headers.find("last-modified");
  out.modified_ms = modified ? parse_http_date(*modified) : 0;
  return out;
}

void S3Store::remove(const std::string& key) {
  check_key(key);
  S3Request request;
  request.method = "DELETE";
  request.key = key;
  const http::ClientResponse response = client_.send(request);
  if (response.status / 100 != 2 && response.status != 404) throw client_.error_of(response, key);
}

// One request's worth; false when there is no more. `after` moves on.
bool S3Store::list_some(const ListOptions& options, std::string& after, ListPage& page) {
  const std::string& own = client_.location().prefix;
  const size_t left = options.limit - page.blobs.size() - page.folders.size();
  S3Request request;
  request.query = {
      {"list-type", "2"}, {"prefix", own + options.prefix}, {"max-keys", std::to_string(std::min(left, kMaxKeys))}};
  if (options.by_folder) request.query.emplace_back("delimiter", "/");
  if (!after.empty()) {
    const bool past_folder = options.by_folder && after.ends_with("/");
    request.query.emplace_back("start-after", text::concat(own, after, past_folder ? kLast : std::string_view()));
  }
  const XmlElement root = parse_xml(client_.call(request).body);
  std::string last;
  for (const XmlElement& element : root.children) {
    const bool folder = element.name == "CommonPrefixes";
    if (!folder && element.name != "Contents") continue;
    const std::string_view whole = element.child_text(folder ? "Prefix" : "Key");
    if (!whole.starts_with(own)) continue;
    const std::string key(whole.substr(own.size()));
    last = std::max(last, key);
    // Others may have put there what cannot be named here.
    if (!is_key(folder ? key.substr(0, key.size() - 1) : key)) continue;
    if (folder) {
      page.folders.push_back(key);
    } else {
      page.blobs.push_back({key, static_cast<uint64_t>(text::parse_int(element.child_text("Size")).value_or(0)),
                            text::parse_time_ms(element.child_text("LastModified")).value_or(0)});
    }
  }
  if (root.child_text("IsTruncated") != "true" || last.empty()) return false;
  after = last;
  return true;
}

ListPage S3Store::list(const ListOptions& options) {
  check_list_options(options);
  ListPage page;
  std::string after = options.after;
  bool more = true;
  while (more && page.blobs.size() + page.folders.size() < options.limit) more = list_some(options, after, page);
  if (more) page.next = after;
  return page;
}

std::optional<std::string> S3Store::local_path(const std::string& key) {
  check_key(key);
  return std::nullopt;
}

std::string S3Store::begin_parts(const std::string& key, int count) {
  check_key(key);
  check_part_count(count);
  return begin_s3_parts(client_, key);
}

std::string S3Store::write_part(const PartedUpload& upload, int number, uint64_t size_bytes, BlobReader& content) {
  check_key(upload.key);
  S3Request request;
  request.stream = &content;
  request.stream_size = size_bytes;
  return send_s3_part(client_, upload, number, std::move(request));
}

void S3Store::finish_parts(const PartedUpload& upload, const std::vector<UploadedPart>& parts) {
  check_key(upload.key);
  finish_s3_parts(client_, upload, parts);
}

void S3Store::abort_parts(const PartedUpload& upload) {
  check_key(upload.key);
  abort_s3_parts(client_, upload);
}

std::optional<std::string> S3Store::direct_url(const std::string& key, int64_t seconds) {
  check_key(key);
  return client_.presigned_url(key, seconds);
}

}  // namespace slipway::blobs
