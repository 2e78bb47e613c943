#include <gtest/gtest.h>

#include "domains/governance/audit_log.h"
#include "domains/governance/promotions.h"
#include "foundation/base/error.h"

namespace slipway::governance {
namespace {

jobs::Event event_named(const std::string& kind, int64_t time_ms) {
  jobs::Event event;
  event.kind = kind;
  event.subject = "flights";
  event.attributes = {{"version", "3"}, {"note", "a \"quoted\" word"}};
  event.time_ms = time_ms;
  return event;
}

TEST(AuditLog, ReturnsEventsInOrderAndByKindOrPrefix) {
  const auto database = sql::open_database("sqlite::memory:");
  AuditLog log(*database);
  log.record(event_named("monitor.alert_fired", 10));
  log.record(event_named("monitors", 11));
  log.record(event_named("run.created", 12));

  const auto all = log.list("", 0, 10);
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].event.attributes.at("note"), "a \"quoted\" word");
  EXPECT_EQ(all[2].event.time_ms, 12);
  EXPECT_EQ(log.list("monitor.", 0, 10).size(), 1U);
  EXPECT_EQ(log.list("run.created", 0, 10).size(), 1U);
  EXPECT_EQ(log.list("", all[1].sequence, 10).size(), 1U);
  EXPECT_EQ(log.list("", 0, 2).size(), 2U);
}

class PromotionsTest : public testing::Test {
 protected:
  Decision decision(Verdict verdict, const std::string& champion) {
    Decision out;
    out.model = "flights";
    out.alias = "champion";
    out.challenger_version = "2";
    out.champion_version = champion;
    out.verdict = verdict;
    out.reason = "auc 0.61 is below the champion's 0.70";
    out.report = "{}";
    return out;
  }

  std::unique_ptr<sql::Database> database_ = sql::open_database("sqlite::memory:");
  ManualClock clock_{1000};
  SeededIdSource ids_{1};
  jobs::EventBus bus_;
  std::string holder_ = "1";
  Promotions promotions_{*database_,
                         clock_,
                         ids_,
                         bus_,
                         [this](const auto&, const auto&) { return holder_; },
                         [this](const auto&, const auto&, const std::string& version) { holder_ = version; }};
};

TEST_F(PromotionsTest, APassingDecisionMovesTheAlias) {
  promotions_.decide(decision(Verdict::kPromoted, "1"));
  EXPECT_EQ(holder_, "2");
}

TEST_F(PromotionsTest, ARefusalKeepsTheAliasAndTheReason) {
  promotions_.decide(decision(Verdict::kRefused, "1"));
  EXPECT_EQ(holder_, "1");
  const auto kept = promotions_.list("flights", 10);
  ASSERT_EQ(kept.size(), 1U);
  EXPECT_EQ(kept[0].verdict, Verdict::kRefused);
  EXPECT_EQ(kept[0].reason, "auc 0.61 is below the champion's 0.70");
}

TEST_F(PromotionsTest, AComparisonWithAFormerChampionIsAConflict) {
  holder_ = "7";
  try {
    promotions_.decide(decision(Verdict::kPromoted, "1"));
    FAIL() << "the alias had moved";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kConflict);
  }
  EXPECT_EQ(holder_, "7");
  EXPECT_TRUE(promotions_.list("flights", 10).empty());
}

}  // namespace
}  // namespace slipway::governance
