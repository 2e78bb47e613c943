#include "domains/data/ignore.h"

#include <gtest/gtest.h>

#include "foundation/base/files.h"

namespace slipway::data {
namespace {

bool match(std::string_view line, std::string_view path, bool folder = false) {
  return IgnorePattern::parse(line)->matches(path, folder);
}

TEST(IgnorePattern, FollowsTheRulesOfGit) {
  EXPECT_TRUE(match("*.txt", "a/b.txt"));
  EXPECT_FALSE(match("/*.txt", "a/b.txt"));
  EXPECT_TRUE(match("/a", "a"));
  EXPECT_FALSE(match("/a", "b/a"));
  EXPECT_TRUE(match("a/b", "a/b"));
  EXPECT_FALSE(match("a/b", "x/a/b"));
  EXPECT_TRUE(match("**/b", "x/a/b"));
  EXPECT_TRUE(match("**/b", "b"));
  EXPECT_TRUE(match("a/**", "a/b/c"));
  EXPECT_FALSE(match("a/**", "a"));
  EXPECT_TRUE(match("a/**/c", "a/c"));
  EXPECT_TRUE(match("a/**/c", "a/x/y/c"));
  EXPECT_FALSE(match("build/", "build"));
  EXPECT_TRUE(match("build/", "build", true));
  EXPECT_TRUE(match("[a-c]?", "bx"));
  EXPECT_FALSE(match("[!a-c]?", "bx"));
  EXPECT_TRUE(match("\\#x", "#x"));
  EXPECT_TRUE(match("\\!x", "!x"));
  EXPECT_FALSE(match("a*c", "a/c"));
  EXPECT_FALSE(IgnorePattern::parse("# comment").has_value());
}

TEST(IgnorePattern, StarsDoNotMakeItSlow) {
  std::string glob;
  for (int i = 0; i < 60; ++i) glob += "*a";
  EXPECT_FALSE(match(glob + "b", std::string(4000, 'a')));
}

TEST(IgnorePattern, AnEscapedNameMatchesOnlyItself) {
  for (const std::string name : {"a[b]", "!x", "#h", "q?", "st*r", "back\\slash", "plain"}) {
    EXPECT_TRUE(match(escape_pattern("/" + name), name)) << name;
    EXPECT_FALSE(match(escape_pattern("/" + name), name + "z")) << name;
  }
}

TEST(IgnoreTree, InnerFilesAndLaterLinesWin) {
  const files::TemporaryFolder folder;
  files::write_atomic(folder.file(".dvcignore"), "*.log\n!keep.log\ncache/\n");
  files::write_atomic(folder.file("sub/.dvcignore"), "!here.log\n");
  IgnoreTree tree(folder.path(), ".dvcignore", IgnoreRules::kDvc, {".git/"});
  EXPECT_TRUE(tree.ignored("a.log", false));
  EXPECT_FALSE(tree.ignored("keep.log", false));
  EXPECT_FALSE(tree.ignored("sub/here.log", false));
  EXPECT_TRUE(tree.ignored("sub/a.log", false));
  EXPECT_TRUE(tree.ignored("x/cache/file", false));
  EXPECT_TRUE(tree.ignored("cache/keep.log", false));
  EXPECT_TRUE(tree.ignored(".git", true));
}

bool ignored(IgnoreRules rules, std::string_view lines, std::string_view path, bool folder = false) {
  const files::TemporaryFolder root;
  files::write_atomic(root.file(".ignore"), lines);
  return IgnoreTree(root.path(), ".ignore", rules).ignored(path, folder);
}

TEST(IgnoreTree, DvcTakesBackWithAFolderAllThatIsInIt) {
  EXPECT_TRUE(ignored(IgnoreRules::kGit, "*.log\n!keep\n", "keep/a.log"));
  EXPECT_FALSE(ignored(IgnoreRules::kDvc, "*.log\n!keep\n", "keep/a.log"));
  // Of folders only: the files in it are none.
  EXPECT_TRUE(ignored(IgnoreRules::kDvc, "*.log\n!keep/\n", "keep/a.log"));
  EXPECT_FALSE(ignored(IgnoreRules::kDvc, "*.log\n!keep/\n", "keep/sub.log", true));
  EXPECT_FALSE(ignored(IgnoreRules::kGit, "d/**\n!d/keep\n", "d/keep"));
  EXPECT_TRUE(ignored(IgnoreRules::kDvc, "d/**\n!d/keep\n", "d/keep"));
  EXPECT_FALSE(ignored(IgnoreRules::kDvc, "d/**\n", "d"));
  EXPECT_FALSE(ignored(IgnoreRules::kDvc, "*/\n", "d", true));
  EXPECT_TRUE(ignored(IgnoreRules::kDvc, "  *.log\n", "a.log"));
}

}  // namespace
}  // namespace slipway::data
