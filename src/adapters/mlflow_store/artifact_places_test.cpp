#include "adapters/mlflow_store/artifact_places.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>

#include "foundation/base/error.h"

namespace slipway::mlflow_store {

namespace {

TEST(LocalPath, OfLocations) {
  EXPECT_EQ(local_path_of("/a/b/../c/", "/base"), "/a/c");
  EXPECT_EQ(local_path_of("./mlruns/0", "/base"), "/base/mlruns/0");
  EXPECT_EQ(local_path_of("file:///a/with%20blank", ""), "/a/with blank");
  EXPECT_EQ(local_path_of("file://host/a", ""), "/a");
  EXPECT_FALSE(local_path_of("s3://bucket/a", "/base"));
  EXPECT_FALSE(local_path_of("models:/m-1", "/base"));
  EXPECT_FALSE(local_path_of("", "/base"));
}

class PlacesTest : public ::testing::Test {
 protected:
  PlacesTest() {
    write("store/mlruns/1/run/artifacts/a/b.txt", "b");
    write("elsewhere/secret.txt", "secret");
    const tracking::Experiment one{tracking::ExperimentId("1"), "iris", folder_.file("store/mlruns/1"), {}, 0, 0, {}};
    places_ =
        std::make_unique<ArtifactPlaces>(folder_.file("store"), folder_.file("store"), std::vector<std::string>());
    places_->learn({one});
  }
  void write(const std::string& path, std::string_view content) { files::write_atomic(folder_.file(path), content); }
  std::vector<std::string> files_of(const std::string& location, const std::string& usual = "") {
    std::vector<std::string> out;
    places_->files({location, usual}, [&](const ArtifactFile& file) { out.push_back(file.path); });
    return out;
  }

  files::TemporaryFolder folder_;
  std::unique_ptr<ArtifactPlaces> places_;
};

TEST_F(PlacesTest, PathsBelowAnExperimentBeginWithItsNumber) {
  EXPECT_EQ(places_->portable(folder_.file("store/mlruns/1/run/artifacts")), "1/run/artifacts");
  EXPECT_EQ(places_->portable("mlruns/1/run/artifacts"), "1/run/artifacts");
  EXPECT_EQ(places_->portable("mlflow-artifacts:/1/run/artifacts"), "1/run/artifacts");
  EXPECT_EQ(places_->portable("/gone/long/ago"), "") << "the usual path then";
  EXPECT_EQ(places_->portable("s3://bucket/1"), std::nullopt);
  EXPECT_EQ(places_->portable("dummy-source"), std::nullopt);
  EXPECT_EQ(places_->portable("mlflow-artifacts:/../../etc"), std::nullopt);
  EXPECT_EQ(places_->portable(folder_.file("elsewhere")), std::nullopt) << "there, but not of this store";
}

TEST_F(PlacesTest, FilesOfAFolder) {
  EXPECT_EQ(files_of(folder_.file("store/mlruns/1/run/artifacts")), std::vector<std::string>{"a/b.txt"});
  EXPECT_EQ(files_of("/old/place/1/run/artifacts", "1/run/artifacts"), std::vector<std::string>{"a/b.txt"})
      << "a store that was moved";
  EXPECT_TRUE(files_of("/old/place/1/none/artifacts", "1/none/artifacts").empty());
  EXPECT_THROW(files_of(folder_.file("elsewhere")), Error);
}

TEST_F(PlacesTest, LinksLeadNowhere) {
  std::filesystem::create_directory_symlink(folder_.file("elsewhere"),
                                            folder_.file("store/mlruns/1/run/artifacts/link"));
  std::filesystem::create_symlink(folder_.file("elsewhere/secret.txt"),
                                  folder_.file("store/mlruns/1/run/artifacts/file"));
  EXPECT_EQ(files_of(folder_.file("store/mlruns/1/run/artifacts")), std::vector<std::string>{"a/b.txt"});
  std::filesystem::create_directory_symlink(folder_.file("elsewhere"), folder_.file("store/mlruns/1/other"));
  EXPECT_THROW(files_of(folder_.file("store/mlruns/1/other")), Error);
}

}  // namespace

}  // namespace slipway::mlflow_store
