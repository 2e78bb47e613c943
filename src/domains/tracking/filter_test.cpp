#include "domains/tracking/filter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "foundation/base/error.h"

namespace slipway::tracking {
namespace {

using ::testing::HasSubstr;

Comparison only(std::string_view filter) {
  const auto all = parse_filter(filter);
  EXPECT_EQ(all.size(), 1U) << filter;
  return all.at(0);
}

std::string fault_of(std::string_view filter) {
  try {
    parse_filter(filter);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
    return error.what();
  }
  ADD_FAILURE() << "accepted: " << filter;
  return "";
}

TEST(Filter, NothingIsNoComparison) {
  EXPECT_TRUE(parse_filter("").empty());
  EXPECT_TRUE(parse_filter("  \n ").empty());
}

TEST(Filter, EntityAndKeySplitAtTheFirstDot) {
  const Comparison comparison = only("tags.mlflow.parentRunId = 'abc'");
  EXPECT_EQ(comparison.entity, "tags");
  EXPECT_EQ(comparison.key, "mlflow.parentRunId");
  EXPECT_EQ(comparison.values.at(0).text, "abc");
  EXPECT_EQ(only("name = 'x'").entity, "");
}

TEST(Filter, OddKeysStandInBackTicksOrDoubleQuotes) {
  EXPECT_EQ(only("metrics.`val/acc 1` > 0.9").key, "val/acc 1");
  EXPECT_EQ(only("params.\"a.b c\" = '1'").key, "a.b c");
  EXPECT_EQ(only("metrics.`a=b` >= -1e-3").values.at(0).text, "-1e-3");
  EXPECT_EQ(only("attributes.`Run Name` = 'x'").key, "Run Name");
}

TEST(Filter, EveryOperatorInAnyCaseWithAndWithoutBlanks) {
  EXPECT_EQ(only("metrics.a>1").op, Operator::kGreater);
  EXPECT_EQ(only("metrics.a>=1").op, Operator::kGreaterEqual);
  EXPECT_EQ(only("metrics.a<1").op, Operator::kLess);
  EXPECT_EQ(only("metrics.a<=1").op, Operator::kLessEqual);
  EXPECT_EQ(only("metrics.a!=1").op, Operator::kNotEqual);
  EXPECT_EQ(only("metrics.a<>1").op, Operator::kNotEqual);
  EXPECT_EQ(only("tags.a like 'x%'").op, Operator::kLike);
  EXPECT_EQ(only("tags.a ILIKE 'x%'").op, Operator::kILike);
  EXPECT_EQ(only("tags.a iS nOt NULL").op, Operator::kIsNotNull);
  EXPECT_EQ(only("tags.a is null").op, Operator::kIsNull);
  const Comparison list = only("run_id NOT IN ('a', \"b\",'c')");
  EXPECT_EQ(list.op, Operator::kNotIn);
  EXPECT_EQ(list.values.size(), 3U);
  EXPECT_EQ(only("run_id IN ('a',)").values.size(), 1U);
  EXPECT_EQ(only("run_id IN ('a', 'b' , )").values.size(), 2U);
}

TEST(Filter, AndJoinsAndQuotesHideIt) {
  const auto all = parse_filter("metrics.a > 1 and tags.b = 'x AND y' AND params.c != \"it's\"");
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[1].values[0].text, "x AND y");
  EXPECT_EQ(all[2].values[0].text, "it's");
  EXPECT_EQ(only("tags.a = 'it''s'").values[0].text, "it's");
}

TEST(Filter, WhatIsOutsideTheGrammarIsRefused) {
  for (const char* wrong : {"metrics.a", "metrics.a >", "metrics.a > 1 OR metrics.b > 1", "(metrics.a > 1)",
                            "metrics.a > 1 AND", "= 1", "tags.a = 'x", "metrics.a > 1 metrics.b > 2", "run_id IN ()",
                            "run_id IN ('a'", "run_id IN (,)", "run_id IN ('a',,)", "run_id IN (,'a')", "tags. = 'x'",
                            "tags.a = x", "AND", "tags.a NOT LIKE 'x'", "tags.a IS 'x'", "a = 'b';DROP TABLE runs"}) {
    EXPECT_THAT(fault_of(wrong), HasSubstr("Invalid c")) << wrong;
  }
}

TEST(Filter, HugeFiltersAreRefused) {
  std::string many = "metrics.a > 0";
  for (int i = 0; i < 200; ++i) many += " AND metrics.a > 0";
  EXPECT_THAT(fault_of(many), HasSubstr("at most 100 comparisons"));
}

TEST(OrderKey, DirectionDefaultsToAscending) {
  const OrderKey key = parse_order_key("metrics.`a b` DESC");
  EXPECT_EQ(key.entity, "metrics");
  EXPECT_EQ(key.key, "a b");
  EXPECT_FALSE(key.ascending);
  EXPECT_TRUE(parse_order_key("start_time").ascending);
  EXPECT_TRUE(parse_order_key(" start_time  asc ").ascending);
  EXPECT_EQ(parse_order_key("Run Name desc").key, "Run Name");
}

TEST(OrderKey, WhatIsNoKeyIsRefused) {
  for (const char* wrong : {"", "metrics.a b", "metrics.a > 1", "name ASC, id", "`a"}) {
    EXPECT_THROW(parse_order_key(wrong), Error) << wrong;
  }
}

}  // namespace
}  // namespace slipway::tracking
