#include "domains/monitoring/monitors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "foundation/base/error.h"
#include "foundation/sql/testing/private_postgres.h"

namespace slipway::monitoring {
namespace {

using tables::Column;
using tables::ColumnType;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr int64_t kStart = 19'000 * kDayMs;  // a midnight in 2022

// A pool of predictions whose inputs and labels the test controls.
struct Feed {
  std::string version = "1";
  double shift = 0;         // of the inputs
  bool model_right = true;  // whether high scores mean label 1

  PredictionBatch batch(const std::string& prefix, int64_t time_ms, size_t rows) const {
    PredictionBatch out;
    out.model_version = version;
    Column x("x", ColumnType::kDouble);
    Column kind("kind", ColumnType::kText);
    for (size_t i = 0; i < rows; ++i) {
      out.ids.push_back(prefix + "-" + std::to_string(i));
      out.times_ms.push_back(time_ms + static_cast<int64_t>(i));
      out.scores.push_back(static_cast<double>(i % 10) / 10 + 0.05);
      x.append_double(static_cast<double>(i % 50) / 10 + shift);
      kind.append_text(i % 3 == 0 ? "a" : "b");
    }
    out.inputs.add(std::move(x));
    out.inputs.add(std::move(kind));
    return out;
  }

  LabelBatch labels(const PredictionBatch& batch, size_t first, size_t last) const {
    LabelBatch out;
    for (size_t i = first; i < last; ++i) {
      out.ids.push_back(batch.ids[i]);
      const bool high = batch.scores[i] > 0.5;
      out.labels.push_back(high == model_right ? 1 : 0);
      out.arrivals_ms.push_back(batch.times_ms[i] + kDayMs);
    }
    return out;
  }
};

tables::Table reference_table() {
  const PredictionBatch batch = Feed{}.batch("reference", kStart, 500);
  tables::Table out = batch.inputs;
  out.add(Column::of_doubles("probability", batch.scores));
  return out;
}

std::unique_ptr<sql::Database> open_empty_database(const std::string& kind) {
  return sql::open_database(kind == "sqlite" ? "sqlite::memory:" : sql::PrivatePostgres::instance().new_database());
}

class MonitorsTest : public ::testing::TestWithParam<std::string> {
 protected:
  MonitorsTest() : database_(open_empty_database(GetParam())), clock_(kStart + 1000 * kDayMs) {
    bus_.subscribe("monitor.", [this](const jobs::Event& event) { events_.push_back(event); });
    monitors_ = std::make_unique<Monitors>(*database_, clock_, bus_, registry_, [this](const ReferenceSource& source) {
      ++resolved_;
      if (source.path == absent_) throw not_found("there is no file ", absent_);
      return reference_table();
    });
  }

  void put(const std::string& rules, const std::string& more = "") {
    monitors_->put(parse_monitor("flights", R"({"model_name": "flights", "window": "1d", "lateness": "12h",
        "reference": {"path": "reference.parquet"}, "min_rows": 50, )" +
                                                more + R"("rules": [)" + rules + "]}"));
  }

  // One day of predictions with all of their labels.
  void day(int number, const Feed& feed, size_t labelled = 200) {
    const PredictionBatch batch = feed.batch("day" + std::to_string(number), kStart + number * kDayMs, 200);
    monitors_->record_predictions("flights", batch);
    if (labelled > 0) monitors_->record_labels("flights", feed.labels(batch, 0, labelled));
  }

  std::vector<int64_t> window_days() {
    std::vector<int64_t> out;
    for (const Window& window : monitors_->list_windows("flights", 100))
      out.push_back((window.start_ms - kStart) / kDayMs);
    return out;
  }

  Window window(int number) {
    for (const Window& window : monitors_->list_windows("flights", 100)) {
      if (window.start_ms == kStart + number * kDayMs) return window;
    }
    throw not_found("window ", number);
  }

  const std::vector<jobs::Event>& events() {
    bus_.flush();
    return events_;
  }

  std::string absent_;  // the path of a reference that is not there
  std::unique_ptr<sql::Database> database_;
  ManualClock clock_;
  std::vector<jobs::Event> events_;
  jobs::EventBus bus_;
  metrics::Registry registry_;
  int resolved_ = 0;
  std::unique_ptr<Monitors> monitors_;
};

TEST_P(MonitorsTest, AWindowClosesOnceTheWatermarkPassesItsEnd) {
  put("");
  day(0, Feed{});
  monitors_->tick();
  EXPECT_THAT(window_days(), ElementsAre());
  // Half a day is the lateness: an event at noon of the next day moves the watermark to its midnight.
  monitors_->record_predictions("flights", Feed{}.batch("early", kStart + kDayMs + kDayMs / 2 - 60'000, 1));
  monitors_->tick();
  EXPECT_THAT(window_days(), ElementsAre());
  monitors_->record_predictions("flights", Feed{}.batch("noon", kStart + kDayMs + kDayMs / 2, 1));
  monitors_->tick();
  EXPECT_THAT(window_days(), ElementsAre(0));
  EXPECT_EQ(window(0).rows, 200U);
}

TEST_P(MonitorsTest, EvaluateClosesWhatHasRows) {
  put("");
  day(0, Feed{});
  day(2, Feed{});
  monitors_->evaluate("flights");
  EXPECT_THAT(window_days(), ElementsAre(0, 2));
}

TEST_P(MonitorsTest, AWindowHoldsDriftPredictionDriftAndPerformance) {
  put("");
  day(0, Feed{});
  Feed drifted;
  drifted.shift = 20;
  drifted.model_right = false;
  drifted.version = "2";
  day(1, drifted, 100);
  monitors_->evaluate("flights");
  const Window still = window(0);
  EXPECT_EQ(still.columns.size(), 2U);
  EXPECT_EQ(still.drift_share, 0);
  EXPECT_FALSE(still.drifted);
  ASSERT_TRUE(still.prediction.has_value());
  EXPECT_FALSE(still.prediction->drifted);
  EXPECT_DOUBLE_EQ(still.performance.auc, 1);
  EXPECT_DOUBLE_EQ(still.label_coverage(), 1);
  const Window moved = window(1);
  EXPECT_DOUBLE_EQ(moved.drift_share, 0.5);
  EXPECT_TRUE(moved.drifted);
  EXPECT_TRUE(moved.find_column("x")->drifted);
  EXPECT_DOUBLE_EQ(moved.performance.auc, 0);
  EXPECT_DOUBLE_EQ(moved.label_coverage(), 0.5);
  ASSERT_EQ(moved.versions.size(), 1U);
  EXPECT_EQ(moved.versions[0].version, "2");
  EXPECT_NEAR(moved.mean_score, 0.5, 1e-12);
}

TEST_P(MonitorsTest, OnlyTouchedWindowsAreComputedAgain) {
  put("");
  day(0, Feed{}, 0);
  day(1, Feed{}, 0);
  day(3, Feed{}, 0);
  monitors_->tick();
  EXPECT_EQ(window(0).revision, 1);
  EXPECT_TRUE(std::isnan(window(0).performance.auc));
  // Labels for day 0, days later; then a late prediction of day 1.
  monitors_->record_labels("flights", Feed{}.labels(Feed{}.batch("day0", kStart, 200), 0, 120));
  monitors_->tick();
  EXPECT_EQ(window(0).revision, 2);
  EXPECT_EQ(window(0).performance.labelled, 120U);
  EXPECT_DOUBLE_EQ(window(0).performance.auc, 1);
  EXPECT_EQ(window(0).columns.size(), 2U) << "drift is kept when only labels came";
  EXPECT_EQ(window(1).revision, 1);
  monitors_->record_predictions("flights", Feed{}.batch("late", kStart + kDayMs + 5, 3));
  monitors_->tick();
  EXPECT_EQ(window(1).revision, 2);
  EXPECT_EQ(window(1).rows, 203U);
  EXPECT_EQ(window(0).revision, 2);
  monitors_->tick();
  EXPECT_EQ(window(0).revision, 2) << "nothing new, nothing computed";
  EXPECT_EQ(resolved_, 1) << "the reference is read once";
}

TEST_P(MonitorsTest, AReferenceThatIsNoLongerThereIsToldAndTriedAgain) {
  put("");
  absent_ = "reference.parquet";
  monitors_->forget_references();
  day(0, Feed{});
  day(2, Feed{});
  monitors_->tick();
  EXPECT_THAT(monitors_->last_error("flights"), HasSubstr("the reference of monitor 'flights'"));
  EXPECT_THAT(monitors_->last_error("flights"), HasSubstr("there is no file reference.parquet"));
  EXPECT_THROW(monitors_->evaluate("flights"), Error);
  absent_.clear();
  monitors_->tick();
  EXPECT_EQ(monitors_->last_error("flights"), "");
  EXPECT_THAT(window_days(), ElementsAre(0));
}

TEST_P(MonitorsTest, WhatCouldNeverBeJudgedIsRefusedWhenItIsSetUp) {
  const auto refusal = [this](const std::string& rules, const std::string& reference) -> std::string {
    try {
      monitors_->put(parse_monitor("flights", text::concat(R"({"model_name": "flights", "reference": {"path": ")",
                                                           reference, R"("}, "rules": [)", rules, "]}")));
    } catch (const Error& error) {
      return error.what();
    }
    return "accepted";
  };
  const auto rule = [](const std::string& metric) {
    return R"({"name": "r", "op": ">", "threshold": 0, "metric": ")" + metric + "\"}";
  };
  absent_ = "absent.parquet";
  EXPECT_THAT(refusal("", "absent.parquet"), HasSubstr("there is no file absent.parquet"));
  EXPECT_THAT(refusal(rule("column_drift:nosuch"), "reference.parquet"), HasSubstr("'nosuch' is no column"));
  EXPECT_THAT(refusal(rule("missing_share:nosuch"), "reference.parquet"), HasSubstr("'nosuch' is no column"));
  EXPECT_THAT(monitors_->list(), ElementsAre()) << "a refused monitor is not kept";
  EXPECT_EQ(refusal(rule("column_drift:x"), "reference.parquet"), "accepted");
}

TEST_P(MonitorsTest, LabelsOfOtherThanTwoClassesAreRefusedWhole) {
  LabelBatch batch{{"a", "b"}, {1, 2}, {kStart, kStart}};
  try {
    monitors_->record_labels("flights", batch);
    ADD_FAILURE() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
    EXPECT_THAT(error.what(), HasSubstr("prediction 'b'"));
  }
  batch.labels[1] = 0;
  EXPECT_EQ(monitors_->record_labels("flights", batch).waiting, 2U);
}

constexpr const char* kAucRule =
    R"({"name": "auc low", "metric": "auc", "op": "<", "threshold": 0.6, "for": 2, "cool_down": "3d", "action": {"pipeline": "retrain"}})";

TEST_P(MonitorsTest, AnAlertFiresAfterEnoughWindowsNotifiesOnceAndResolves) {
  put(kAucRule);
  Feed wrong;
  wrong.model_right = false;
  day(0, Feed{});
  day(1, wrong);
  monitors_->evaluate("flights");
  EXPECT_EQ(events().size(), 0U) << "one bad window of two";
  day(2, wrong);
  monitors_->evaluate("flights");
  ASSERT_EQ(events().size(), 1U);
  const auto& attributes = events()[0].attributes;
  EXPECT_EQ(events()[0].kind, "monitor.alert_fired");
  EXPECT_EQ(attributes.at("pipeline"), "retrain");
  EXPECT_EQ(attributes.at("model"), "flights");
  EXPECT_EQ(attributes.at("window_start"), text::format_time_ms(kStart + 2 * kDayMs));
  EXPECT_EQ(attributes.at("value"), "0.0");
  EXPECT_THAT(registry_.expose(),
              HasSubstr("slipway_alert_firing{monitor=\"flights\",model=\"flights\",rule=\"auc low\"} 1"));
  day(3, wrong);
  monitors_->evaluate("flights");
  EXPECT_EQ(events().size(), 1U) << "still firing, still cooling down";
  day(4, Feed{});
  monitors_->evaluate("flights");
  const auto alerts = monitors_->list_alerts("flights", 10);
  ASSERT_EQ(alerts.size(), 1U);
  EXPECT_EQ(alerts[0].state, AlertState::kResolved);
  EXPECT_EQ(alerts[0].resolved_end_ms, kStart + 5 * kDayMs);
  EXPECT_THAT(registry_.expose(),
              HasSubstr("slipway_alert_firing{monitor=\"flights\",model=\"flights\",rule=\"auc low\"} 0"));
}

TEST_P(MonitorsTest, AfterTheCoolDownAnOpenAlertNotifiesAgain) {
  put(kAucRule);
  Feed wrong;
  wrong.model_right = false;
  for (int i = 0; i < 6; ++i) {
    day(i, wrong);
    monitors_->evaluate("flights");
  }
  // Windows end at days 1..6: fires at 2, again at 5.
  ASSERT_EQ(events().size(), 2U);
  EXPECT_EQ(events()[1].attributes.at("window_end"), text::format_time_ms(kStart + 5 * kDayMs));
  EXPECT_EQ(monitors_->list_alerts("flights", 10).size(), 1U);
}

TEST_P(MonitorsTest, PerformanceIsNotJudgedBeforeEnoughLabelsCame) {
  put(kAucRule);
  Feed wrong;
  wrong.model_right = false;
  day(0, wrong, 60);
  day(1, wrong, 60);
  monitors_->evaluate("flights");
  EXPECT_EQ(events().size(), 0U);
  for (int i = 0; i < 2; ++i) {
    monitors_->record_labels("flights",
                             wrong.labels(wrong.batch("day" + std::to_string(i), kStart + i * kDayMs, 200), 60, 200));
  }
  monitors_->tick();
  EXPECT_EQ(events().size(), 1U) << "late labels complete the windows and the rule sees them";
}

TEST_P(MonitorsTest, WindowsWithFewRowsAreNotJudged) {
  put(R"({"name": "drift", "metric": "drift_share", "op": ">=", "threshold": 0.5})");
  Feed drifted;
  drifted.shift = 20;
  monitors_->record_predictions("flights", drifted.batch("few", kStart, 49));
  monitors_->evaluate("flights");
  EXPECT_EQ(events().size(), 0U);
  monitors_->record_predictions("flights", drifted.batch("more", kStart, 1));
  monitors_->evaluate("flights");
  EXPECT_EQ(events().size(), 1U);
}

TEST_P(MonitorsTest, ANewRuleLooksAtTheLatestWindowNotAtHistory) {
  put("");
  Feed drifted;
  drifted.shift = 20;
  day(0, drifted);
  day(1, Feed{});
  monitors_->evaluate("flights");
  put(R"({"name": "drift", "metric": "drift_share", "op": ">=", "threshold": 0.5})");
  monitors_->tick();
  EXPECT_EQ(events().size(), 0U);
  EXPECT_THAT(window_days(), ElementsAre(0, 1)) << "other rules do not throw windows away";
}

TEST_P(MonitorsTest, OtherWindowLengthsStartAnew) {
  put("");
  day(0, Feed{});
  day(1, Feed{});
  monitors_->evaluate("flights");
  monitors_->put(parse_monitor("flights", R"({"model_name": "flights", "window": "2d", "window_origin": "2022-01-08",
      "reference": {"path": "reference.parquet"}})"));
  EXPECT_THAT(monitors_->list_windows("flights", 10), ElementsAre());
  monitors_->evaluate("flights");
  ASSERT_EQ(monitors_->list_windows("flights", 10).size(), 1U);
  EXPECT_EQ(monitors_->list_windows("flights", 10)[0].rows, 400U);
}

TEST_P(MonitorsTest, AColumnThatTheMonitorNamesAndNobodySendsHasDrifted) {
  put("", R"("columns": ["x", "probability"], )");
  day(0, Feed{});
  monitors_->evaluate("flights");
  const Window found = window(0);
  ASSERT_NE(found.find_column("probability"), nullptr);
  EXPECT_TRUE(found.find_column("probability")->drifted);
  EXPECT_EQ(found.find_column("probability")->note, "not in the current data");
}

TEST_P(MonitorsTest, RecentGivesInputsWithScoresAndLabels) {
  day(0, Feed{}, 30);
  const tables::Table labelled = monitors_->recent("flights", kStart, kStart + kDayMs);
  EXPECT_EQ(labelled.rows(), 30U);
  EXPECT_EQ(labelled.get("label").number(0), 0);
  EXPECT_DOUBLE_EQ(labelled.get("probability").number(7), 0.75);
  EXPECT_EQ(labelled.get("kind").text(0), "a");
  EXPECT_EQ(labelled.get("model_version").text(0), "1");
  EXPECT_EQ(monitors_->recent("flights", kStart, kStart + kDayMs, RecentRows::kAll).rows(), 200U);
  EXPECT_EQ(monitors_->recent("flights", kStart + 10, kStart + 20, RecentRows::kAll).rows(), 10U);
  EXPECT_EQ(monitors_->recent("nobody", kStart, kStart + kDayMs).rows(), 0U);
}

TEST_P(MonitorsTest, GaugesShowTheLatestWindowAndGoWithTheMonitor) {
  put("");
  day(0, Feed{});
  monitors_->evaluate("flights");
  const std::string exposed = registry_.expose();
  EXPECT_THAT(exposed,
              HasSubstr("slipway_drift_score{monitor=\"flights\",model=\"flights\",column=\"x\",method=\"ks\"}"));
  EXPECT_THAT(exposed, HasSubstr("slipway_live_auc{monitor=\"flights\",model=\"flights\",version=\"1\"} 1"));
  EXPECT_THAT(exposed, HasSubstr("slipway_label_coverage{monitor=\"flights\",model=\"flights\"} 1"));
  monitors_->put(parse_monitor("second", R"({"model_name": "flights", "window": "1d",
      "reference": {"path": "reference.parquet"}})"));
  monitors_->evaluate("second");
  EXPECT_THAT(registry_.expose(), HasSubstr("slipway_label_coverage{monitor=\"flights\",model=\"flights\"} 1"));
  EXPECT_THAT(registry_.expose(), HasSubstr("slipway_label_coverage{monitor=\"second\",model=\"flights\"} 1"));
  monitors_->remove("flights");
  EXPECT_EQ(registry_.expose().find("slipway_drift_score{monitor=\"flights\""), std::string::npos);
  EXPECT_THROW(monitors_->get("flights"), Error);
}

TEST_P(MonitorsTest, TheReportShowsWindowsAndAlerts) {
  put(R"({"name": "many columns", "metric": "drift_share", "op": ">=", "threshold": 0.5})");
  Feed drifted;
  drifted.shift = 20;
  day(0, drifted);
  monitors_->evaluate("flights");
  const std::string page = monitors_->report_page("flights");
  EXPECT_THAT(page, HasSubstr("many columns"));
  EXPECT_THAT(page, HasSubstr("2022-01-08"));
}

INSTANTIATE_TEST_SUITE_P(Databases, MonitorsTest, ::testing::Values("sqlite", "postgresql"),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace slipway::monitoring
