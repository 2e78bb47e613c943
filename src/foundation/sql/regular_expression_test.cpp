#include "foundation/sql/regular_expression.h"

#include <gtest/gtest.h>

#include <string>

#include "foundation/base/clock.h"
#include "foundation/base/error.h"
#include "foundation/sql/database.h"

namespace slipway::sql {
namespace {

ErrorCode fault_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.code();
  }
  ADD_FAILURE() << "nothing was thrown";
  return ErrorCode::kInternal;
}

std::optional<int64_t> match(Database& database, const Value& text, const std::string& pattern) {
  std::optional<int64_t> out;
  database.read([&](Transaction& transaction) {
    transaction.query("SELECT ? REGEXP ?", {text, pattern}, [&](const Row& row) { out = row.find_int(0); });
  });
  return out;
}

TEST(RegularExpression, IsLookedForAnywhere) {
  const auto database = open_database("sqlite::memory:");
  EXPECT_EQ(match(*database, "a gpt-4 model", "gpt-[0-9]"), 1);
  EXPECT_EQ(match(*database, "a gpt-4 model", "^gpt"), 0);
  EXPECT_EQ(match(*database, "Grüße", "ü"), 1);
  EXPECT_EQ(match(*database, nullptr, "x"), std::nullopt);
}

TEST(RegularExpression, WhatIsNoneIsTheCallersFault) {
  for (const std::string& pattern : {std::string("("), std::string("[z-a]"), std::string(1001, 'a')}) {
    EXPECT_EQ(fault_of([&] { check_pattern(pattern); }), ErrorCode::kInvalidArgument) << pattern;
  }
  check_pattern("^(a|b)+$");
}

// A pattern whose steps double with every character ends in an error, not in hours.
TEST(RegularExpression, GivesUpWhatWouldTakeTooLong) {
  const auto database = open_database("sqlite::memory:");
  const int64_t start = steady_ms();
  EXPECT_EQ(fault_of([&] { match(*database, std::string(5000, 'a') + "!", "^(a+)+$"); }), ErrorCode::kTooLarge);
  EXPECT_LT(steady_ms() - start, 20'000);
}

}  // namespace
}  // namespace slipway::sql
