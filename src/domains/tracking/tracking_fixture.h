// For tests of tracking and of what builds on it: a Tracking on a database (in memory), with a clock that stands still
// and ids that are the same every time.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "domains/tracking/logged_models.h"
#include "domains/tracking/tracking.h"
#include "foundation/base/error.h"

namespace slipway::tracking {

class TrackingFixture : public ::testing::Test {
 protected:
  explicit TrackingFixture(const std::string& database_url = "sqlite::memory:")
      : database_(sql::open_database(database_url)) {
    events_.subscribe("", [this](const jobs::Event& event) { published_.push_back(event); });
  }

  ExperimentId experiment(const std::string& name = "iris") { return tracking_.create_experiment({name, "", {}}); }

  tracking::Run run_in(const ExperimentId& id, const std::string& name = "", std::vector<Tag> tags = {}) {
    NewRun run;
    run.experiment_id = id;
    run.name = name;
    run.start_ms = clock_.now_ms();
    run.tags = std::move(tags);
    return tracking_.create_run(run);
  }

  static Metric point(const std::string& key, double value, int64_t time_ms = 0, int64_t step = 0) {
    Metric out;
    out.key = key;
    out.value = value;
    out.time_ms = time_ms;
    out.step = step;
    return out;
  }

  // The code and message of what `action` throws.
  static std::string fault(ErrorCode code, const std::function<void()>& action) {
    try {
      action();
    } catch (const Error& error) {
      EXPECT_EQ(name_of(error.code()), name_of(code)) << error.what();
      return error.what();
    }
    ADD_FAILURE() << "nothing was thrown";
    return "";
  }
  static std::string name_of(ErrorCode code) { return std::string(slipway::name_of(code)); }

  const std::vector<jobs::Event>& published() {
    events_.flush();
    return published_;
  }

  std::unique_ptr<sql::Database> database_;
  ManualClock clock_{1'700'000'000'000};
  SeededIdSource ids_{7};
  std::vector<jobs::Event> published_;
  jobs::EventBus events_;
  Tracking tracking_{*database_, clock_, ids_, events_};
  LoggedModels models_{*database_, clock_, ids_};
};

}  // namespace slipway::tracking
