#include "domains/tracking/artifact_path.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "foundation/base/error.h"

namespace slipway::tracking {
namespace {

TEST(ArtifactPath, OrdinaryPathsLoseOnlyTheirLooseSlashes) {
  EXPECT_EQ(checked_artifact_path("1/abc/artifacts/model/MLmodel"), "1/abc/artifacts/model/MLmodel");
  EXPECT_EQ(checked_artifact_path("a//b/./c/"), "a/b/c");
  EXPECT_EQ(checked_artifact_path(""), "");
  EXPECT_EQ(checked_artifact_path("growth 50% of ä.txt"), "growth 50% of ä.txt");
  EXPECT_EQ(checked_artifact_path("a..b/..c/d.."), "a..b/..c/d..");
}

TEST(ArtifactPath, NothingClimbsHoweverItIsEncoded) {
  const std::string nul("a\0b", 3);
  for (const std::string& wrong :
       {std::string("../x"), std::string("a/../b"), std::string(".."), std::string("/etc/passwd"),
        std::string("%2e%2e/x"), std::string("a/%2E%2e/b"), std::string("%252e%252e%252fx"), std::string("a%2f..%2fb"),
        std::string("%2fetc/passwd"), std::string("a\\..\\b"), std::string("a%5c..%5cb"), std::string("C:/x"),
        std::string("c:"), std::string("a#b"), std::string("a%23b"), std::string("a%00b"), nul, std::string("a\nb"),
        std::string("\xff\xfe")}) {
    EXPECT_THROW(checked_artifact_path(wrong), Error) << wrong;
  }
}

TEST(ArtifactPath, AnEncodingBombIsRefusedQuickly) {
  std::string bomb = "%";
  for (int i = 0; i < 20'000; ++i) bomb += "25";
  EXPECT_THROW(checked_artifact_path(bomb + "2e"), Error);
}

TEST(ArtifactLocation, OnlyOurSchemeIsOurs) {
  EXPECT_EQ(path_of_location("mlflow-artifacts:/1/abc/artifacts"), "1/abc/artifacts");
  EXPECT_EQ(path_of_location("mlflow-artifacts://host:5000/1/abc"), "1/abc");
  EXPECT_EQ(path_of_location("mlflow-artifacts:/"), "");
  EXPECT_EQ(path_of_location("https://host/api/2.0/mlflow-artifacts/artifacts/1/abc"), "1/abc");
  EXPECT_EQ(path_of_location("http://host:5000/api/2.0/mlflow-artifacts/artifacts"), "");
  EXPECT_THROW(path_of_location("http://host/api/2.0/mlflow-artifacts/artifacts/../x"), Error);
  EXPECT_THROW(path_of_location("http://host/api/2.0/mlflow-artifacts/artifactsx/1"), Error);
  EXPECT_THROW(path_of_location("http://host/x?/api/2.0/mlflow-artifacts/artifacts/1"), Error);
  EXPECT_THROW(path_of_location("file:///etc"), Error);
  EXPECT_THROW(path_of_location("s3://bucket/x"), Error);
  EXPECT_THROW(path_of_location("mlflow-artifacts:/../x"), Error);
  EXPECT_FALSE(is_own_location("http://mlflow-artifacts:/x"));
}

}  // namespace
}  // namespace slipway::tracking
