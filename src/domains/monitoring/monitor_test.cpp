#include "domains/monitoring/monitor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "domains/monitoring/alert_rules.h"
#include "domains/monitoring/duration.h"
#include "foundation/base/error.h"

namespace slipway::monitoring {
namespace {

using ::testing::HasSubstr;

std::string refusal(const std::string& document) {
  try {
    parse_monitor("m", document);
  } catch (const Error& error) {
    return error.what();
  }
  return "accepted";
}

TEST(Duration, IsReadAndWrittenInTheGreatestUnit) {
  EXPECT_EQ(parse_duration_ms("7d", "window"), 604'800'000);
  EXPECT_EQ(parse_duration_ms("250ms", "window"), 250);
  for (const char* text : {"7d", "36h", "15m", "30s", "250ms", "0s"})
    EXPECT_EQ(format_duration(parse_duration_ms(text, "w")), text);
  for (const char* text : {"", "7", "d", "-1d", "7 d", "7w", "99999999999999999999d", "400000d"}) {
    EXPECT_THROW(parse_duration_ms(text, "window"), Error) << text;
  }
}

TEST(MonitorDefinition, ComesBackAsItWentIn) {
  const std::string document =
      R"({"model_name":"flights","window":"7d","lateness":"3d","window_origin":"2013-09-01T00:00:00.000Z",)"
      R"("reference":{"run_id":"r1","artifact_path":"monitoring/reference.parquet"},"columns":["distance"],)"
      R"("drift":{"share":0.3,"per_column":{"distance":{"method":"psi"}}},"min_rows":100,"min_label_coverage":0.8,)"
      R"("rules":[{"name":"auc","metric":"auc","op":"<","threshold":0.65,"for":2,"cool_down":"14d",)"
      R"("action":{"pipeline":"retrain"},"severity":"critical"}]})";
  const Monitor monitor = parse_monitor("flights", document);
  EXPECT_EQ(monitor.window_ms, 7 * int64_t{86'400'000});
  EXPECT_EQ(monitor.rules[0].consecutive, 2);
  EXPECT_EQ(monitor_json(monitor), R"({"name":"flights",)" + document.substr(1));
  EXPECT_EQ(monitor_json(parse_monitor("flights", monitor_json(monitor))), monitor_json(monitor));
}

TEST(MonitorDefinition, FaultsNameTheKey) {
  const std::string good = R"("model_name": "m", "reference": {"path": "r.csv"})";
  EXPECT_EQ(refusal("{" + good + "}"), "accepted");
  EXPECT_THAT(refusal("{" + good + R"(, "windows": "7d"})"), HasSubstr("'windows'"));
  EXPECT_THAT(refusal("{" + good + R"(, "window": "soon"})"), HasSubstr("window must be a duration"));
  EXPECT_THAT(refusal("{" + good + R"(, "window": "1s"})"), HasSubstr("at least 1m"));
  EXPECT_THAT(refusal("{" + good + R"(, "min_label_coverage": 7})"), HasSubstr("min_label_coverage"));
  EXPECT_THAT(refusal("{" + good + R"(, "drift": {"method": "magic"}})"), HasSubstr("magic"));
  EXPECT_THAT(refusal(R"({"model_name": "m", "reference": {"run_id": "r"}})"), HasSubstr("artifact_path"));
  const auto rule = [&](const std::string& text) { return refusal("{" + good + R"(, "rules": [)" + text + "]}"); };
  EXPECT_THAT(rule(R"({"name": "a", "metric": "accuracy", "op": "<", "threshold": 1})"), HasSubstr("'accuracy'"));
  EXPECT_THAT(rule(R"({"name": "a", "metric": "auc", "op": "=", "threshold": 1})"), HasSubstr("op must be"));
  EXPECT_THAT(rule(R"({"name": "a", "metric": "auc", "op": "<", "threshold": 1, "for": 0})"), HasSubstr("for must be"));
  EXPECT_THAT(rule(R"({"name": "a", "metric": "column_drift:", "op": "<", "threshold": 1})"),
              HasSubstr("column_drift:"));
  const std::string once = R"({"name": "a", "metric": "auc", "op": "<", "threshold": 1})";
  EXPECT_THAT(rule(once + "," + once), HasSubstr("two rules"));
}

TEST(MonitorWindows, StartAtTheOriginBeforeAndAfterIt) {
  Monitor monitor;
  monitor.window_ms = 100;
  monitor.window_origin_ms = 1030;
  EXPECT_EQ(monitor.window_start(1030), 1030);
  EXPECT_EQ(monitor.window_start(1129), 1030);
  EXPECT_EQ(monitor.window_start(1029), 930);
  EXPECT_EQ(monitor.window_start(0), -70);
}

Window window_of(int64_t number, double drift_share, size_t rows = 100) {
  Window out;
  out.start_ms = number * 10;
  out.end_ms = number * 10 + 10;
  out.rows = rows;
  out.drift_share = drift_share;
  out.columns.resize(1);
  return out;
}

TEST(AlertRules, WindowsThatCannotBeJudgedNeitherBreakNorLengthenARow) {
  Monitor monitor;
  monitor.min_rows = 50;
  AlertRule rule;
  rule.metric = "drift_share";
  rule.threshold = 0.5;
  rule.consecutive = 2;
  const std::vector<Window> windows = {window_of(0, 0.9), window_of(1, 0.9, 10), window_of(2, 0.9)};
  EXPECT_EQ(judge(monitor, rule, windows, 0, {}), AlertStep::kNone);
  EXPECT_EQ(judge(monitor, rule, windows, 1, {}), AlertStep::kNone);
  EXPECT_EQ(judge(monitor, rule, windows, 2, {}), AlertStep::kFire);
}

TEST(AlertRules, TheCoolDownHoldsAlsoAfterAResolution) {
  Monitor monitor;
  AlertRule rule;
  rule.metric = "drift_share";
  rule.threshold = 0.5;
  rule.cool_down_ms = 25;
  const std::vector<Window> windows = {window_of(0, 0.9), window_of(1, 0.9), window_of(2, 0.9), window_of(3, 0.1)};
  RuleState rested;
  rested.ever_notified = true;
  rested.notified_end_ms = 10;
  EXPECT_EQ(judge(monitor, rule, windows, 1, rested), AlertStep::kNone);
  EXPECT_EQ(judge(monitor, rule, windows, 2, rested), AlertStep::kNone);
  rested.notified_end_ms = 5;
  EXPECT_EQ(judge(monitor, rule, windows, 2, rested), AlertStep::kFire);
  RuleState open = rested;
  open.open = true;
  EXPECT_EQ(judge(monitor, rule, windows, 2, open), AlertStep::kNotifyAgain);
  EXPECT_EQ(judge(monitor, rule, windows, 3, open), AlertStep::kResolve);
  EXPECT_EQ(judge(monitor, rule, windows, 3, rested), AlertStep::kNone);
}

}  // namespace
}  // namespace slipway::monitoring
