#include "domains/serving/served_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <limits>
#include <thread>
#include <vector>

#include "domains/serving/fake_runtime.h"
#include "domains/serving/model_watcher.h"

namespace slipway::serving {
namespace {

using testing::HasSubstr;
using testing::Not;

struct Fixture {
  ManualClock clock{1000};
  metrics::Registry registry;
  ServedModel model{"m", open_fake, clock, registry};
};

TEST(ServedModel, BeforeTheFirstVersionItIsUnavailable) {
  Fixture f;
  EXPECT_EQ(f.model.status().state, ServedModel::State::kLoading);
  try {
    f.model.current();
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUnavailable);
  }
}

TEST(ServedModel, AnExchangeLeavesTheOldVersionToWhoHoldsIt) {
  Fixture f;
  f.model.replace(fake_candidate("1", "100"));
  const auto held = f.model.current();
  f.model.replace(fake_candidate("2", "200"));
  EXPECT_EQ(held->version, "1");
  EXPECT_EQ(f.model.current()->version, "2");
  EXPECT_EQ(f.model.status().swaps, 1U);
  EXPECT_THAT(f.registry.expose(), HasSubstr(R"(slipway_model_info{model="m",version="2"} 1)"));
  EXPECT_THAT(f.registry.expose(), Not(HasSubstr(R"(slipway_model_info{model="m",version="1"})")));
}

TEST(ServedModel, AVersionThatFailsIsRefusedAndTheOldStays) {
  Fixture f;
  f.model.replace(fake_candidate("1", "100"));
  EXPECT_THROW(f.model.replace(fake_candidate("2", "broken")), Error);
  EXPECT_EQ(f.model.current()->version, "1");
  const ServedModel::Status status = f.model.status();
  EXPECT_EQ(status.state, ServedModel::State::kReady);
  ASSERT_TRUE(status.refused.has_value());
  EXPECT_EQ(status.refused->version, "2");
  EXPECT_EQ(status.refused->reason, "no model in broken");
  EXPECT_THAT(f.registry.expose(), HasSubstr(R"(slipway_model_refused{model="m",version="2"} 1)"));
  f.model.replace(fake_candidate("3", "300"));
  EXPECT_FALSE(f.model.status().refused.has_value());
  EXPECT_THAT(f.registry.expose(), Not(HasSubstr("slipway_model_refused{")));
}

TEST(ServedModel, AModelThatAnswersNoNumberFailsItsSelfTest) {
  ManualClock clock{0};
  metrics::Registry registry;
  ServedModel model(
      "m",
      [](const std::string&) {
        return std::make_unique<FakeRuntime>(std::numeric_limits<double>::quiet_NaN(), fake_signature());
      },
      clock, registry);
  EXPECT_THROW(model.replace(fake_candidate("1", "any")), Error);
  EXPECT_EQ(model.status().state, ServedModel::State::kFailed);
  EXPECT_THAT(model.status().refused->reason, HasSubstr("'score'"));
}

TEST(ServedModel, ReadersNeverMeetAGapWhileVersionsChange) {
  Fixture f;
  f.model.replace(fake_candidate("0", "0"));
  std::atomic<bool> done{false};
  std::atomic<uint64_t> wrong{0};
  std::vector<std::jthread> readers;
  for (int i = 0; i < 4; ++i) {
    readers.emplace_back([&] {
      tables::Table rows;
      tables::Column a("a", tables::ColumnType::kDouble);
      a.append_double(0);
      rows.add(std::move(a));
      while (!done) {
        const auto version = f.model.current();
        const double score = version->runtime->predict(rows).get("score").doubles()[0];
        if (text::concat(static_cast<int64_t>(score)) != version->version) ++wrong;
      }
    });
  }
  for (int i = 1; i <= 200; ++i) f.model.replace(fake_candidate(std::to_string(i), std::to_string(i)));
  done = true;
  readers.clear();
  EXPECT_EQ(wrong, 0U);
  EXPECT_EQ(f.model.status().swaps, 200U);
}

struct FakeRegistry {
  std::string wanted = "1";
  std::string folder = "100";
  ErrorCode fetch_failure = ErrorCode::kUnavailable;
  bool reachable = true;
  bool fetchable = true;
  int fetched = 0;

  ModelSource source() {
    return {[this] {
              if (!reachable) throw unavailable("cannot reach the registry");
              return wanted;
            },
            [this](const std::string& version) {
              ++fetched;
              if (!fetchable) throw Error(fetch_failure, "cannot fetch");
              return fake_candidate(version, folder);
            }};
  }
};

struct WatcherFixture : Fixture {
  FakeRegistry remote;
  ModelWatcher watcher{model, remote.source(), clock, {}};
};

TEST(ModelWatcher, FollowsWhatTheRegistryWants) {
  WatcherFixture f;
  f.watcher.poll_once();
  EXPECT_EQ(f.model.status().version, "1");
  f.watcher.poll_once();
  EXPECT_EQ(f.remote.fetched, 1);
  f.remote.wanted = "2";
  f.watcher.poll_once();
  EXPECT_EQ(f.model.status().version, "2");
}

TEST(ModelWatcher, KeepsServingWhileTheRegistryIsAway) {
  WatcherFixture f;
  f.watcher.poll_once();
  f.remote.reachable = false;
  f.remote.wanted = "2";
  f.watcher.poll_once();
  EXPECT_EQ(f.model.status().version, "1");
  EXPECT_FALSE(f.model.status().refused.has_value());
  f.remote.reachable = true;
  f.remote.fetchable = false;
  f.watcher.poll_once();
  EXPECT_FALSE(f.model.status().refused.has_value());
  f.remote.fetchable = true;
  f.watcher.poll_once();
  EXPECT_EQ(f.model.status().version, "2");
}

TEST(ModelWatcher, ABrokenVersionIsNotTriedAgainAtOnce) {
  WatcherFixture f;
  f.watcher.poll_once();
  f.remote.wanted = "2";
  f.remote.folder = "broken";
  for (int i = 0; i < 5; ++i) f.watcher.poll_once();
  EXPECT_EQ(f.remote.fetched, 2);
  EXPECT_EQ(f.model.status().refused->version, "2");
  f.clock.advance_ms(60'000);
  f.remote.folder = "200";
  f.watcher.poll_once();
  EXPECT_EQ(f.model.status().version, "2");
  EXPECT_FALSE(f.model.status().refused.has_value());
}

TEST(ModelWatcher, AVersionThatCannotBeFetchedForGoodIsRefused) {
  WatcherFixture f;
  f.watcher.poll_once();
  f.remote.wanted = "2";
  f.remote.fetchable = false;
  f.remote.fetch_failure = ErrorCode::kNotFound;
  f.watcher.poll_once();
  EXPECT_EQ(f.model.status().refused->reason, "cannot fetch");
  f.remote.wanted = "1";
  f.watcher.poll_once();
  EXPECT_FALSE(f.model.status().refused.has_value());
}

TEST(ModelWatcher, StopsWithoutWaitingForItsInterval) {
  Fixture f;
  FakeRegistry remote;
  ModelWatcher watcher(f.model, remote.source(), f.clock, {3'600'000, 60'000});
  watcher.start();
  watcher.stop();
}

}  // namespace
}  // namespace slipway::serving
