#include "foundation/jobs/worker_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <stdexcept>
#include <thread>
#include <vector>

#include "foundation/base/error.h"

namespace slipway::jobs {
namespace {

TEST(WorkerPool, RunsWhatIsSubmitted) {
  std::atomic<int> ran = 0;
  std::promise<void> all;
  WorkerPool pool("test", 4);
  for (int i = 0; i < 100; ++i) {
    pool.submit([&](const Cancellation&) {
      if (++ran == 100) all.set_value();
    });
  }
  all.get_future().wait();
  EXPECT_EQ(ran, 100);
}

TEST(WorkerPool, ATaskThatThrowsHarmsNobody) {
  std::promise<void> ran;
  WorkerPool pool("test", 1);
  pool.submit([](const Cancellation&) { throw std::runtime_error("no"); });
  pool.submit([](const Cancellation&) { throw 7; });
  pool.submit([&](const Cancellation&) { ran.set_value(); });
  ran.get_future().wait();
}

TEST(WorkerPool, AFullQueueIsResourceExhausted) {
  std::promise<void> release;
  std::promise<void> started;
  WorkerPool pool("test", 1, 2);
  pool.submit([&](const Cancellation&) {
    started.set_value();
    release.get_future().wait();
  });
  started.get_future().wait();
  pool.submit([](const Cancellation&) {});
  pool.submit([](const Cancellation&) {});
  try {
    pool.submit([](const Cancellation&) {});
    ADD_FAILURE() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kResourceExhausted);
  }
  release.set_value();
}

TEST(WorkerPool, StoppingAsksRunningTasksToEndAndDropsTheOthers) {
  std::promise<void> started;
  bool was_asked = false;
  bool other_ran = false;
  WorkerPool pool("test", 1);
  pool.submit([&](const Cancellation& cancellation) {
    started.set_value();
    was_asked = cancellation.wait_for_ms(60'000) && cancellation.requested();
  });
  pool.submit([&](const Cancellation&) { other_ran = true; });
  started.get_future().wait();
  pool.stop();
  EXPECT_TRUE(was_asked);
  EXPECT_FALSE(other_ran);
  EXPECT_THROW(pool.submit([](const Cancellation&) {}), Error);
  EXPECT_THROW(pool.repeat(1, [](const Cancellation&) {}), Error);
  pool.stop();
}

TEST(WorkerPool, ARepeatedTaskRunsAgainAndAgainButNeverTwiceAtOnce) {
  std::atomic<int> inside = 0;
  std::atomic<bool> overlapped = false;
  int runs = 0;
  std::promise<void> five;
  WorkerPool pool("test", 4);
  pool.repeat(1, [&](const Cancellation&) {
    if (++inside > 1) overlapped = true;
    std::this_thread::yield();
    if (++runs == 5) five.set_value();
    --inside;
  });
  five.get_future().wait();
  pool.stop();
  EXPECT_FALSE(overlapped);
}

TEST(WorkerPool, ARepeatedTaskThatThrowsRunsAgain) {
  std::promise<void> twice;
  int runs = 0;
  WorkerPool pool("test", 1);
  pool.repeat(1, [&](const Cancellation&) {
    if (++runs == 2) twice.set_value();
    throw std::runtime_error("no");
  });
  twice.get_future().wait();
}

TEST(WorkerPool, ALongTaskDoesNotKeepARepeatedOneFromAnotherThread) {
  std::promise<void> release;
  std::promise<void> repeated;
  int runs = 0;
  WorkerPool pool("test", 2);
  pool.submit([&](const Cancellation&) { release.get_future().wait(); });
  pool.repeat(1, [&](const Cancellation&) {
    if (++runs == 3) repeated.set_value();
  });
  repeated.get_future().wait();
  release.set_value();
}

TEST(WorkerPool, TheFirstRunComesAfterOneInterval) {
  std::atomic<bool> ran = false;
  {
    WorkerPool pool("test", 1);
    pool.repeat(3'600'000, [&](const Cancellation&) { ran = true; });
    std::promise<void> other;
    pool.submit([&](const Cancellation&) { other.set_value(); });
    other.get_future().wait();
  }
  EXPECT_FALSE(ran);
  WorkerPool pool("test", 1);
  EXPECT_THROW(pool.repeat(0, [](const Cancellation&) {}), Error);
}

TEST(Cancellation, IsSeenByEveryCopy) {
  Cancellation cancellation;
  const Cancellation copy = cancellation;
  EXPECT_FALSE(copy.wait_for_ms(0));
  std::thread asker([&] { cancellation.request(); });
  EXPECT_TRUE(copy.wait_for_ms(60'000));
  asker.join();
  EXPECT_TRUE(copy.requested());
}

}  // namespace
}  // namespace slipway::jobs
