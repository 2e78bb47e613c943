#include "foundation/blobs/s3_writer.h"

#include <algorithm>
#include <utility>

#include "foundation/base/error.h"
#include "foundation/base/log.h"
#include "foundation/base/text.h"
#include "foundation/blobs/s3_uploads.h"

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

void S3Writer::send_part() {
  if (upload_.empty()) upload_ = begin_s3_parts(client_, key_);
  S3Request request;
  request.body = buffer_;
  etags_.push_back(send_s3_part(client_, {key_, upload_}, static_cast<int>(etags_.size()) + 1, std::move(request)));
  buffer_.clear();
}

std::string S3Writer::commit(const std::optional<std::string>& expected_sha256) {
  std::string sha256 = hasher_.finish_hex();
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
  std::vector<UploadedPart> parts;
  for (size_t i = 0; i < etags_.size(); ++i) parts.push_back({static_cast<int>(i) + 1, etags_[i]});
  try {
    finish_s3_parts(client_, {key_, upload_}, parts);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kNotFound) throw;
    upload_.clear();
    throw unavailable(error.what());
  }
  upload_.clear();
  return sha256;
}

// Parts that were sent cost money until somebody says that they are not wanted.
void S3Writer::abort() {
  if (upload_.empty()) return;
  try {
    abort_s3_parts(client_, {key_, upload_});
  } catch (const std::exception& error) {
    log::warning("an unfinished upload is left in the bucket",
                 {{"key", key_}, {"upload", upload_}, {"error", error.what()}});
  }
}

}  // namespace slipway::blobs
