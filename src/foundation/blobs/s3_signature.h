// AWS Signature Version 4, for requests to S3 and what speaks like it. Used by s3_client.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace slipway::blobs {

struct S3Credentials {
  std::string access_key;
  std::string secret_key;
  std::string session_token;  // empty: none
};

struct S3Unsigned {
  std::string method;
  std::string host;                                          // with the port if it is not the scheme's own
  std::string path;                                          // percent-encoded, from `/`
  std::vector<std::pair<std::string, std::string>> query;    // not encoded
  std::vector<std::pair<std::string, std::string>> headers;  // besides host; names in lower case
  std::string payload_sha256;
};

// What is to be sent besides `headers`: x-amz-date, x-amz-content-sha256, authorization and, with a token, its header.
std::vector<std::pair<std::string, std::string>> sign(const S3Unsigned& request, const S3Credentials& credentials,
                                                      std::string_view region, int64_t now_ms);

// For a body whose digest is not known before it is sent.
inline constexpr std::string_view kUnsignedPayload = "UNSIGNED-PAYLOAD";

// The query that makes a GET of request.path an address for anybody, for so many seconds; the request's own query,
// headers and payload do not count.
std::string presigned_query(const S3Unsigned& request, const S3Credentials& credentials, std::string_view region,
                            int64_t now_ms, int64_t seconds);

// `name=value&...`, percent-encoded as the signature wants it, sorted by name.
std::string canonical_query(const S3Unsigned& request);
// Every byte but letters, digits and -._~ becomes %XX; slashes stay where `path` says so.
enum class Slashes { kEncode, kKeep };
std::string encode_for_s3(std::string_view text, Slashes slashes);

}  // namespace slipway::blobs
