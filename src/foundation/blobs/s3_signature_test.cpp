// The worked examples of Amazon's documentation of Signature Version 4 for S3.
#include "foundation/blobs/s3_signature.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "foundation/base/hash.h"

namespace slipway::blobs {
namespace {

using ::testing::HasSubstr;

constexpr int64_t kMay24_2013 = 1'369'353'600'000;
const S3Credentials kExample = {"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", ""};

S3Unsigned example(const std::string& method, const std::string& path, const std::string& payload = "") {
  S3Unsigned out;
  out.method = method;
  out.host = "examplebucket.s3.amazonaws.com";
  out.path = path;
  out.payload_sha256 = hash_hex(HashKind::kSha256, payload);
  return out;
}

std::string authorization(const S3Unsigned& request) {
  for (const auto& [name, value] : sign(request, kExample, "us-east-1", kMay24_2013)) {
    if (name == "authorization") return value;
  }
  return "";
}

TEST(S3Signature, OfAPartOfAnObject) {
  S3Unsigned request = example("GET", "/test.txt");
  request.headers = {{"range", "bytes=0-9"}};
  EXPECT_EQ(authorization(request),
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
            "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,"
            "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
}

TEST(S3Signature, OfAnAddressThatAnybodyMayUse) {
  const std::string query = presigned_query(example("GET", "/test.txt"), kExample, "us-east-1", kMay24_2013, 86400);
  EXPECT_THAT(query, HasSubstr("X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&"));
  EXPECT_THAT(query, HasSubstr("X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"));
}

TEST(S3Signature, OfAnUpload) {
  S3Unsigned request = example("PUT", "/test%24file.text", "Welcome to Amazon S3.");
  request.headers = {{"date", "Fri, 24 May 2013 00:00:00 GMT"}, {"x-amz-storage-class", "REDUCED_REDUNDANCY"}};
  EXPECT_THAT(authorization(request),
              HasSubstr("Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"));
}

TEST(S3Signature, OfAQueryWithoutValueAndOfOneWithTwo) {
  S3Unsigned lifecycle = example("GET", "/");
  lifecycle.query = {{"lifecycle", ""}};
  EXPECT_THAT(authorization(lifecycle),
              HasSubstr("Signature=fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"));
  S3Unsigned list = example("GET", "/");
  list.query = {{"prefix", "J"}, {"max-keys", "2"}};
  EXPECT_THAT(authorization(list),
              HasSubstr("Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"));
}

TEST(S3Signature, ASessionTokenIsSignedToo) {
  S3Credentials temporary = kExample;
  temporary.session_token = "token";
  const auto added = sign(example("GET", "/"), temporary, "us-east-1", kMay24_2013);
  EXPECT_THAT(added, ::testing::Contains(std::pair<std::string, std::string>("x-amz-security-token", "token")));
  EXPECT_THAT(added.back().second, HasSubstr(";x-amz-date;x-amz-security-token,"));
}

TEST(S3Signature, EncodesAllButTheUnreserved) {
  EXPECT_EQ(encode_for_s3("a b+c/\u00e9~", Slashes::kKeep), "a%20b%2Bc/%C3%A9~");
  EXPECT_EQ(encode_for_s3("a/b", Slashes::kEncode), "a%2Fb");
}

}  // namespace
}  // namespace slipway::blobs
