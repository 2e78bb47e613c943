#include "domains/tracking/artifacts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "foundation/base/error.h"
#include "foundation/base/files.h"

namespace slipway::tracking {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

class ArtifactsTest : public ::testing::Test {
 protected:
  void put(const std::string& path, const std::string& content) {
    const auto writer = artifacts_.create(path);
    writer->write(content);
    writer->commit();
  }
  std::string content_of(const std::string& path) {
    const auto reader = artifacts_.open(artifacts_.get(path));
    std::string out(100, '\0');
    out.resize(reader->read(out.data(), out.size()));
    return out;
  }

  files::TemporaryFolder folder_;
  std::unique_ptr<blobs::BlobStore> blobs_ = blobs::open_blob_store(folder_.path());
  Artifacts artifacts_{*blobs_};
};

TEST_F(ArtifactsTest, AreStoredListedFetchedAndRemoved) {
  put("1/r/artifacts/model/MLmodel", "flavors:");
  put("1/r/artifacts/model/data/x.bin", "xyz");
  put("1/r/artifacts/a b%.txt", "odd");
  const auto root = artifacts_.list("1/r/artifacts");
  ASSERT_THAT(root, SizeIs(2));
  EXPECT_EQ(root[0].path, "a b%.txt");
  EXPECT_EQ(root[0].size_bytes, 3U);
  EXPECT_EQ(root[1].path, "model");
  EXPECT_TRUE(root[1].is_folder);
  EXPECT_EQ(content_of("1/r/artifacts/model/data/x.bin"), "xyz");
  artifacts_.remove("1/r/artifacts/model");
  EXPECT_THAT(artifacts_.list("1/r/artifacts"), SizeIs(1));
  artifacts_.remove("1/r/artifacts/model");
}

TEST_F(ArtifactsTest, AFileHasNothingBelowItAndAFolderIsNoFile) {
  put("a/b.txt", "1");
  EXPECT_THAT(artifacts_.list("a/b.txt"), IsEmpty());
  EXPECT_THAT(artifacts_.list("nothing"), IsEmpty());
  for (const auto& [path, code] :
       {std::pair{"a", ErrorCode::kInvalidArgument}, std::pair{"a/c", ErrorCode::kNotFound}}) {
    try {
      artifacts_.get(path);
      ADD_FAILURE() << path;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), code);
    }
  }
}

TEST_F(ArtifactsTest, NobodyLeavesTheRoot) {
  blobs_->put("secret.txt", "s");
  for (const char* path : {"../secret.txt", "%2e%2e/secret.txt", "a/../../secret.txt", "/secret.txt", ""}) {
    EXPECT_THROW(artifacts_.get(path), Error) << path;
    EXPECT_THROW(artifacts_.create(path), Error) << path;
    EXPECT_THROW(artifacts_.remove(path), Error) << path;
  }
  EXPECT_THROW(artifacts_.list("../"), Error);
  EXPECT_THAT(artifacts_.list(""), IsEmpty()) << "what lies beside the artifacts is not shown";
}

}  // namespace
}  // namespace slipway::tracking
