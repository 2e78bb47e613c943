#include "foundation/blobs/s3_location.h"

#include <gtest/gtest.h>

#include <map>

#include "foundation/base/error.h"

namespace slipway::blobs {
namespace {

using Variables = std::map<std::string, std::string>;

S3Location parse(const std::string& url, Variables variables = {}) {
  variables.insert({{"AWS_ACCESS_KEY_ID", "id"}, {"AWS_SECRET_ACCESS_KEY", "secret"}});
  return parse_s3_location(url, [variables](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  });
}

TEST(S3Location, AmazonHasTheBucketInTheHost) {
  const S3Location location = parse("s3://models/team/a", {{"AWS_REGION", "eu-west-1"}});
  EXPECT_EQ(location.origin, "https://models.s3.eu-west-1.amazonaws.com");
  EXPECT_EQ(location.host, "models.s3.eu-west-1.amazonaws.com");
  EXPECT_EQ(location.base_path, "");
  EXPECT_EQ(location.prefix, "team/a/");
  EXPECT_EQ(location.credentials.access_key, "id");
}

TEST(S3Location, ABucketWithDotsIsInThePath) {
  const S3Location location = parse("s3://my.models");
  EXPECT_EQ(location.origin, "https://s3.us-east-1.amazonaws.com");
  EXPECT_EQ(location.base_path, "/my.models");
  EXPECT_EQ(location.prefix, "");
}

TEST(S3Location, AnEndpointOfTheUrlWinsOverTheEnvironment) {
  const Variables variables = {{"AWS_ENDPOINT_URL", "http://elsewhere:1"}, {"AWS_DEFAULT_REGION", "x"}};
  const S3Location location = parse("s3://bucket/?endpoint=http%3A%2F%2F127.0.0.1:9000/&region=y", variables);
  EXPECT_EQ(location.origin, "http://127.0.0.1:9000");
  EXPECT_EQ(location.host, "127.0.0.1:9000");
  EXPECT_EQ(location.base_path, "/bucket");
  EXPECT_EQ(location.region, "y");
  EXPECT_EQ(parse("s3://bucket", variables).origin, "http://elsewhere:1");
  EXPECT_EQ(parse("s3://bucket?endpoint=http://127.0.0.1:9000").origin, "http://127.0.0.1:9000");
  EXPECT_EQ(parse("s3://bucket?endpoint=https://host:443").host, "host");
}

TEST(S3Location, WhatIsWrongIsRefused) {
  for (const char* bad :
       {"s3://", "s3://ab", "s3://bu cket", "s3://bucket/../x", "s3://bucket//x", "s3://bucket?endpoint=host",
        "s3://bucket?endpoint=http://", "s3://bucket?endpoint=http://user@host", "s3://bucket?secret=x",
        "s3://bucket?endpoint=ftp://host", "s3://bucket?endpoint=%zz", "http://bucket"}) {
    try {
      parse(bad);
      ADD_FAILURE() << bad;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument) << bad;
    }
  }
}

TEST(S3Location, WithoutKeysNobodyIsLetIn) {
  try {
    parse("s3://bucket", {{"AWS_SECRET_ACCESS_KEY", ""}});
    ADD_FAILURE() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUnauthenticated);
  }
}

}  // namespace
}  // namespace slipway::blobs
