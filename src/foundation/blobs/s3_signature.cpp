#include "foundation/blobs/s3_signature.h"

#include <algorithm>
#include <ctime>

#include "foundation/base/hash.h"
#include "foundation/base/text.h"

namespace slipway::blobs {

namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

// "20130524T000000Z"
std::string basic_time(int64_t now_ms) {
  const std::time_t seconds = now_ms / 1000;
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char out[32];
  const size_t size = std::strftime(out, sizeof(out), "%Y%m%dT%H%M%SZ", &parts);
  return std::string(out, size);
}

std::string scope_of(std::string_view time, std::string_view region) {
  return text::concat(time.substr(0, 8), "/", region, "/s3/aws4_request");
}

std::string signing_key(std::string_view secret, std::string_view date, std::string_view region) {
  std::string key = hmac_sha256("AWS4" + std::string(secret), date);
  key = hmac_sha256(key, region);
  key = hmac_sha256(key, "s3");
  return hmac_sha256(key, "aws4_request");
}

std::string signature_of(std::string_view canonical, std::string_view time, std::string_view region,
                         const S3Credentials& credentials) {
  const std::string to_sign = text::concat("AWS4-HMAC-SHA256\n", time, "\n", scope_of(time, region), "\n",
                                           hash_hex(HashKind::kSha256, canonical));
  return to_hex(hmac_sha256(signing_key(credentials.secret_key, time.substr(0, 8), region), to_sign));
}

}  // namespace

std::string encode_for_s3(std::string_view text, Slashes slashes) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  constexpr std::string_view kPlain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string out;
  for (const char c : text) {
    if (kPlain.find(c) != std::string_view::npos || (c == '/' && slashes == Slashes::kKeep)) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kDigits[byte >> 4U];
    out += kDigits[byte & 15U];
  }
  return out;
}

std::string canonical_query(const S3Unsigned& request) {
  Pairs encoded;
  for (const auto& [name, value] : request.query) {
    encoded.emplace_back(encode_for_s3(name, Slashes::kEncode), encode_for_s3(value, Slashes::kEncode));
  }
  std::sort(encoded.begin(), encoded.end());
  std::vector<std::string> out;
  for (const auto& [name, value] : encoded) out.push_back(text::concat(name, "=", value));
  return text::join(out, "&");
}

Pairs sign(const S3Unsigned& request, const S3Credentials& credentials, std::string_view region, int64_t now_ms) {
  const std::string time = basic_time(now_ms);
  Pairs added = {{"x-amz-content-sha256", request.payload_sha256}, {"x-amz-date", time}};
  if (!credentials.session_token.empty()) added.emplace_back("x-amz-security-token", credentials.session_token);

  Pairs signed_headers = request.headers;
  signed_headers.emplace_back("host", request.host);
  signed_headers.insert(signed_headers.end(), added.begin(), added.end());
  std::sort(signed_headers.begin(), signed_headers.end());
  std::string header_lines;
  std::vector<std::string> names;
  for (const auto& [name, value] : signed_headers) {
    header_lines += text::concat(name, ":", text::trim(value), "\n");
    names.push_back(name);
  }
  const std::string name_list = text::join(names, ";");
  const std::string canonical = text::concat(request.method, "\n", request.path, "\n", canonical_query(request), "\n",
                                             header_lines, "\n", name_list, "\n", request.payload_sha256);
  added.emplace_back("authorization", text::concat("AWS4-HMAC-SHA256 Credential=", credentials.access_key, "/",
                                                   scope_of(time, region), ",SignedHeaders=", name_list,
                                                   ",Signature=", signature_of(canonical, time, region, credentials)));
  return added;
}

std::string presigned_query(const S3Unsigned& request, const S3Credentials& credentials, std::string_view region,
                            int64_t now_ms, int64_t seconds) {
  const std::string time = basic_time(now_ms);
  S3Unsigned signed_request = request;
  signed_request.query = {{"X-Amz-Algorithm", "AWS4-HMAC-SHA256"},
                          {"X-Amz-Credential", text::concat(credentials.access_key, "/", scope_of(time, region))},
                          {"X-Amz-Date", time},
                          {"X-Amz-Expires", std::to_string(seconds)},
                          {"X-Amz-SignedHeaders", "host"}};
  if (!credentials.session_token.empty())
    signed_request.query.emplace_back("X-Amz-Security-Token", credentials.session_token);
  const std::string query = canonical_query(signed_request);
  const std::string canonical =
      text::concat("GET\n", request.path, "\n", query, "\nhost:", request.host, "\n\nhost\n", kUnsignedPayload);
  return text::concat(query, "&X-Amz-Signature=", signature_of(canonical, time, region, credentials));
}

}  // namespace slipway::blobs
