#include "foundation/remotes/testing/remote_conformance.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "foundation/base/error.h"

namespace slipway::remotes {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string RemoteConformance::read(const std::string& path) {
  const auto reader = remote_->open(path);
  std::string out;
  std::string buffer(70'000, '\0');
  while (const size_t got = reader->read(buffer.data(), buffer.size())) out.append(buffer, 0, got);
  return out;
}

std::vector<std::string> RemoteConformance::listed(const std::string& folder) {
  std::vector<std::string> out;
  remote_->list(folder, [&](const FileInfo& file) {
    out.push_back(file.path);
    return true;
  });
  std::sort(out.begin(), out.end());
  return out;
}

namespace {

std::string pattern(size_t size) {
  std::string out(size, '\0');
  for (size_t i = 0; i < size; ++i) out[i] = static_cast<char>((i * 2654435761U) >> 13U);
  return out;
}

TEST_P(RemoteConformance, WhatIsWrittenIsRead) {
  for (const size_t size : {size_t{0}, size_t{1}, size_t{100'000}}) {
    const std::string path = "files/md5/ab/" + std::to_string(size);
    const std::string content = pattern(size);
    remote_->write(path, content);
    EXPECT_TRUE(read(path) == content) << size;
    const auto info = remote_->find(path);
    ASSERT_TRUE(info) << size;
    EXPECT_EQ(info->path, path);
    if (info->size) {
      EXPECT_EQ(*info->size, size);
    }
  }
}

TEST_P(RemoteConformance, ALargeFileArrivesWholeAndTellsHowFarItIs) {
  const std::string content = pattern(GetParam().large_bytes);
  MemoryContent source(content);
  std::atomic<uint64_t> sent = 0;
  WriteOptions options;
  options.read_only = true;
  options.on_sent = [&](uint64_t bytes) { sent += bytes; };
  remote_->write("large", source, options);
  EXPECT_EQ(sent, content.size());
  EXPECT_TRUE(read("large") == content);
}

TEST_P(RemoteConformance, WhatIsNotThereIsNotFound) {
  EXPECT_FALSE(remote_->find("nothing"));
  EXPECT_FALSE(remote_->find("no/folder/either"));
  try {
    read("nothing");
    ADD_FAILURE() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kNotFound) << error.what();
    EXPECT_THAT(error.what(), HasSubstr("nothing"));
  }
  remote_->remove("nothing");
}

TEST_P(RemoteConformance, AFolderIsNoFile) {
  remote_->write("folder/file", "x");
  // A web server cannot tell; the others must.
  if (can_list()) {
    EXPECT_FALSE(remote_->find("folder"));
  }
}

TEST_P(RemoteConformance, AFileIsReplacedAndRemoved) {
  remote_->write("a/b", "first");
  remote_->write("a/b", "second, longer");
  EXPECT_EQ(read("a/b"), "second, longer");
  remote_->write("a/b", "3");
  EXPECT_EQ(read("a/b"), "3");
  remote_->remove("a/b");
  EXPECT_FALSE(remote_->find("a/b"));
}

TEST_P(RemoteConformance, NamesMayBeAnything) {
  for (const char* name : {"with blank", "100% sure", "a+b=c&d", "ü/ñ/日本", "question?", "hash#tag", "semi;colon",
                           "~x", "quote'd", "back\\slash", "dots...x"}) {
    remote_->write(name, name);
    EXPECT_EQ(read(name), name);
    const bool is_listed = GetParam().has_backslashes || std::string_view(name).find('\\') == std::string::npos;
    if (!can_list() || !is_listed) continue;
    const auto all = listed("");
    EXPECT_TRUE(std::find(all.begin(), all.end(), name) != all.end()) << name;
  }
}

TEST_P(RemoteConformance, ListsTheFilesOfAFolderAtAnyDepth) {
  if (!can_list()) GTEST_SKIP() << "cannot list";
  EXPECT_THAT(listed("d"), IsEmpty());
  for (const char* path : {"d/1", "d/e/2", "d/e/f/3", "dd/4", "5"}) remote_->write(path, path);
  EXPECT_THAT(listed("d"), ElementsAre("d/1", "d/e/2", "d/e/f/3"));
  EXPECT_THAT(listed("d/e"), ElementsAre("d/e/2", "d/e/f/3"));
  EXPECT_THAT(listed(""), ElementsAre("5", "d/1", "d/e/2", "d/e/f/3", "dd/4"));
  remote_->list("", [](const FileInfo& file) {
    EXPECT_EQ(file.size, file.path.size()) << file.path;
    return true;
  });
}

TEST_P(RemoteConformance, AListEndsWhenItIsToldTo) {
  if (!can_list()) GTEST_SKIP() << "cannot list";
  for (int i = 0; i < 5; ++i) remote_->write("n/" + std::to_string(i), "");
  int seen = 0;
  remote_->list("n", [&](const FileInfo&) { return ++seen < 2; });
  EXPECT_EQ(seen, 2);
}

TEST_P(RemoteConformance, SeveralThreadsWorkAtATime) {
  constexpr int kThreads = 4;
  constexpr int kFiles = 12;
  std::atomic<int> wrong = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < kFiles; ++i) {
          const std::string path = text::concat("t/", i, "/", t);
          remote_->write(path, path);
          if (read(path) != path || !remote_->find(path)) ++wrong;
          remote_->write("t/same", "same");
        }
      });
    }
  }
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(read("t/same"), "same");
  if (can_list()) {
    EXPECT_EQ(listed("t").size(), static_cast<size_t>(kThreads * kFiles + 1));
  }
}

TEST_P(RemoteConformance, TheUrlOfAFileNamesIt) {
  EXPECT_THAT(remote_->url("files/md5/ab/cd"), ::testing::EndsWith("/files/md5/ab/cd"));
}

// A source that fails in the middle.
class BrokenContent final : public Content {
 public:
  uint64_t size() const override { return 1'000'000; }
  size_t read_at(uint64_t offset, char* buffer, size_t capacity) override {
    if (offset >= 500'000) throw data_loss("the disk is broken");
    const size_t got = std::min<size_t>(capacity, 500'000 - offset);
    std::fill_n(buffer, got, 'x');
    return got;
  }
};

TEST_P(RemoteConformance, AWriteThatFailsLeavesNothing) {
  BrokenContent content;
  EXPECT_THROW(remote_->write("broken/file", content, {}), Error);
  EXPECT_FALSE(remote_->find("broken/file"));
  if (can_list()) {
    EXPECT_THAT(listed("broken"), IsEmpty());
  }
}

}  // namespace
}  // namespace slipway::remotes
