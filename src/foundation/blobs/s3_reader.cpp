#include "foundation/blobs/s3_reader.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "foundation/base/error.h"
#include "foundation/base/text.h"

namespace slipway::blobs {

namespace {

constexpr uint64_t kPieceBytes = uint64_t{8} << 20U;

// The size after the slash of "bytes 0-9/1234".
std::optional<uint64_t> total_of(std::string_view content_range) {
  const size_t slash = content_range.rfind('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto total = text::parse_int(content_range.substr(slash + 1));
  return total && *total >= 0 ? std::optional(static_cast<uint64_t>(*total)) : std::nullopt;
}

}  // namespace

S3Reader::S3Reader(S3Client& client, std::string key, uint64_t offset, std::optional<uint64_t> length)
    : client_(client), key_(std::move(key)), offset_(offset), end_(std::numeric_limits<int64_t>::max()) {
  // Beyond what any blob has, and what a signed number of bytes can say.
  offset_ = std::min(offset_, end_);
  if (length) end_ = offset_ + std::min(*length, end_ - offset_);
  if (offset_ == end_) {
    check_exists();
  } else {
    fetch();
  }
}

void S3Reader::check_exists() {
  S3Request request;
  request.method = "HEAD";
  request.key = key_;
  client_.call(request);
}

void S3Reader::fetch() {
  const uint64_t last = std::min(end_, offset_ + kPieceBytes) - 1;
  S3Request request;
  request.key = key_;
  request.headers = {{"range", text::concat("bytes=", offset_, "-", last)}};
  if (!etag_.empty()) request.headers.emplace_back("if-match", etag_);
  http::ClientResponse response = client_.send(request);
  // Nothing at that offset: the blob is shorter, or empty.
  if (response.status == 416) {
    end_ = offset_;
    return;
  }
  if (response.status == 412) throw conflict("blob ", key_, " was replaced while it was read; read it again");
  if (response.status != 200 && response.status != 206) throw client_.error_of(response, key_);
  const auto range = response.headers.find("content-range");
  const auto total = range ? total_of(*range) : std::nullopt;
  if (response.status == 200 && offset_ > 0) throw internal_error("the S3 server does not know ranges: ", key_);
  end_ = std::min(end_, response.status == 206 && total ? *total : offset_ + response.body.size());
  if (response.body.size() != std::min(end_, last + 1) - offset_) {
    throw unavailable("S3 sent ", response.body.size(), " bytes of blob ", key_,
                      " where others were asked for; try again");
  }
  if (const auto etag = response.headers.find("etag")) etag_ = std::string(*etag);
  piece_ = std::move(response.body);
  used_ = 0;
  offset_ += piece_.size();
}

size_t S3Reader::read(char* buffer, size_t capacity) {
  if (used_ == piece_.size() && offset_ < end_) fetch();
  const size_t given = std::min(capacity, piece_.size() - used_);
  piece_.copy(buffer, given, used_);
  used_ += given;
  return given;
}

}  // namespace slipway::blobs
