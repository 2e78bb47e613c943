#include "foundation/jobs/event_bus.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <stdexcept>
#include <thread>
#include <vector>

namespace slipway::jobs {
namespace {

using ::testing::ElementsAre;

Event event(const std::string& kind, const std::string& subject = "") {
  Event out;
  out.kind = kind;
  out.subject = subject;
  return out;
}

TEST(EventBus, WhatIsSubscribedAtOnceIsDoneBeforePublishReturnsAndMayRefuse) {
  EventBus bus;
  std::vector<std::string> done, later;
  bus.subscribe_at_once("monitor.", [&](const Event& e) {
    if (e.subject == "bad") throw std::runtime_error("cannot be written");
    done.push_back(e.kind);
  });
  bus.subscribe("", [&](const Event& e) { later.push_back(e.subject); });
  bus.publish(event("monitor.alert_fired", "good"));
  bus.publish(event("run.created", "other"));
  EXPECT_THAT(done, ElementsAre("monitor.alert_fired"));
  EXPECT_THROW(bus.publish(event("monitor.alert_fired", "bad")), std::runtime_error);
  bus.flush();
  EXPECT_THAT(later, ElementsAre("good", "other")) << "what was refused did not happen";
}

TEST(EventBus, SubscribersGetTheKindsTheyAskedFor) {
  std::vector<std::string> exact, below, all;
  EventBus bus;
  bus.subscribe("run.created", [&](const Event& e) { exact.push_back(e.kind); });
  bus.subscribe("monitor.", [&](const Event& e) { below.push_back(e.kind); });
  bus.subscribe("", [&](const Event& e) { all.push_back(e.kind); });
  for (const char* kind : {"run.created", "run.created.twice", "monitor.alert_fired", "monitors", "monitor."}) {
    bus.publish(event(kind));
  }
  bus.flush();
  EXPECT_THAT(exact, ElementsAre("run.created"));
  EXPECT_THAT(below, ElementsAre("monitor.alert_fired", "monitor."));
  EXPECT_EQ(all.size(), 5U);
}

TEST(EventBus, EventsOfOnePublisherKeepTheirOrder) {
  std::vector<std::string> seen;
  EventBus bus;
  bus.subscribe("", [&](const Event& e) { seen.push_back(e.subject); });
  for (int i = 0; i < 1000; ++i) bus.publish(event("n", std::to_string(i)));
  bus.flush();
  ASSERT_EQ(seen.size(), 1000U);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(seen[i], std::to_string(i));
}

TEST(EventBus, ASubscriberThatThrowsHoldsNobodyUp) {
  int seen = 0;
  EventBus bus;
  bus.subscribe("", [](const Event&) { throw std::runtime_error("no"); });
  bus.subscribe("", [&](const Event&) { ++seen; });
  bus.publish(event("a"));
  bus.publish(event("b"));
  bus.flush();
  EXPECT_EQ(seen, 2);
}

TEST(EventBus, WhatIsQueuedIsHandedOnBeforeTheEnd) {
  int seen = 0;
  {
    EventBus bus;
    bus.subscribe("", [&](const Event&) { ++seen; });
    for (int i = 0; i < 500; ++i) bus.publish(event("a"));
  }
  EXPECT_EQ(seen, 500);
}

TEST(EventBus, ASubscriberMayPublish) {
  std::vector<std::string> seen;
  EventBus bus;
  bus.subscribe("first", [&](const Event&) { bus.publish(event("second")); });
  bus.subscribe("", [&](const Event& e) { seen.push_back(e.kind); });
  bus.publish(event("first"));
  bus.flush();
  bus.flush();
  EXPECT_THAT(seen, ElementsAre("first", "second"));
}

TEST(EventBus, AFullQueueDropsInsteadOfBlocking) {
  std::promise<void> release;
  const std::shared_future<void> released = release.get_future().share();
  int seen = 0;
  EventBus bus;
  bus.subscribe("", [&](const Event&) {
    released.wait();
    ++seen;
  });
  constexpr int kPublished = 100'500;
  for (int i = 0; i < kPublished; ++i) bus.publish(event("a"));
  release.set_value();
  bus.flush();
  // One may have been in the subscriber's hands already while the queue filled up.
  EXPECT_GE(seen, 100'000);
  EXPECT_LE(seen, 100'001);
}

TEST(EventBus, ManyThreadsMayPublish) {
  int seen = 0;
  EventBus bus;
  bus.subscribe("", [&](const Event&) { ++seen; });
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < 200; ++k) bus.publish(event("a"));
    });
  }
  for (std::thread& thread : threads) thread.join();
  bus.flush();
  EXPECT_EQ(seen, 1600);
}

}  // namespace
}  // namespace slipway::jobs
