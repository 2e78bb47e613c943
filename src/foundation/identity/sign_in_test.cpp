#include "foundation/identity/sign_in.h"

#include <gtest/gtest.h>

#include "foundation/base/error.h"

namespace slipway::identity {
namespace {

class SignInTest : public ::testing::Test {
 protected:
  SignInTest() { accounts_.create("ann", kPassword); }

  bool is_limited(const std::string& name, const std::string& address) {
    try {
      sign_in_.check(name, "a wrong password", address);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kResourceExhausted);
      return true;
    }
    return false;
  }

  static constexpr const char* kPassword = "a long password";
  std::unique_ptr<sql::Database> database_ = sql::open_database("sqlite::memory:");
  ManualClock clock_{1'700'000'000'000};
  Accounts accounts_{*database_, clock_};
  SignInLimits limits_{600'000, 2000, 3, 5, 60'000, 100};
  SignIn sign_in_{accounts_, clock_, limits_};
};

TEST_F(SignInTest, FindsTheUserBehindNameAndPassword) {
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(sign_in_.check("ann", kPassword, "a")->name, "ann");
    EXPECT_FALSE(sign_in_.check("ann", "a wrong password", "a" + std::to_string(round)));
    EXPECT_FALSE(sign_in_.check("bob", kPassword, "b" + std::to_string(round)));
  }
}

TEST_F(SignInTest, WhatIsRememberedCostsNoHash) {
  sign_in_.check("ann", kPassword, "a");
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(sign_in_.check("ann", kPassword, "a"));
  // One hash alone takes longer than all of them may.
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(1));
}

TEST_F(SignInTest, ChangesCountAtOnce) {
  ASSERT_TRUE(sign_in_.check("ann", kPassword, "a"));
  accounts_.create("root", kPassword, true);
  accounts_.set_admin("ann", true);
  EXPECT_TRUE(sign_in_.check("ann", kPassword, "a")->is_admin);
  accounts_.set_password("ann", "the second password");
  EXPECT_FALSE(sign_in_.check("ann", kPassword, "a"));
  EXPECT_TRUE(sign_in_.check("ann", "the second password", "a"));
  accounts_.remove("ann");
  EXPECT_FALSE(sign_in_.check("ann", "the second password", "a"));
}

TEST_F(SignInTest, AnotherProcesssChangesCountSoon) {
  Accounts elsewhere(*database_, clock_);
  ASSERT_TRUE(sign_in_.check("ann", kPassword, "a"));
  elsewhere.set_password("ann", "the second password");
  clock_.advance_ms(limits_.refresh_ms + 1);
  EXPECT_FALSE(sign_in_.check("ann", kPassword, "a"));
}

TEST_F(SignInTest, WhoFailsTooOftenWaits) {
  for (int i = 0; i < limits_.failures; ++i) EXPECT_FALSE(is_limited("ann", "a"));
  EXPECT_TRUE(is_limited("ann", "a"));
  EXPECT_THROW(sign_in_.check("ann", kPassword, "a"), Error) << "the right one too, or it could be guessed on";
  EXPECT_TRUE(sign_in_.check("ann", kPassword, "b")) << "from elsewhere she is let in";
  clock_.advance_ms(limits_.window_ms + 1);
  EXPECT_TRUE(sign_in_.check("ann", kPassword, "a"));
}

TEST_F(SignInTest, TryingManyNamesIsNoWayRound) {
  int limited = 0;
  for (int i = 0; i < 10; ++i) limited += is_limited("name" + std::to_string(i), "a") ? 1 : 0;
  EXPECT_EQ(limited, 10 - limits_.failures_of_address);
}

}  // namespace
}  // namespace slipway::identity
