#include "foundation/blobs/s3_client.h"

#include <algorithm>
#include <optional>

#include "foundation/base/blocking.h"
#include "foundation/base/error.h"
#include "foundation/base/hash.h"
#include "foundation/base/text.h"
#include "foundation/blobs/xml.h"

namespace slipway::blobs {

namespace {

constexpr size_t kMaxAnswerBytes = size_t{64} << 20U;
constexpr size_t kPieceBytes = size_t{256} << 10U;

using http::is_worth_another_try;

struct S3Failure {
  std::string code;  // "NoSuchKey"; "" when the answer names none
  std::string message;
};

S3Failure failure_of(const std::string& body) {
  try {
    const XmlElement root = parse_xml(body);
    if (root.name == "Error") return {std::string(root.child_text("Code")), std::string(root.child_text("Message"))};
  } catch (const Error&) {
    // An answer of a proxy, or none at all; the status says enough.
  }
  return {};
}

std::optional<ErrorCode> code_of_name(std::string_view name) {
  if (name == "SignatureDoesNotMatch" || name == "InvalidAccessKeyId" || name == "ExpiredToken" ||
      name == "InvalidToken") {
    return ErrorCode::kUnauthenticated;
  }
  if (name == "EntityTooLarge") return ErrorCode::kTooLarge;
  // What the caller lists as parts is not what was sent.
  if (name == "InvalidPart" || name == "InvalidPartOrder" || name == "EntityTooSmall")
    return ErrorCode::kInvalidArgument;
  if (name == "QuotaExceeded") return ErrorCode::kOutOfSpace;
  if (name == "BadDigest" || name == "XAmzContentSHA256Mismatch") return ErrorCode::kDataLoss;
  return std::nullopt;
}

ErrorCode code_of_status(int status) {
  switch (status) {
    case 401:
      return ErrorCode::kUnauthenticated;
    case 403:
      return ErrorCode::kPermissionDenied;
    case 404:
      return ErrorCode::kNotFound;
    case 409:
    case 412:
      return ErrorCode::kConflict;
    case 413:
      return ErrorCode::kTooLarge;
    case 507:
      return ErrorCode::kOutOfSpace;
    default:
      return is_worth_another_try(status) ? ErrorCode::kUnavailable : ErrorCode::kInternal;
  }
}

}  // namespace

S3Client::S3Client(S3Location location, std::shared_ptr<http::Client> http, const S3Retries& retries)
    : location_(std::move(location)), http_(std::move(http)), retries_(retries) {}

S3Unsigned S3Client::unsigned_of(const S3Request& request) const {
  S3Unsigned plain;
  plain.method = request.method;
  plain.host = location_.host;
  plain.path = location_.base_path;
  if (!request.key.empty()) plain.path += "/" + encode_for_s3(location_.prefix + request.key, Slashes::kKeep);
  if (plain.path.empty()) plain.path = "/";
  plain.query = request.query;
  plain.headers = request.headers;
  return plain;
}

std::string S3Client::presigned_url(const std::string& key, int64_t seconds) const {
  S3Request request;
  request.key = key;
  const S3Unsigned plain = unsigned_of(request);
  const std::string query = presigned_query(plain, location_.credentials, location_.region, clock_.now_ms(), seconds);
  return text::concat(location_.origin, plain.path, "?", query);
}

http::ClientResponse S3Client::send_once(const S3Request& request) {
  S3Unsigned plain = unsigned_of(request);
  plain.payload_sha256 =
      request.stream != nullptr ? std::string(kUnsignedPayload) : hash_hex(HashKind::kSha256, request.body);
  http::ClientRequest out;
  out.method = request.method;
  out.url = location_.origin + plain.path;
  if (!plain.query.empty()) out.url += "?" + canonical_query(plain);
  for (const auto& [name, value] : plain.headers) out.headers.add(name, value);
  // Without keys the request is anonymous, which a public bucket answers.
  if (!location_.credentials.access_key.empty()) {
    for (auto& [name, value] : sign(plain, location_.credentials, location_.region, clock_.now_ms())) {
      out.headers.add(std::move(name), std::move(value));
    }
  }
  if (request.stream != nullptr) {
    out.stream_length = request.stream_size;
    out.stream_body = [&request, begun = false](http::BodyWriter& writer) mutable {
      if (std::exchange(begun, true)) throw unavailable("the connection to S3 broke; send the part again");
      std::vector<char> buffer(kPieceBytes);
      while (const size_t got = request.stream->read(buffer.data(), buffer.size())) writer.write({buffer.data(), got});
    };
  } else if (request.method == "PUT" || request.method == "POST") {
    // Streamed from the caller's buffer, so that a part lies in memory once.
    out.stream_length = request.body.size();
    out.stream_body = [body = request.body](http::BodyWriter& writer) { writer.write(body); };
  }
  out.max_body_bytes = kMaxAnswerBytes;
  return http_->send(out);
}

http::ClientResponse S3Client::send(const S3Request& request) {
  const BlockingSection blocking;
  for (int attempt = 1;; ++attempt) {
    const bool last = attempt >= retries_.attempts || request.stream != nullptr;
    try {
      http::ClientResponse response = send_once(request);
      const bool failed = is_worth_another_try(response.status) ||
                          (response.status == 400 && failure_of(response.body).code == "RequestTimeout");
      if (!failed) return response;
      if (last) throw error_of(response, request.key);
    } catch (const Error& error) {
      if (last || !is_worth_another_try(error)) throw;
    }
    http::pause_before_retry(retries_, attempt - 1, random_);
  }
}

http::ClientResponse S3Client::call(const S3Request& request) {
  http::ClientResponse response = send(request);
  if (response.status / 100 != 2) throw error_of(response, request.key);
  return response;
}

Error S3Client::error_of(const http::ClientResponse& response, const std::string& key) const {
  const S3Failure failure = failure_of(response.body);
  const std::string place = text::concat("s3://", location_.bucket, "/", location_.prefix, key);
  if (failure.code == "NoSuchBucket" || (key.empty() && response.status == 404)) {
    return not_found("bucket ", location_.bucket, " does not exist at ", location_.origin, "; create it first");
  }
  if (response.status == 404)
    return not_found("blob ", key, " does not exist in s3://", location_.bucket, "/", location_.prefix);
  if (response.status == 301 || response.status == 307) {
    return invalid_argument("bucket ", location_.bucket, " is in another region than ", location_.region,
                            "; add ?region=... to the url");
  }
  const ErrorCode code = code_of_name(failure.code).value_or(code_of_status(response.status));
  std::string message = text::concat("S3 answered ", response.status, " for ", place);
  if (!failure.code.empty()) message += text::concat(": ", failure.code, ", ", failure.message);
  if (code == ErrorCode::kUnauthenticated) message += "; check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY";
  if (code == ErrorCode::kPermissionDenied) message += "; these keys may not do that in this bucket";
  return {code, message};
}

}  // namespace slipway::blobs
