// What is the local store's own: symbolic links, leftovers, files where folders should be.
#include "foundation/blobs/local_store.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "foundation/base/error.h"
#include "foundation/base/files.h"
#include "foundation/blobs/testing/store_conformance.h"

namespace slipway::blobs {

namespace {
struct OwnedStore {
  files::TemporaryFolder folder;
  LocalStore store{folder.file("blobs")};
};
}  // namespace

std::shared_ptr<BlobStore> make_store_under_test() {
  auto owned = std::make_shared<OwnedStore>();
  return {owned, &owned->store};
}

size_t large_blob_bytes() { return size_t{40} << 20U; }
ErrorCode code_of_gone_upload() { return ErrorCode::kNotFound; }

namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

namespace fs = std::filesystem;

ErrorCode code_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.code();
  }
  ADD_FAILURE() << "nothing was thrown";
  return ErrorCode::kInternal;
}

class LocalStoreTest : public ::testing::Test {
 protected:
  std::vector<std::string> staged() const {
    std::vector<std::string> out;
    for (const auto& entry : fs::directory_iterator(root_ + "/.staging")) out.push_back(entry.path().filename());
    return out;
  }
  std::vector<std::string> keys() {
    std::vector<std::string> out;
    for (const BlobInfo& blob : store_.list({}).blobs) out.push_back(blob.key);
    return out;
  }

  files::TemporaryFolder folder_;
  const std::string root_ = folder_.file("blobs");
  LocalStore store_{root_};
};

TEST_F(LocalStoreTest, ABlobIsAnOrdinaryFile) {
  store_.put("a/b", "content");
  EXPECT_EQ(store_.local_path("a/b"), root_ + "/a/b");
  EXPECT_EQ(files::read(root_ + "/a/b"), "content");
}

TEST_F(LocalStoreTest, SymbolicLinksAreNeitherFollowedNorListed) {
  files::write_atomic(folder_.file("outside/secret"), "secret");
  store_.put("real/blob", "x");
  fs::create_directory_symlink(folder_.file("outside"), root_ + "/door");
  fs::create_symlink(folder_.file("outside/secret"), root_ + "/window");
  fs::create_directory_symlink("real", root_ + "/inside");
  for (const char* key : {"door/secret", "window", "inside/blob"}) {
    EXPECT_EQ(code_of([&] { store_.get(key); }), ErrorCode::kNotFound) << key;
    EXPECT_FALSE(store_.find(key)) << key;
    EXPECT_FALSE(store_.local_path(key)) << key;
  }
  EXPECT_EQ(code_of([&] { store_.put("door/new", "x"); }), ErrorCode::kPermissionDenied);
  EXPECT_EQ(code_of([&] { store_.put("door/deep/new", "x"); }), ErrorCode::kPermissionDenied);
  store_.remove("door/secret");
  EXPECT_THAT(keys(), ElementsAre("real/blob"));
  EXPECT_EQ(files::read(folder_.file("outside/secret")), "secret");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_.file("outside")), {}), 1);
  // The link itself may be replaced by a blob.
  store_.put("window", "blob");
  EXPECT_EQ(store_.get("window"), "blob");
  EXPECT_EQ(files::read(folder_.file("outside/secret")), "secret");
}

TEST_F(LocalStoreTest, AKeyIsNotTheFolderOfAnother) {
  store_.put("a/b", "x");
  EXPECT_EQ(code_of([&] { store_.put("a", "x"); }), ErrorCode::kFailedPrecondition);
  EXPECT_EQ(code_of([&] { store_.put("a/b/c", "x"); }), ErrorCode::kFailedPrecondition);
  EXPECT_THAT(keys(), ElementsAre("a/b"));
  EXPECT_THAT(staged(), IsEmpty());
}

TEST_F(LocalStoreTest, LeftoversOfAProgramThatIsGoneAreRemovedAtOpen) {
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    LocalStore store(root_);
    const auto writer = store.create("never");
    writer->write("half");
    ::kill(::getpid(), SIGKILL);
  }
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  EXPECT_EQ(staged().size(), 1U);
  EXPECT_THAT(keys(), IsEmpty());
  const LocalStore again(root_);
  EXPECT_THAT(staged(), IsEmpty());
}

TEST_F(LocalStoreTest, UploadsUnderWaySurviveAnotherOpen) {
  const auto writer = store_.create("a");
  writer->write("con");
  const LocalStore other(root_);
  writer->write("tent");
  writer->commit();
  EXPECT_EQ(store_.get("a"), "content");
  EXPECT_THAT(staged(), IsEmpty());
}

TEST_F(LocalStoreTest, FilesUnderNamesThatAreNoKeysAreInvisible) {
  files::write_atomic(root_ + "/back\\slash", "x");
  files::write_atomic(root_ + "/new\nline", "x");
  ASSERT_EQ(::mkfifo((root_ + "/pipe").c_str(), 0666), 0);
  fs::create_directories(root_ + "/empty/folders");
  store_.put("blob", "x");
  EXPECT_THAT(keys(), ElementsAre("blob"));
  EXPECT_FALSE(store_.find("pipe"));
  ListOptions options;
  options.by_folder = true;
  EXPECT_THAT(store_.list(options).folders, IsEmpty());
}

TEST_F(LocalStoreTest, EmptyFoldersGoWithTheirLastBlob) {
  store_.put("a/b/c/d", "x");
  store_.remove("a/b/c/d");
  EXPECT_FALSE(files::exists(root_ + "/a"));
}

TEST_F(LocalStoreTest, UrlsNameFoldersOrNothingKnown) {
  open_blob_store("file://" + folder_.file("one"))->put("a", "x");
  EXPECT_EQ(files::read(folder_.file("one/a")), "x");
  open_blob_store(folder_.file("two"))->put("a", "x");
  EXPECT_EQ(files::read(folder_.file("two/a")), "x");
  for (const char* bad : {"", "ftp://host/x", "file://relative"}) {
    EXPECT_EQ(code_of([&] { open_blob_store(bad); }), ErrorCode::kInvalidArgument) << bad;
  }
}

class TextReader final : public BlobReader {
 public:
  explicit TextReader(std::string_view text) : left_(text) {}
  size_t read(char* buffer, size_t capacity) override {
    const size_t size = left_.copy(buffer, capacity);
    left_.remove_prefix(size);
    return size;
  }

 private:
  std::string_view left_;
};

TEST(LocalUploads, AllPartsButTheLastAreOfOneSizeAndWhole) {
  const files::TemporaryFolder folder;
  LocalStore store(folder.path());
  const PartedUpload upload{"a", store.begin_parts("a", 3)};
  const auto code_of = [&](int number, uint64_t size, std::string_view text) {
    TextReader content(text);
    try {
      store.write_part(upload, number, size, content);
    } catch (const Error& error) {
      return std::string(name_of(error.code()));
    }
    return std::string("ok");
  };
  EXPECT_EQ(code_of(1, 4, "abcd"), "ok");
  EXPECT_EQ(code_of(2, 3, "abc"), "invalid_argument");
  EXPECT_EQ(code_of(2, 4, "abc"), "invalid_argument") << "shorter than announced";
  EXPECT_EQ(code_of(2, 4, "abcde"), "invalid_argument") << "longer than announced";
  EXPECT_EQ(code_of(4, 4, "abcd"), "invalid_argument");
  EXPECT_EQ(code_of(0, 4, "abcd"), "invalid_argument");
  EXPECT_EQ(code_of(3, 0, ""), "ok") << "the last may be empty";
  EXPECT_THROW(store.finish_parts(upload, {{1, "x"}, {2, "y"}, {3, "z"}}), Error) << "part 2 is missing";
  EXPECT_EQ(code_of(2, 4, "efgh"), "ok");
  EXPECT_THROW(store.finish_parts(upload, {{1, "x"}, {2, "y"}, {3, "z"}}), Error) << "other etags";
  EXPECT_THROW(store.finish_parts({"b", upload.id}, {}), Error) << "another key";
  EXPECT_FALSE(store.find("a"));
}

TEST(LocalUploads, WhatIsNotFinishedIsGoneWithTheStore) {
  const files::TemporaryFolder folder;
  {
    LocalStore store(folder.path());
    const PartedUpload upload{"a", store.begin_parts("a", 1)};
    TextReader content("abc");
    store.write_part(upload, 1, 3, content);
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.file(kReservedFolder)));
}

}  // namespace
}  // namespace slipway::blobs
