#include "app/server/triggers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "foundation/base/error.h"

namespace slipway::server {
namespace {

class Triggers : public testing::Test {
 protected:
  Triggers() {
    start_pipelines_on_alerts(bus_, pipelines_);
    bus_.subscribe("trigger.skipped",
                   [this](const jobs::Event& event) { skipped_.push_back(event.attributes.at("reason")); });
    pipelines_.put({"retrain", "/project", {{{"repro"}}}});
  }

  static jobs::Event alert(const std::string& pipeline) {
    jobs::Event out;
    out.kind = "monitor.alert_fired";
    out.subject = "drift";
    out.attributes = {{"rule", "auc_low"}, {"pipeline", pipeline}};
    return out;
  }

  std::unique_ptr<sql::Database> database_ = sql::open_database("sqlite::memory:");
  ManualClock clock_{5000};
  RandomIdSource ids_;
  std::vector<std::string> skipped_;
  jobs::EventBus bus_;
  pipelines::Pipelines pipelines_{*database_, clock_, ids_, bus_,
                                  [](const auto&, const auto&, const auto&, const auto&, const auto& cancellation) {
                                    cancellation.wait_for_ms(60'000);
                                    return 143;
                                  }};
};

TEST_F(Triggers, EveryAlertHasItsRunBeforeItCountsAsTold) {
  for (int i = 0; i < 5; ++i) bus_.publish(alert("retrain"));
  EXPECT_EQ(pipelines_.list_runs("retrain", 10).size(), 5U);
  bus_.flush();
  EXPECT_TRUE(skipped_.empty());
}

TEST_F(Triggers, WhatCannotStartIsSkippedWithTheReason) {
  bus_.publish(alert("unknown"));
  bus_.publish(alert(""));
  bus_.flush();
  ASSERT_EQ(skipped_.size(), 1U);
  EXPECT_THAT(skipped_[0], testing::HasSubstr("pipeline unknown does not exist"));
}

TEST_F(Triggers, AnAlertWhoseRunCannotBeWrittenIsNotTold) {
  database_->write([](sql::Transaction& transaction) {
    transaction.execute(
        "CREATE TRIGGER disk_full BEFORE INSERT ON pipeline_runs BEGIN SELECT RAISE(ABORT, 'full'); END");
  });
  EXPECT_THROW(bus_.publish(alert("retrain")), std::exception);
}

}  // namespace
}  // namespace slipway::server
