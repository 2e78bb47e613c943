#include "domains/data/repository.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "domains/data/checkout.h"
#include "domains/data/remote.h"
#include "domains/data/testing/tracked.h"
#include "foundation/base/error.h"
#include "foundation/base/files.h"
#include "foundation/base/hash.h"

namespace slipway::data {
namespace {

TEST_F(Tracked, AFileBecomesADvcFileAndAReadOnlyObject) {
  put(at("f.txt"), "hello\n");
  add_one("f.txt");
  EXPECT_EQ(files::read(at("f.txt.dvc")),
            "outs:\n- md5: b1946ac92492d2347c6235b4d2611184\n  size: 6\n  hash: md5\n  path: f.txt\n");
  struct stat info {};
  ASSERT_EQ(::stat(at(".dvc/cache/files/md5/b1/946ac92492d2347c6235b4d2611184").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777U, 0444U);
  EXPECT_TRUE(changes().empty());
}

TEST_F(Tracked, AFolderIsHashedAsOneListSortedByWholePath) {
  put(at("d/a/x"), "1");
  put(at("d/a.b"), "2");
  put(at("d/ü"), "");
  add_one("d");
  // '.' sorts before '/'.
  const std::string list =
      "[{\"md5\": \"c81e728d9d4c2f636f067f89cc14862c\", \"relpath\": \"a.b\"}, "
      "{\"md5\": \"c4ca4238a0b923820dcc509a6f75849b\", \"relpath\": \"a/x\"}, "
      "{\"md5\": \"d41d8cd98f00b204e9800998ecf8427e\", \"relpath\": \"\\u00fc\"}]";
  const std::string hash = hash_hex(HashKind::kMd5, list) + ".dir";
  EXPECT_EQ(files::read(at("d.dvc")), "outs:\n- md5: " + hash + "\n  size: 2\n  nfiles: 3\n  hash: md5\n  path: d\n");
  EXPECT_EQ(files::read(Repository(root()).store().path_of(hash)), list);
}

TEST_F(Tracked, AnEmptyFolderHasTheHashOfAnEmptyList) {
  std::filesystem::create_directory(at("empty"));
  add_one("empty");
  EXPECT_NE(files::read(at("empty.dvc")).find("d751713988987e9331980363e24189ce.dir"), std::string::npos);
}

TEST_F(Tracked, StatusTellsWhatHappened) {
  put(at("f"), "1");
  add_one("f");
  put(at("f"), "22");
  EXPECT_EQ(python_json(changes()), R"({"f.dvc": [{"changed outs": {"f": "modified"}}]})");
  ::unlink(at("f").c_str());
  EXPECT_EQ(python_json(changes()), R"({"f.dvc": [{"changed outs": {"f": "deleted"}}]})");
  std::filesystem::remove_all(at(".dvc/cache"));
  EXPECT_EQ(python_json(changes()), R"({"f.dvc": [{"changed outs": {"f": "not in cache"}}]})");
}

TEST_F(Tracked, CheckoutRestoresButNeverLosesUnsavedWork) {
  put(at("d/a"), "1");
  put(at("d/b"), "2");
  add_one("d");
  ::unlink(at("d/a").c_str());
  put(at("d/new"), "unsaved");
  Repository repository(root());
  EXPECT_THROW(checkout(repository, {}, {}), Error);
  EXPECT_EQ(files::read(at("d/new")), "unsaved");
  EXPECT_FALSE(files::exists(at("d/a")));
  CheckoutOptions force;
  force.force = true;
  const CheckoutResult result = checkout(repository, {}, force);
  EXPECT_EQ(result.modified, std::vector<std::string>{"d/"});
  EXPECT_EQ(files::read(at("d/a")), "1");
  EXPECT_FALSE(files::exists(at("d/new")));
}

TEST_F(Tracked, CheckoutLeavesTheWorkspaceAloneWhenTheCacheLacksSomething) {
  put(at("d/a"), "1");
  put(at("d/b"), "2");
  add_one("d");
  ::unlink(at("d/a").c_str());
  Repository repository(root());
  ::unlink(repository.store().path_of(hash_hex(HashKind::kMd5, "1")).c_str());
  EXPECT_EQ(checkout(repository, {}, {}).failed, std::vector<std::string>{"d"});
  EXPECT_EQ(files::read(at("d/b")), "2");
}

TEST_F(Tracked, CommentsInADvcFileSurviveANewVersion) {
  put(at("f"), "1");
  add_one("f");
  const std::string before = files::read(at("f.dvc"));
  put(at("f.dvc"),
      "# where it comes from\n" + text::replace_all(before, "size: 1\n", "size: 1  # bytes\n") + "desc: raw\n");
  put(at("f"), "22");
  add_one("f");
  EXPECT_EQ(files::read(at("f.dvc")),
            "# where it comes from\nouts:\n- md5: b6d767d2f8ed5d21a44b0e5886680cb9\n  size: 2  # bytes\n"
            "  hash: md5\n  path: f\ndesc: raw\n");
}

TEST_F(Tracked, ChangedContentOfTheSameSizeIsSeen) {
  put(at("f"), "1");
  add_one("f");
  put(at("f"), "2");
  EXPECT_FALSE(changes().empty());
}

TEST_F(Tracked, HardlinksShareTheObjectExceptEmptyFiles) {
  set_config("[cache]\n    type = hardlink\n");
  put(at("d/a"), "one");
  put(at("d/b"), "one");
  put(at("d/empty"), "");
  add_one("d");
  struct stat info {};
  ASSERT_EQ(::stat(at("d/a").c_str(), &info), 0);
  EXPECT_EQ(info.st_nlink, 3U);
  EXPECT_EQ(info.st_mode & 07777U, 0444U);
  ASSERT_EQ(::stat(at("d/empty").c_str(), &info), 0);
  EXPECT_EQ(info.st_nlink, 1U);
  EXPECT_TRUE(changes().empty());
}

TEST_F(Tracked, SymlinksPointIntoTheCache) {
  set_config("[cache]\n    type = symlink\n");
  put(at("f"), "one");
  add_one("f");
  EXPECT_TRUE(std::filesystem::is_symlink(at("f")));
  EXPECT_EQ(files::read(at("f")), "one");
  EXPECT_TRUE(changes().empty());
}

TEST_F(Tracked, PushSendsTheFolderLastAndPullVerifies) {
  const files::TemporaryFolder storage;
  set_config("[core]\n    remote = s\n['remote \"s\"']\n    url = " + storage.path() + "\n");
  put(at("d/a"), "1");
  put(at("d/b"), "2");
  add_one("d");
  Repository repository(root());
  EXPECT_EQ(push(repository, {}, {}).transferred, 3U);
  EXPECT_EQ(push(repository, {}, {}).transferred, 0U);
  std::filesystem::remove_all(at(".dvc/cache"));
  const std::string damaged = storage.path() + "/files/md5/c4/ca4238a0b923820dcc509a6f75849b";
  std::filesystem::permissions(damaged, std::filesystem::perms::owner_all);
  put(damaged, "evil");
  const TransferResult partial = fetch(repository, {}, {});
  EXPECT_EQ(partial.transferred, 2U);
  EXPECT_TRUE(partial.missing.empty());
  ASSERT_EQ(partial.damaged.size(), 1U);
  EXPECT_TRUE(partial.damaged[0].starts_with("d/a: ")) << partial.damaged[0];
  EXPECT_FALSE(repository.store().contains(hash_hex(HashKind::kMd5, "1")));
  put(damaged, "1");
  EXPECT_EQ(fetch(repository, {}, {}).transferred, 1U);
  std::filesystem::remove_all(at("d"));
  checkout(repository, {}, {});
  EXPECT_EQ(files::read(at("d/b")), "2");
}

TEST_F(Tracked, AFolderWithAMissingFileIsNotPushedAsComplete) {
  const files::TemporaryFolder storage;
  set_config("[core]\n    remote = s\n['remote \"s\"']\n    url = " + storage.path() + "\n");
  put(at("d/a"), "1");
  put(at("d/b"), "2");
  add_one("d");
  Repository repository(root());
  ::unlink(repository.store().path_of(hash_hex(HashKind::kMd5, "1")).c_str());
  const TransferResult result = push(repository, {}, {});
  EXPECT_EQ(result.missing, std::vector<std::string>{"d/a"});
  EXPECT_EQ(result.transferred, 1U);
  std::filesystem::path remote(storage.path());
  for (const auto& entry : std::filesystem::recursive_directory_iterator(remote)) {
    EXPECT_FALSE(entry.path().string().ends_with(".dir"));
  }
}

TEST_F(Tracked, TheDataCommitFollowsTheDataAndMaterializeBringsItBack) {
  put(at("d/a"), "1");
  add_one("d");
  Repository repository(root());
  const std::string first = repository.data_commit();
  const auto snapshot = repository.snapshot();
  put(at("d/a"), "changed");
  EXPECT_EQ(repository.data_commit(), first);
  add_one("d");
  EXPECT_NE(repository.data_commit(), first);
  const files::TemporaryFolder other;
  repository.materialize(snapshot, other.path());
  EXPECT_EQ(files::read(other.path() + "/d/a"), "1");
  EXPECT_THROW(repository.materialize({{"x.dvc", "outs:\n- md5: c4ca4238a0b923820dcc509a6f75849b\n  path: ../x\n"}},
                                      other.path()),
               Error);
}

TEST_F(Tracked, PartOfATrackedFolderCanBeAdded) {
  put(at("d/a"), "1");
  put(at("d/b"), "2");
  add_one("d");
  put(at("d/a"), "changed");
  put(at("d/b"), "also changed");
  add_one("d/a");
  Repository repository(root());
  const StageIndex index = repository.load_index();
  const Tree tree = repository.store().read_tree(index.stages()[0].outs[0].record.hash);
  EXPECT_EQ(tree.find("a")->md5, hash_hex(HashKind::kMd5, "changed"));
  EXPECT_EQ(tree.find("b")->md5, hash_hex(HashKind::kMd5, "2"));
}

TEST_F(Tracked, WhatCannotBeTrackedIsRefusedWithAReason) {
  put(at("d/.dvcignore"), "x\n");
  put(at("e/x\xff"), "1");
  put(at("plain"), "1");
  std::filesystem::create_directory_symlink(at("d"), at("link"));
  for (const char* name : {"nope", "../outside", ".", ".dvc/config", "d", "e", "link/x", "plain.dvc"}) {
    EXPECT_THROW(add_one(name), Error) << name;
  }
}

TEST_F(Tracked, ADamagedObjectIsNotTrusted) {
  put(at("f"), "1");
  add_one("f");
  Repository repository(root());
  const std::string path = repository.store().path_of(hash_hex(HashKind::kMd5, "1"));
  ::chmod(path.c_str(), 0644);
  put(path, "evil");
  EXPECT_FALSE(repository.store().contains(hash_hex(HashKind::kMd5, "1")));
  EXPECT_FALSE(files::exists(path));
}

TEST_F(Tracked, ASecondProcessWaitsAndThenGivesUp) {
  const Repository repository(root());
  const RepositoryLock held = repository.lock();
  EXPECT_THROW(RepositoryLock again = repository.lock(), Error);
  EXPECT_EQ(files::read(at(".dvc/tmp/lock")), " " + std::to_string(::getpid()) + "\n");
}

}  // namespace
}  // namespace slipway::data
