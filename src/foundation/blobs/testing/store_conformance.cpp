#include "foundation/blobs/testing/store_conformance.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "foundation/base/clock.h"
#include "foundation/base/error.h"
#include "foundation/base/hash.h"

namespace slipway::blobs {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

ErrorCode code_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.code();
  }
  ADD_FAILURE() << "nothing was thrown";
  return ErrorCode::kInternal;
}

std::string pattern(size_t size) {
  std::string out(size, '\0');
  uint32_t state = 1;
  for (char& c : out) {
    state = state * 1664525U + 1013904223U;
    c = static_cast<char>(state >> 24U);
  }
  return out;
}

std::string read_all(BlobReader& reader, size_t step) {
  std::string out;
  std::string buffer(step, '\0');
  while (const size_t got = reader.read(buffer.data(), buffer.size())) out.append(buffer, 0, got);
  return out;
}

class StoreConformance : public ::testing::Test {
 protected:
  std::vector<std::string> keys(const ListOptions& options) {
    std::vector<std::string> out;
    for (const BlobInfo& blob : store_->list(options).blobs) out.push_back(blob.key);
    return out;
  }
  // Every entry of every page, folders among them.
  std::vector<std::string> all_pages(ListOptions options) {
    std::vector<std::string> out;
    for (;;) {
      const ListPage page = store_->list(options);
      EXPECT_LE(page.blobs.size() + page.folders.size(), options.limit);
      std::vector<std::string> names = page.folders;
      for (const BlobInfo& blob : page.blobs) names.push_back(blob.key);
      std::sort(names.begin(), names.end());
      out.insert(out.end(), names.begin(), names.end());
      if (!page.next) return out;
      if (out.size() > 1000) {
        ADD_FAILURE() << "the pages do not end";
        return out;
      }
      options.after = *page.next;
    }
  }

  std::shared_ptr<BlobStore> store_ = make_store_under_test();
};

TEST_F(StoreConformance, WhatWasPutIsThere) {
  const int64_t before_ms = SystemClock().now_ms();
  store_->put("a/b/model.txt", "content");
  EXPECT_EQ(store_->get("a/b/model.txt"), "content");
  const auto info = store_->find("a/b/model.txt");
  ASSERT_TRUE(info);
  EXPECT_EQ(info->key, "a/b/model.txt");
  EXPECT_EQ(info->size_bytes, 7U);
  // Stores may know only whole seconds.
  EXPECT_GE(info->modified_ms, before_ms - 2000);
  EXPECT_LE(info->modified_ms, before_ms + 60'000);
}

TEST_F(StoreConformance, AnEmptyBlobIsABlob) {
  store_->put("empty", "");
  EXPECT_EQ(store_->get("empty"), "");
  EXPECT_EQ(store_->find("empty")->size_bytes, 0U);
  char c = 0;
  EXPECT_EQ(store_->open("empty", 5)->read(&c, 1), 0U);
}

TEST_F(StoreConformance, WhatIsNotThereIsNotFound) {
  EXPECT_EQ(code_of([&] { store_->open("nowhere"); }), ErrorCode::kNotFound);
  EXPECT_EQ(code_of([&] { store_->get("no/where"); }), ErrorCode::kNotFound);
  EXPECT_FALSE(store_->find("nowhere"));
  EXPECT_FALSE(store_->local_path("nowhere"));
  store_->remove("no/where");
  store_->put("folder/file", "x");
  EXPECT_FALSE(store_->find("folder"));
  EXPECT_FALSE(store_->find("folder/file/below"));
  store_->remove("folder");
  store_->remove("folder/file/below");
  EXPECT_EQ(store_->get("folder/file"), "x");
}

TEST_F(StoreConformance, ANewerBlobReplacesTheOlder) {
  store_->put("a", "a longer first content");
  store_->put("a", "second");
  EXPECT_EQ(store_->get("a"), "second");
}

TEST_F(StoreConformance, NothingIsSeenBeforeTheCommit) {
  {
    const auto writer = store_->create("dir/late");
    writer->write("half");
    EXPECT_FALSE(store_->find("dir/late"));
    EXPECT_THAT(keys({}), IsEmpty());
  }
  EXPECT_FALSE(store_->find("dir/late"));
  EXPECT_THAT(keys({}), IsEmpty());
}

TEST_F(StoreConformance, TheDigestIsOfWhatWasWritten) {
  const auto writer = store_->create("a");
  writer->write("con");
  writer->write("");
  writer->write("tent");
  EXPECT_EQ(writer->commit(hash_hex(HashKind::kSha256, "content")), hash_hex(HashKind::kSha256, "content"));
  EXPECT_EQ(store_->get("a"), "content");
}

TEST_F(StoreConformance, AWrongDigestKeepsNothing) {
  store_->put("a", "old");
  const auto writer = store_->create("a");
  writer->write("new");
  EXPECT_EQ(code_of([&] { writer->commit(hash_hex(HashKind::kSha256, "other")); }), ErrorCode::kDataLoss);
  EXPECT_EQ(store_->get("a"), "old");
}

TEST_F(StoreConformance, ALargeBlobComesBackWhole) {
  const std::string content = pattern(large_blob_bytes());
  const auto writer = store_->create("large/blob");
  for (size_t i = 0; i < content.size(); i += 1'000'003) writer->write(std::string_view(content).substr(i, 1'000'003));
  const std::string sha256 = hash_hex(HashKind::kSha256, content);
  EXPECT_EQ(writer->commit(sha256), sha256);
  EXPECT_EQ(store_->find("large/blob")->size_bytes, content.size());
  EXPECT_TRUE(read_all(*store_->open("large/blob"), 70'001) == content);
  const size_t middle = content.size() / 2;
  EXPECT_TRUE(read_all(*store_->open("large/blob", middle), 1 << 20) == content.substr(middle));
}

TEST_F(StoreConformance, ALargeBlobWithAWrongDigestKeepsNothing) {
  const auto writer = store_->create("large/blob");
  writer->write(pattern(large_blob_bytes()));
  EXPECT_EQ(code_of([&] { writer->commit(std::string(64, '0')); }), ErrorCode::kDataLoss);
  EXPECT_FALSE(store_->find("large/blob"));
}

TEST_F(StoreConformance, APartIsReadByOffsetAndLength) {
  store_->put("a", "0123456789");
  const auto part = [&](uint64_t offset, std::optional<uint64_t> length) {
    return read_all(*store_->open("a", offset, length), 3);
  };
  EXPECT_EQ(part(0, 4), "0123");
  EXPECT_EQ(part(4, std::nullopt), "456789");
  EXPECT_EQ(part(7, 100), "789");
  EXPECT_EQ(part(10, 5), "");
  EXPECT_EQ(part(1000, std::nullopt), "");
  EXPECT_EQ(part(3, 0), "");
}

TEST_F(StoreConformance, AReaderKeepsTheBlobItOpened) {
  store_->put("a", "first");
  const auto reader = store_->open("a");
  store_->put("a", "other");
  EXPECT_EQ(read_all(*reader, 100), "first");
}

TEST_F(StoreConformance, RemovedIsGone) {
  store_->put("a/b/c", "x");
  store_->put("a/d", "x");
  store_->remove("a/b/c");
  EXPECT_FALSE(store_->find("a/b/c"));
  EXPECT_THAT(keys({}), ElementsAre("a/d"));
  ListOptions options;
  options.prefix = "a/";
  options.by_folder = true;
  EXPECT_THAT(store_->list(options).folders, IsEmpty());
  store_->put("a/b", "may be a blob now");
}

TEST_F(StoreConformance, KeysMayHoldWhatTextMayHold) {
  const std::vector<std::string> odd = {"a b",     "a+b",       "100%",   "é/ü",   "<&>\"'",  "q?x=1#y", ".hidden",
                                        "..twice", "trailing.", "~tilde", "a=b&c", "日本/語", "a%2Fb",   "*(!)"};
  for (const std::string& key : odd) store_->put("odd/" + key, key);
  for (const std::string& key : odd) EXPECT_EQ(store_->get("odd/" + key), key);
  std::vector<std::string> expected;
  for (const std::string& key : odd) expected.push_back("odd/" + key);
  std::sort(expected.begin(), expected.end());
  EXPECT_EQ(keys({}), expected);
  for (const std::string& key : odd) store_->remove("odd/" + key);
  EXPECT_THAT(keys({}), IsEmpty());
}

TEST_F(StoreConformance, HostileKeysAreRefusedEverywhere) {
  const std::vector<std::string> hostile = {"",
                                            "/",
                                            "/etc/passwd",
                                            "a/",
                                            "a//b",
                                            "..",
                                            "../a",
                                            "a/../b",
                                            "a/..",
                                            ".",
                                            "./a",
                                            "a/./b",
                                            "a\\b",
                                            "..\\a",
                                            std::string("a\0b", 3),
                                            "a\nb",
                                            "a\x7f",
                                            "\xff",
                                            ".staging/x",
                                            std::string(1025, 'a'),
                                            "a/" + std::string(256, 'b')};
  for (const std::string& key : hostile) {
    EXPECT_EQ(code_of([&] { store_->create(key); }), ErrorCode::kInvalidArgument) << key;
    EXPECT_EQ(code_of([&] { store_->open(key); }), ErrorCode::kInvalidArgument) << key;
    EXPECT_EQ(code_of([&] { store_->find(key); }), ErrorCode::kInvalidArgument) << key;
    EXPECT_EQ(code_of([&] { store_->remove(key); }), ErrorCode::kInvalidArgument) << key;
    EXPECT_EQ(code_of([&] { store_->local_path(key); }), ErrorCode::kInvalidArgument) << key;
  }
  for (const std::string prefix : {"../", "/", "a//", "a/../b", "a\nb", ".staging/"}) {
    ListOptions options;
    options.prefix = prefix;
    EXPECT_EQ(code_of([&] { store_->list(options); }), ErrorCode::kInvalidArgument) << prefix;
  }
  ListOptions nothing;
  nothing.limit = 0;
  EXPECT_EQ(code_of([&] { store_->list(nothing); }), ErrorCode::kInvalidArgument);
}

// "a.txt" sorts before what is in the folder "a", since '.' comes before '/'.
const std::vector<std::string> kTree = {"a.txt", "a/1", "a/2", "a/b/1", "a/b/2", "a0", "b/c/d/e", "c"};

TEST_F(StoreConformance, ListsAreSortedBytewise) {
  for (auto key = kTree.rbegin(); key != kTree.rend(); ++key) store_->put(*key, *key);
  EXPECT_EQ(keys({}), kTree);
  const ListPage page = store_->list({});
  EXPECT_EQ(page.next, std::nullopt);
  EXPECT_THAT(page.folders, IsEmpty());
  for (const BlobInfo& blob : page.blobs) EXPECT_EQ(blob.size_bytes, blob.key.size());
}

TEST_F(StoreConformance, APrefixNeedNotEndAtASlash) {
  for (const std::string& key : kTree) store_->put(key, "x");
  const auto with_prefix = [&](const std::string& prefix) {
    ListOptions options;
    options.prefix = prefix;
    return keys(options);
  };
  EXPECT_THAT(with_prefix("a/"), ElementsAre("a/1", "a/2", "a/b/1", "a/b/2"));
  EXPECT_THAT(with_prefix("a/b"), ElementsAre("a/b/1", "a/b/2"));
  EXPECT_THAT(with_prefix("a"), ElementsAre("a.txt", "a/1", "a/2", "a/b/1", "a/b/2", "a0"));
  EXPECT_THAT(with_prefix("b/c/d/e"), ElementsAre("b/c/d/e"));
  EXPECT_THAT(with_prefix("b/c/d/e/"), IsEmpty());
  EXPECT_THAT(with_prefix("nowhere/x"), IsEmpty());
}

TEST_F(StoreConformance, FoldersAreFolded) {
  for (const std::string& key : kTree) store_->put(key, "x");
  ListOptions options;
  options.by_folder = true;
  EXPECT_THAT(store_->list(options).folders, ElementsAre("a/", "b/"));
  EXPECT_THAT(keys(options), ElementsAre("a.txt", "a0", "c"));
  options.prefix = "a/";
  EXPECT_THAT(store_->list(options).folders, ElementsAre("a/b/"));
  EXPECT_THAT(keys(options), ElementsAre("a/1", "a/2"));
  options.prefix = "a";
  EXPECT_THAT(store_->list(options).folders, ElementsAre("a/"));
  EXPECT_THAT(keys(options), ElementsAre("a.txt", "a0"));
}

TEST_F(StoreConformance, PagesTogetherAreTheWholeList) {
  for (const std::string& key : kTree) store_->put(key, "x");
  for (size_t limit = 1; limit <= kTree.size() + 1; ++limit) {
    ListOptions options;
    options.limit = limit;
    EXPECT_EQ(all_pages(options), kTree) << limit;
    options.by_folder = true;
    EXPECT_THAT(all_pages(options), ElementsAre("a.txt", "a/", "a0", "b/", "c")) << limit;
    options.prefix = "a/";
    EXPECT_THAT(all_pages(options), ElementsAre("a/1", "a/2", "a/b/")) << limit;
  }
}

TEST_F(StoreConformance, AListMayStartAfterAKeyThatIsNotThere) {
  for (const std::string& key : kTree) store_->put(key, "x");
  ListOptions options;
  options.after = "a/1x";
  EXPECT_THAT(keys(options), ElementsAre("a/2", "a/b/1", "a/b/2", "a0", "b/c/d/e", "c"));
  options.after = "zzz";
  EXPECT_THAT(keys(options), IsEmpty());
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

// The smallest part that S3 takes before the last one.
constexpr size_t kPartBytes = size_t{5} << 20U;

TEST_F(StoreConformance, PartsArriveInAnyOrderAndTwice) {
  const std::string whole = pattern(2 * kPartBytes + 12345);
  const PartedUpload upload{"parted/blob", store_->begin_parts("parted/blob", 3)};
  std::vector<UploadedPart> parts = {{1, ""}, {2, ""}, {3, ""}};
  const auto send = [&](int number) {
    const std::string part = whole.substr(static_cast<size_t>(number - 1) * kPartBytes, kPartBytes);
    TextReader content(part);
    parts[static_cast<size_t>(number) - 1].etag = store_->write_part(upload, number, part.size(), content);
  };
  for (const int number : {3, 2, 1, 2}) send(number);
  EXPECT_FALSE(store_->find("parted/blob"));
  EXPECT_THAT(keys({}), IsEmpty());
  store_->finish_parts(upload, parts);
  EXPECT_EQ(store_->get("parted/blob"), whole);
  TextReader late("x");
  EXPECT_EQ(code_of([&] { store_->write_part(upload, 3, 1, late); }), code_of_gone_upload());
}

TEST_F(StoreConformance, PartsThatAreAbortedLeaveNothing) {
  store_->put("kept", "as it was");
  const PartedUpload upload{"kept", store_->begin_parts("kept", 1)};
  TextReader content("new");
  const std::string etag = store_->write_part(upload, 1, 3, content);
  store_->abort_parts(upload);
  store_->abort_parts(upload);
  EXPECT_EQ(code_of([&] { store_->finish_parts(upload, {{1, etag}}); }), code_of_gone_upload());
  EXPECT_EQ(store_->get("kept"), "as it was");
}

TEST_F(StoreConformance, PartsAreRefusedWhereTheyCannotBeRight) {
  EXPECT_EQ(code_of([&] { store_->begin_parts("a", 0); }), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of([&] { store_->begin_parts("a", kMaxParts + 1); }), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of([&] { store_->begin_parts("../a", 1); }), ErrorCode::kInvalidArgument);
  const PartedUpload upload{"a", store_->begin_parts("a", 1)};
  TextReader content("abc");
  const std::string etag = store_->write_part(upload, 1, 3, content);
  EXPECT_EQ(code_of([&] {
              store_->finish_parts(upload, {{1, "\"0123456789abcdef0123456789abcdef\""}});
            }),
            ErrorCode::kInvalidArgument);
  store_->abort_parts(upload);
}

TEST_F(StoreConformance, ManyThreadsMayWriteAndRead) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      for (int k = 0; k < 8; ++k) {
        const std::string key = "shared/" + std::to_string(k % 2) + "/" + std::to_string(i);
        store_->put(key, key);
        EXPECT_EQ(store_->get(key), key);
        if (k < 6) store_->remove(key);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(keys({}).size(), 8U);
}

}  // namespace
}  // namespace slipway::blobs
