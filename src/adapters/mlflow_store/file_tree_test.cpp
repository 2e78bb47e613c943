#include "adapters/mlflow_store/file_tree.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "foundation/base/error.h"

namespace slipway::mlflow_store {

namespace {

TEST(MetricLine, TimeValueStep) {
  const auto line = parse_metric_line("1700000000000 0.25 3");
  ASSERT_TRUE(line);
  EXPECT_EQ(line->point.time_ms, 1'700'000'000'000);
  EXPECT_EQ(line->point.value.value, 0.25);
  EXPECT_EQ(line->point.step, 3);
  EXPECT_EQ(parse_metric_line("5 1e-05")->point.step, 0) << "lines of old versions have no step";
  EXPECT_EQ(parse_metric_line("5 nan -1\r\n")->point.value.is_nan, 1);
  EXPECT_EQ(parse_metric_line("5 -inf 1")->point.value.value, -std::numeric_limits<double>::max());
}

TEST(MetricLine, OfALoggedModel) {
  const auto line = parse_metric_line("1 2.0 3 run train d1");
  ASSERT_TRUE(line);
  EXPECT_EQ(line->run, "run");
  EXPECT_EQ(line->dataset_name, "train");
  EXPECT_EQ(line->dataset_digest, "d1");
}

TEST(MetricLine, WhatIsNone) {
  for (const char* line : {"", " ", "1", "x 1 2", "1 x 2", "1 2 x", "1.5 2 3", "99999999999999999999 1 1"}) {
    EXPECT_FALSE(parse_metric_line(line)) << line;
  }
}

TEST(Meta, ValuesAreTexts) {
  const Meta meta =
      Meta::parse("run_name: 1e5\nend_time: null\nstatus: 3\ntags:\n  mlflow.data.context: training\nname: '7'\n");
  EXPECT_EQ(meta.text("run_name"), "1e5") << "not a number";
  EXPECT_EQ(meta.number("status"), 3);
  EXPECT_FALSE(meta.has("end_time"));
  EXPECT_FALSE(meta.number("run_name"));
  ASSERT_EQ(meta.pairs("tags").size(), 1u);
  EXPECT_EQ(meta.pairs("tags")[0].value, "training");
  EXPECT_THROW(Meta::parse("[a, b]"), Error);
  EXPECT_THROW(Meta::parse("a: [unclosed"), Error);
}

class FileTreeTest : public ::testing::Test {
 protected:
  void write(const std::string& path, std::string_view content) { files::write_atomic(folder_.file(path), content); }
  files::TemporaryFolder folder_;
};

TEST_F(FileTreeTest, KeysLieInFolders) {
  write("params/lr", "0.1");
  write("params/model/depth", "3\n");
  const FileTree tree(folder_.path());
  const auto pairs = tree.pairs("params");
  ASSERT_EQ(pairs.size(), 2u);
  EXPECT_EQ(pairs[1].key, "model/depth");
  EXPECT_EQ(pairs[1].value, "3\n") << "values are kept to the last character";
  EXPECT_TRUE(tree.pairs("none").empty());
}

TEST_F(FileTreeTest, LinksAreNotFollowed) {
  write("outside/secret", "secret");
  write("store/0/meta.yaml", "name: a");
  std::filesystem::create_symlink(folder_.file("outside/secret"), folder_.file("store/0/link"));
  std::filesystem::create_directory_symlink(folder_.file("outside"), folder_.file("store/0/params"));
  const FileTree tree(folder_.file("store"));
  EXPECT_TRUE(tree.pairs("0/params").empty());
  EXPECT_FALSE(tree.read("0/link", 100));
  EXPECT_FALSE(tree.read("../outside/secret", 100));
  EXPECT_FALSE(tree.has_file("0/params/secret"));
}

TEST_F(FileTreeTest, LinesOfAnyLength) {
  write("m", "1 2 3\n\n" + std::string(10'000, '9') + "\n4 5 6");
  std::vector<std::string> lines;
  FileTree(folder_.path()).lines("m", [&](std::string_view line) { lines.emplace_back(line); });
  EXPECT_EQ(lines, (std::vector<std::string>{"1 2 3", "", "4 5 6"})) << "one that is far too long is passed over";
}

TEST_F(FileTreeTest, WhatIsTooLargeOrNoTextIsTold) {
  write("large", std::string(2000, 'a'));
  write("binary", "\xff\xfe");
  const FileTree tree(folder_.path());
  EXPECT_THROW(tree.read("large", 1000), Error);
  EXPECT_THROW(tree.read("binary", 1000), Error);
}

}  // namespace

}  // namespace slipway::mlflow_store
