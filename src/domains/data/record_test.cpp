// What is recorded and kept is never less than what is there.
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "domains/data/checkout.h"
#include "domains/data/garbage.h"
#include "domains/data/remote.h"
#include "domains/data/testing/tracked.h"
#include "foundation/base/error.h"
#include "foundation/base/hash.h"

namespace slipway::data {
namespace {

TEST_F(Tracked, APartIsNeverTakenForTheWholeFolder) {
  const files::TemporaryFolder storage;
  set_config("[core]\n    remote = s\n['remote \"s\"']\n    url = " + storage.path() + "\n");
  put(at("d/a"), "1");
  put(at("d/b"), "22");
  add_one("d");
  Repository repository(root());
  push(repository, {}, {});
  const std::string before = files::read(at("d.dvc"));
  std::filesystem::remove_all(at("d"));
  std::filesystem::remove_all(at(".dvc/cache"));
  put(at("d/new"), "333");
  // The list of the others comes from the remote.
  add_one("d/new");
  EXPECT_NE(files::read(at("d.dvc")).find("size: 6\n  nfiles: 3\n"), std::string::npos) << files::read(at("d.dvc"));
  put(at("d.dvc"), before);
  std::filesystem::remove_all(at(".dvc/cache"));
  std::filesystem::remove_all(storage.path() + "/files");
  EXPECT_THROW(add_one("d/new"), Error);
  EXPECT_EQ(files::read(at("d.dvc")), before);
}

TEST_F(Tracked, TwoPartsOfOneFolderAreBothRecorded) {
  put(at("d/a"), "1");
  add_one("d");
  put(at("d/b"), "2");
  put(at("d/c"), "3");
  {
    Repository repository(root());
    add(repository, {"d/b", "d/c"}, {});
  }
  EXPECT_NE(files::read(at("d.dvc")).find("nfiles: 3\n"), std::string::npos);
  EXPECT_TRUE(changes().empty());
}

TEST_F(Tracked, WhatIsGoneFromAFolderCanBeAdded) {
  put(at("d/a"), "1");
  put(at("d/b"), "2");
  add_one("d");
  ::unlink(at("d/a").c_str());
  add_one("d/a");
  EXPECT_NE(files::read(at("d.dvc")).find("nfiles: 1\n"), std::string::npos);
  EXPECT_TRUE(changes().empty());
  EXPECT_THROW(add_one("d/never"), Error);
}

TEST_F(Tracked, VersionsOnACloudRemoteAreNotLost) {
  const std::string file =
      "outs:\n- md5: c4ca4238a0b923820dcc509a6f75849b\n  size: 1\n  hash: md5\n  path: f\n  cloud:\n    s:\n"
      "      version_id: x1\n";
  const std::string folder =
      "outs:\n- hash: md5\n  path: f\n  files:\n  - relpath: a\n    md5: c4ca4238a0b923820dcc509a6f75849b\n";
  const std::string import =
      "frozen: true\ndeps:\n- etag: e1\n  version_id: x1\n  hash: md5\n  path: s3://b/f\nouts:\n- hash: md5\n"
      "  path: f\n";
  put(at("f"), "2");
  for (const std::string& content : {file, folder, import}) {
    put(at("f.dvc"), content);
    try {
      add_one("f");
      ADD_FAILURE() << content;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kUnimplemented) << error.what();
      EXPECT_NE(std::string_view(error.what()).find(at("f.dvc")), std::string_view::npos) << error.what();
    }
    EXPECT_EQ(files::read(at("f.dvc")), content);
  }
  ::unlink(at("f.dvc").c_str());
  put(at("dvc.yaml"), "stages:\n  s:\n    cmd: echo > f\n    outs:\n    - f\n");
  put(at("dvc.lock"),
      "schema: '2.0'\nstages:\n  s:\n    cmd: echo > f\n" + text::replace_all(file, "\n", "\n    ").insert(0, "    "));
  EXPECT_THROW(changes(), Error);
}

TEST_F(Tracked, ACloudVersionedRemoteIsRefused) {
  const files::TemporaryFolder storage;
  set_config("[core]\n    remote = s\n['remote \"s\"']\n    url = " + storage.path() + "\n    version_aware = true\n");
  put(at("f"), "1");
  add_one("f");
  Repository repository(root());
  EXPECT_THROW(push(repository, {}, {}), Error);
  EXPECT_TRUE(std::filesystem::is_empty(storage.path()));
}

TEST_F(Tracked, AFileThatCanBeRunStaysSoAsALink) {
  for (const char* kind : {"hardlink", "symlink"}) {
    set_config(text::concat("[cache]\n    type = ", kind, "\n"));
    const std::string name = text::concat("run-", kind);
    put(at(name), text::concat("#!/bin/", kind));
    ::chmod(at(name).c_str(), 0755);
    add_one(name);
    EXPECT_EQ(::access(at(name).c_str(), X_OK), 0) << kind;
    ::unlink(at(name).c_str());
    Repository repository(root());
    checkout(repository, {name}, {});
    EXPECT_EQ(::access(at(name).c_str(), X_OK), 0) << kind;
    // The object is one file with the link; it stays trusted.
    EXPECT_TRUE(changes().empty());
    EXPECT_EQ(::access(at(name).c_str(), X_OK), 0) << kind;
  }
}

TEST_F(Tracked, CheckoutMakesAFileRunnableAgain) {
  put(at("run"), "#!/bin/sh\n");
  ::chmod(at("run").c_str(), 0755);
  add_one("run");
  ::chmod(at("run").c_str(), 0644);
  Repository repository(root());
  EXPECT_EQ(checkout(repository, {}, {}).modified, std::vector<std::string>{"run"});
  EXPECT_EQ(::access(at("run").c_str(), X_OK), 0);
  EXPECT_TRUE(checkout(repository, {}, {}).modified.empty());
}

TEST_F(Tracked, ASharedCacheIsOpenToTheGroup) {
  set_config("[cache]\n    shared = group\n");
  const mode_t mask = ::umask(077);
  put(at("d/a"), "1");
  add_one("d");
  ::umask(mask);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(at(".dvc/cache"))) {
    struct stat info {};
    ASSERT_EQ(::stat(entry.path().c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 07777U, entry.is_directory() ? 02775U : 0444U) << entry.path();
  }
}

TEST_F(Tracked, WhatWasAddedWithoutTheCacheCanBeCommitted) {
  put(at("f"), "1");
  {
    Repository repository(root());
    AddOptions options;
    options.no_commit = true;
    add(repository, {"f"}, options);
    commit(repository, {}, {});
    EXPECT_TRUE(repository.store().contains(hash_hex(HashKind::kMd5, "1")));
  }
  EXPECT_TRUE(changes().empty());
  put(at("f"), "2");
  Repository repository(root());
  EXPECT_THROW(commit(repository, {}, {}), Error);
}

TEST_F(Tracked, GarbageCollectionNeedsTheListOfAFolder) {
  put(at("d/a"), "1");
  add_one("d");
  Repository repository(root());
  const std::string file = hash_hex(HashKind::kMd5, "1");
  const std::string hash = repository.load_index().stages()[0].outs[0].record.hash;
  ::unlink(repository.store().path_of(hash).c_str());
  EXPECT_THROW(collect_garbage(repository, {}), Error);
  EXPECT_TRUE(repository.store().contains(file));
  GarbageOptions options;
  options.force = true;
  EXPECT_EQ(collect_garbage(repository, options).current, 1U);
}

}  // namespace
}  // namespace slipway::data
