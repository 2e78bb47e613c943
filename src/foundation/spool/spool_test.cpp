#include "foundation/spool/spool.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include "foundation/base/error.h"
#include "foundation/spool/frames.h"

namespace slipway::spool {
namespace {

SpoolOptions options_in(const files::TemporaryFolder& folder) {
  SpoolOptions options;
  options.folder = folder.file("spool");
  return options;
}

std::vector<std::string> read_all(Spool& spool, size_t max_bytes = 1 << 20) {
  std::vector<std::string> all;
  SpoolPosition at = spool.released();
  while (true) {
    Spool::Chunk chunk = spool.read(at, max_bytes);
    if (chunk.payloads.empty() && chunk.next == at) return all;
    all.insert(all.end(), chunk.payloads.begin(), chunk.payloads.end());
    at = chunk.next;
  }
}

std::vector<std::filesystem::path> segment_files(const std::string& folder) {
  std::set<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".spool") found.insert(entry.path());
  }
  return {found.begin(), found.end()};
}

TEST(Spool, RecordsComeBackInOrderAfterAReopen) {
  const files::TemporaryFolder folder;
  {
    Spool spool(options_in(folder));
    spool.append("one", 1);
    spool.append("two", 1);
  }
  Spool spool(options_in(folder));
  spool.append("three", 1);
  EXPECT_EQ(read_all(spool), (std::vector<std::string>{"one", "two", "three"}));
}

TEST(Spool, WhatWasReleasedDoesNotComeBack) {
  const files::TemporaryFolder folder;
  {
    Spool spool(options_in(folder));
    spool.append("one", 1);
    const Spool::Chunk chunk = spool.read(spool.released(), 100);
    spool.append("two", 1);
    spool.release(chunk.next);
    EXPECT_EQ(spool.pending_bytes(), Spool::stored_bytes("two"));
  }
  Spool spool(options_in(folder));
  EXPECT_EQ(read_all(spool), std::vector<std::string>{"two"});
}

TEST(Spool, ReleasedSegmentsAreDeleted) {
  const files::TemporaryFolder folder;
  SpoolOptions options = options_in(folder);
  options.segment_bytes = 100;
  Spool spool(options);
  for (int i = 0; i < 20; ++i) spool.append(std::string(40, 'x'), 1);
  EXPECT_GT(segment_files(options.folder).size(), 5U);
  SpoolPosition at = spool.released();
  for (Spool::Chunk chunk = spool.read(at, 1000); chunk.next != at; chunk = spool.read(at, 1000)) at = chunk.next;
  spool.release(at);
  EXPECT_EQ(segment_files(options.folder).size(), 1U);
  EXPECT_EQ(spool.pending_bytes(), 0U);
}

TEST(Spool, PastItsLimitTheOldestGoAndAreCounted) {
  const files::TemporaryFolder folder;
  SpoolOptions options = options_in(folder);
  options.segment_bytes = 1000;
  options.max_bytes = 3000;
  Spool spool(options);
  for (int i = 0; i < 100; ++i) spool.append(std::to_string(i) + std::string(100, 'x'), 2);
  const std::vector<std::string> left = read_all(spool);
  EXPECT_LT(left.size(), 30U);
  EXPECT_GT(left.size(), 10U);
  EXPECT_EQ(spool.losses().dropped_items, 2 * (100 - left.size()));
  EXPECT_EQ(left.back(), "99" + std::string(100, 'x'));
}

TEST(Spool, ARecordLargerThanTheReadersStepIsReadWhole) {
  const files::TemporaryFolder folder;
  Spool spool(options_in(folder));
  const std::string large(300'000, 'y');
  spool.append("small", 1);
  spool.append(large, 1);
  EXPECT_EQ(read_all(spool, 64), (std::vector<std::string>{"small", large}));
}

TEST(Spool, ATornEndIsCutOffAndWritingGoesOn) {
  for (const size_t cut : {1U, 5U, 11U, 12U, 14U}) {
    const files::TemporaryFolder folder;
    const SpoolOptions options = options_in(folder);
    {
      Spool spool(options);
      spool.append("whole", 1);
      spool.append("torn!", 1);
    }
    const auto file = segment_files(options.folder).back();
    std::filesystem::resize_file(file, std::filesystem::file_size(file) - cut);
    Spool spool(options);
    spool.append("after", 1);
    EXPECT_EQ(read_all(spool), (std::vector<std::string>{"whole", "after"})) << cut;
    EXPECT_EQ(spool.losses().damaged_bytes, 0U);
  }
}

TEST(Spool, DamageInTheMiddleIsSkippedAndCounted) {
  const files::TemporaryFolder folder;
  SpoolOptions options = options_in(folder);
  options.segment_bytes = 60;
  {
    Spool spool(options);
    for (const char* record : {"first", "second", "third", "fourth"}) spool.append(record + std::string(30, '.'), 1);
  }
  const auto files = segment_files(options.folder);
  ASSERT_GE(files.size(), 4U);
  std::fstream(files[1], std::ios::in | std::ios::out | std::ios::binary).seekp(25).put('#');
  Spool spool(options);
  const std::vector<std::string> left = read_all(spool);
  ASSERT_EQ(left.size(), 3U);
  EXPECT_TRUE(left[1].starts_with("third"));
  EXPECT_GT(spool.losses().damaged_bytes, 0U);
}

TEST(Spool, AFailedWriteLeavesEarlierAndLaterRecordsReadable) {
  const files::TemporaryFolder folder;
  Spool spool(options_in(folder));
  spool.append("before", 1);
  // A limit on file size stands in for a full disk: the second write stops half-way.
  struct rlimit old {};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &old), 0);
  ::signal(SIGXFSZ, SIG_IGN);
  const struct rlimit tight { 200, old.rlim_max };
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &tight), 0);
  EXPECT_THROW(spool.append(std::string(1000, 'z'), 1), Error);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &old), 0);
  spool.append("after", 1);
  EXPECT_EQ(read_all(spool), (std::vector<std::string>{"before", "after"}));
}

TEST(Spool, TwoProcessesDoNotShareAFolder) {
  const files::TemporaryFolder folder;
  Spool spool(options_in(folder));
  EXPECT_THROW(Spool second(options_in(folder)), Error);
}

class SpoolDurability : public testing::TestWithParam<Durability> {};
INSTANTIATE_TEST_SUITE_P(Both, SpoolDurability, testing::Values(Durability::kProcess, Durability::kDisk));

TEST_P(SpoolDurability, ManyThreadsLoseNothingWhileAReaderFollows) {
  const files::TemporaryFolder folder;
  SpoolOptions options = options_in(folder);
  options.segment_bytes = 4000;
  options.durability = GetParam();
  Spool spool(options);
  constexpr int kThreads = 4;
  const int each = GetParam() == Durability::kDisk ? 50 : 1000;
  std::atomic<int> running{kThreads};
  std::vector<std::jthread> writers;
  for (int t = 0; t < kThreads; ++t) {
    writers.emplace_back([&, t] {
      for (int i = 0; i < each; ++i) spool.append(std::to_string(t) + ":" + std::to_string(i), 1);
      --running;
    });
  }
  std::multiset<std::string> seen;
  SpoolPosition at = spool.released();
  while (true) {
    const bool last = running == 0;
    const Spool::Chunk chunk = spool.read(at, 1000);
    seen.insert(chunk.payloads.begin(), chunk.payloads.end());
    const bool moved = chunk.next != at;
    at = chunk.next;
    spool.release(at);
    if (last && !moved) break;
  }
  EXPECT_EQ(seen.size(), static_cast<size_t>(kThreads * each));
  EXPECT_EQ(std::set<std::string>(seen.begin(), seen.end()).size(), seen.size());
}

// The child appends and reports each acknowledged record through a pipe; it is killed in the middle of it.
TEST(SpoolCrash, AKilledProcessLosesNoAcknowledgedRecord) {
  for (int round = 0; round < 5; ++round) {
    const files::TemporaryFolder folder;
    SpoolOptions options = options_in(folder);
    options.segment_bytes = 20'000;
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      Spool spool(options);
      for (uint32_t i = 0;; ++i) {
        spool.append(std::to_string(i) + std::string(i % 700, 'p'), 1);
        if (::write(ends[1], &i, sizeof(i)) != sizeof(i)) ::_exit(1);
      }
    }
    ::close(ends[1]);
    const uint32_t kill_after = 200 + 300 * static_cast<uint32_t>(round);
    uint32_t acknowledged = 0;
    while (acknowledged<kill_after&& ::read(ends[0], &acknowledged, sizeof(acknowledged))> 0) {
    }
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    while (::read(ends[0], &acknowledged, sizeof(acknowledged)) > 0) {
    }
    ::close(ends[0]);
    Spool spool(options);
    const std::vector<std::string> left = read_all(spool);
    ASSERT_GE(acknowledged, kill_after);
    ASSERT_GT(left.size(), acknowledged);
    for (uint32_t i = 0; i < left.size(); ++i) ASSERT_EQ(left[i], std::to_string(i) + std::string(i % 700, 'p'));
    EXPECT_EQ(spool.losses().damaged_bytes, 0U);
  }
}

}  // namespace
}  // namespace slipway::spool
