#include "foundation/blobs/s3_writer.h"

#include <algorithm>
#include <utility>

#include "foundation/base/error.h"
#include "foundation/base/log.h"
#include "foundation/base/text.h"
#include "foundation/blobs/xml.h"

namespace slipway::blobs {

namespace {

constexpr size_t kFirstPartBytes = size_t{8} << 20U;
// S3 takes 10,000 parts; they double every 2,000, which is enough for 496 GiB.
constexpr size_t kPartsPerSize = 2000;

}  // namespace

S3Writer::S3Writer(S3Client& client, std::string key)
    : client_(client), key_(std::move(key)), hasher_(HashKind::kSha256) {}

S3Writer::~S3Writer() { abort(); }

size_t S3Writer::part_bytes() const { return kFirstPartBytes << (etags_.size() / kPartsPerSize); }

void S3Writer::write(std::string_view bytes) {
  hasher_.update(bytes);
  while (!bytes.empty()) {
    // A full buffer goes out only when more comes: the last part, or the whole small blob, is left for commit.
    if (buffer_.size() == part_bytes()) send_part();
    const size_t taken = std::min(bytes.size(), part_bytes() - buffer_.size());
    buffer_ += bytes.substr(0, taken);
    bytes.remove_prefix(taken);
  }
}

void S3Writer::start() {
  S3Request request;
  request.method = "POST";
  request.key = key_;
  request.query = {{"uploads", ""}};
  upload_ = std::string(parse_xml(client_.call(request).body).child_text("UploadId"));
  if (upload_.empty()) throw internal_error("S3 gave no id for the upload of ", key_);
}

void S3Writer::send_part() {
  if (upload_.empty()) start();
  S3Request request;
  request.method = "PUT";
  request.key = key_;
  request.query = {{"partNumber", std::to_string(etags_.size() + 1)}, {"uploadId", upload_}};
  request.body = buffer_;
  const http::ClientResponse response = client_.call(request);
  const auto etag = response.headers.find("etag");
  if (!etag) throw internal_error("S3 gave no ETag for a part of ", key_);
  etags_.emplace_back(*etag);
  buffer_.clear();
}

std::string S3Writer::commit(const std::optional<std::string>& expected_sha256) {
  const std::string sha256 = hasher_.finish_hex();
  if (expected_sha256 && *expected_sha256 != sha256) {
    throw data_loss("blob ", key_, " arrived damaged: SHA-256 is ", sha256, ", expected ", *expected_sha256,
                    "; send it again");
  }
  if (upload_.empty()) {
    S3Request request;
    request.method = "PUT";
    request.key = key_;
    request.body = buffer_;
    client_.call(request);
    return sha256;
  }
  if (!buffer_.empty()) send_part();
  complete();
  return sha256;
}

void S3Writer::complete() {
  std::string body = "<CompleteMultipartUpload>";
  for (size_t i = 0; i < etags_.size(); ++i) {
    body += text::concat("<Part><PartNumber>", i + 1, "</PartNumber><ETag>", text::escape_markup(etags_[i]),
                         "</ETag></Part>");
  }
  body += "</CompleteMultipartUpload>";
  S3Request request;
  request.method = "POST";
  request.key = key_;
  request.query = {{"uploadId", upload_}};
  request.body = body;
  const http::ClientResponse response = client_.send(request);
  if (response.status == 404) {
    // Either somebody aborted it, or it was finished by a first attempt whose answer got lost.
    upload_.clear();
    throw unavailable("the upload of blob ", key_,
                      " is not under way any more; look whether it is there, or send it again");
  }
  if (response.status / 100 != 2) throw client_.error_of(response, key_);
  // S3 may begin its answer with 200 and find out later that it failed.
  if (parse_xml(response.body).name == "Error") {
    http::ClientResponse failed = response;
    failed.status = 500;
    throw client_.error_of(failed, key_);
  }
  upload_.clear();
}

// Parts that were sent cost money until somebody says that they are not wanted.
void S3Writer::abort() {
  if (upload_.empty()) return;
  try {
    S3Request request;
    request.method = "DELETE";
    request.key = key_;
    request.query = {{"uploadId", upload_}};
    client_.call(request);
  } catch (const std::exception& error) {
    log::warning("an unfinished upload is left in the bucket",
                 {{"key", key_}, {"upload", upload_}, {"error", error.what()}});
  }
}

}  // namespace slipway::blobs
