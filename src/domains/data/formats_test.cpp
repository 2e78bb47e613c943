#include <gtest/gtest.h>

#include "domains/data/config.h"
#include "domains/data/dvcfile.h"
#include "domains/data/git.h"
#include "domains/data/paths.h"
#include "domains/data/state.h"
#include "domains/data/tree.h"
#include "foundation/base/error.h"
#include "foundation/base/files.h"

namespace slipway::data {
namespace {

TEST(ConfigFile, IsWrittenAsDvcWritesIt) {
  ConfigFile file;
  file.set("core", "remote", "r1");
  file.set(remote_section("r1"), "url", "../../r1");
  file.set("cache", "type", "hardlink,symlink");
  file.set(remote_section("r1"), "jobs", "4");
  EXPECT_EQ(file.write(),
            "[core]\n    remote = r1\n[cache]\n    type = \"hardlink,symlink\"\n['remote \"r1\"']\n"
            "    url = ../../r1\n    jobs = 4\n");
  const ConfigFile again = ConfigFile::parse(file.write(), "config");
  EXPECT_EQ(again.get("cache", "type"), "hardlink,symlink");
  EXPECT_EQ(again.get(remote_section("r1"), "url"), "../../r1");
}

TEST(ConfigFile, KeepsCommentsAndDropsEmptySections) {
  ConfigFile file = ConfigFile::parse("# mine\n[core]\n    remote = a  # why\n    autostage = true\n", "config");
  file.set("core", "remote", "b");
  EXPECT_EQ(file.write(), "# mine\n[core]\n    remote = b\n    autostage = true\n");
  EXPECT_TRUE(file.unset("core", "remote"));
  EXPECT_TRUE(file.unset("core", "autostage"));
  EXPECT_EQ(file.write(), "# mine\n");
  EXPECT_THROW(ConfigFile::parse("[core\n", "config"), Error);
  EXPECT_THROW(ConfigFile::parse("word\n", "config"), Error);
}

TEST(Tree, PathsThatLeaveTheFolderAreRefused) {
  const std::string md5(32, 'a');
  for (const char* path : {"../x", "/x", "a//b", "a/../b", "", ".", "a/."}) {
    EXPECT_THROW(parse_tree("[{\"md5\": \"" + md5 + "\", \"relpath\": \"" + path + "\"}]"), Error) << path;
  }
  EXPECT_THROW(parse_tree("[{\"md5\": \"x\", \"relpath\": \"a\"}]"), Error);
  EXPECT_THROW(parse_tree("{}"), Error);
}

TEST(Tree, WritesWhatItReads) {
  Tree tree;
  for (int i = 0; i < 300; ++i) {
    tree.entries.push_back(
        {"dir" + std::to_string(i * 7919 % 100) + (i % 3 == 0 ? "/" : ".") + std::to_string(i) + "é\"\\",
         std::string(32, static_cast<char>('a' + i % 6))});
  }
  tree.sort();
  EXPECT_EQ(parse_tree(tree.write()).write(), tree.write());
}

TEST(Paths, AreCleanedAndMadeRelative) {
  EXPECT_EQ(paths::join("/a/b", "../c/./d"), "/a/c/d");
  EXPECT_EQ(paths::join("/a", "/b"), "/b");
  EXPECT_EQ(paths::join("/", "../.."), "/");
  EXPECT_EQ(paths::relative("/a/b/c", "/a/d"), "../b/c");
  EXPECT_EQ(paths::relative("/a", "/a"), ".");
  EXPECT_TRUE(paths::inside("/a/b", "/a"));
  EXPECT_FALSE(paths::inside("/ab", "/a"));
}

TEST(HashState, ForgetsWhenAnythingDiffersAndSurvivesDamage) {
  const files::TemporaryFolder folder;
  const std::string path = folder.file("state");
  const FileStamp stamp{1'000'000'000, 5, 77};
  const std::string md5(32, 'b');
  HashState state(path);
  state.remember("a b/c", stamp, md5);
  state.links().insert("out dir");
  state.save();
  HashState again(path);
  EXPECT_EQ(again.find("a b/c", stamp), md5);
  EXPECT_TRUE(again.links().contains("out dir"));
  EXPECT_FALSE(again.find("a b/c", {1'000'000'001, 5, 77}));
  EXPECT_FALSE(again.find("a b/c", {1'000'000'000, 6, 77}));
  const std::string text = files::read(path);
  files::write_atomic(path, text.substr(0, text.size() - 3));
  EXPECT_FALSE(HashState(path).find("a b/c", stamp));
}

TEST(GitIndex, DamagedBytesAreRefused) {
  EXPECT_THROW(parse_git_index(""), Error);
  EXPECT_THROW(parse_git_index("DIRC"), Error);
  EXPECT_THROW(parse_git_index(std::string("DIRC\0\0\0\2\0\0\0\1", 12)), Error);
  EXPECT_TRUE(parse_git_index(std::string("DIRC\0\0\0\2\0\0\0\0", 12)).empty());
}

TEST(DvcFile, ReadsOldFilesAndRefusesStrangeOnes) {
  const Stage old = parse_dvc_file("outs:\n- md5: " + std::string(32, '1') + "\n  path: x\n", "/r/x.dvc");
  EXPECT_TRUE(old.outs[0].record.legacy);
  EXPECT_EQ(old.outs[0].record.hash, std::string(32, '1'));
  for (const char* text : {"outs: 1\n", "outs:\n- md5: zz\n  path: x\n", "other: 1\n", "- a\n", "outs:\n- size: 1\n"}) {
    EXPECT_THROW(parse_dvc_file(text, "/r/x.dvc"), Error) << text;
  }
}

TEST(DvcFile, KeepsKeysItDoesNotKnowTheUseOf) {
  const std::string text = "meta:\n  by: me\nouts:\n- path: x\n  hash: md5\n  md5: " + std::string(32, 'a') +
                           "\n  size: 3\n  desc: text\n  labels:\n  - l\n";
  Stage stage = parse_dvc_file(text, "/r/x.dvc");
  EXPECT_EQ(dvc_file_text(stage), text);
  stage.outs[0].record.size = 4;
  EXPECT_EQ(dvc_file_text(stage), text::replace_all(text, "size: 3", "size: 4"));
}

}  // namespace
}  // namespace slipway::data
