#include "foundation/identity/access.h"

#include <gtest/gtest.h>

#include "foundation/base/error.h"
#include "foundation/base/hash.h"

namespace slipway::identity {
namespace {

constexpr std::string_view kFile =
    "# ours\nsixteen-characters-1 reader ann   # reads\nsixteen-characters-2\tadmin  bob\n";

http::Route route_with(const std::string& permission) {
  http::Route route;
  route.pattern = "/page";
  route.permission = permission;
  return route;
}

http::Request request_with(const std::string& authorization) {
  http::Request request;
  request.headers.add("Authorization", authorization);
  return request;
}

ErrorCode code_of_check(const Access& access, const http::Request& request, const std::string& permission) {
  try {
    access.check(request, route_with(permission));
  } catch (const Error& error) {
    return error.code();
  }
  return ErrorCode::kInternal;
}

TEST(Access, RolesGrantByTheLastWordOfAPermission) {
  EXPECT_TRUE(allows(Role::kReader, "tracking.read"));
  EXPECT_FALSE(allows(Role::kReader, "tracking.write"));
  EXPECT_TRUE(allows(Role::kWriter, "tracking.write"));
  EXPECT_FALSE(allows(Role::kWriter, "pipelines.admin"));
  EXPECT_TRUE(allows(Role::kAdmin, "pipelines.admin"));
  EXPECT_TRUE(allows(Role::kReader, kPublic));
  EXPECT_TRUE(allows(Role::kReader, kSignedIn));
  EXPECT_FALSE(allows(Role::kWriter, ""));
}

TEST(Access, TokensComeAsBearerOrAsPassword) {
  const Access access = Access::from_text(kFile, "tokens");
  EXPECT_EQ(access.authenticate("Bearer sixteen-characters-1")->name, "ann");
  EXPECT_EQ(access.authenticate("Basic " + base64_encode("any:sixteen-characters-2"))->role, Role::kAdmin);
  for (const char* bad : {"", "Bearer", "Bearer ", "Bearer wrong", "Basic !!!", "Digest sixteen-characters-1"}) {
    EXPECT_FALSE(access.authenticate(bad)) << bad;
  }
}

TEST(Access, ChecksSayWhoIsMissingWhat) {
  const Access access = Access::from_text(kFile, "tokens");
  EXPECT_EQ(code_of_check(access, request_with("Bearer nobody"), "tracking.read"), ErrorCode::kUnauthenticated);
  EXPECT_EQ(code_of_check(access, request_with("Bearer sixteen-characters-1"), "tracking.write"),
            ErrorCode::kPermissionDenied);
  EXPECT_NO_THROW(access.check(request_with("Bearer sixteen-characters-1"), route_with("tracking.read")));
  EXPECT_NO_THROW(Access::open().check(request_with(""), route_with("pipelines.admin")));
}

TEST(Access, ABadFileIsRefusedWithItsLineAndWithoutTheToken) {
  for (const char* bad : {"", "short admin bob", "sixteen-characters-3 king bob", "sixteen-characters-3 admin"}) {
    try {
      Access::from_text(bad, "tokens");
      FAIL() << bad;
    } catch (const Error& error) {
      EXPECT_EQ(std::string(error.what()).find("sixteen"), std::string::npos);
    }
  }
}

class AccessOfUsers : public ::testing::Test {
 protected:
  AccessOfUsers() {
    access_.add_users(std::make_shared<SignIn>(accounts_, clock_));
    accounts_.create("root", "a password of root", true);
    accounts_.create("ann", "a password of ann");
  }
  static http::Request basic(const std::string& name, const std::string& password) {
    return request_with("Basic " + base64_encode(name + ":" + password));
  }

  std::unique_ptr<sql::Database> database_ = sql::open_database("sqlite::memory:");
  ManualClock clock_{1'700'000'000'000};
  Accounts accounts_{*database_, clock_};
  Access access_ = Access::from_text(kFile, "tokens");
};

TEST_F(AccessOfUsers, SignInBesideTokens) {
  const auto caller = access_.check(basic("ann", "a password of ann"), route_with("tracking.write"));
  EXPECT_EQ(caller->name, "ann");
  EXPECT_TRUE(caller->has_account());
  EXPECT_FALSE(caller->is_admin);
  EXPECT_TRUE(access_.check(basic("root", "a password of root"), route_with("pipelines.admin"))->is_admin);
  EXPECT_EQ(access_.check(request_with("Bearer sixteen-characters-1"), route_with("tracking.read"))->everywhere,
            Permission::kRead);
  for (const auto& bad : {basic("ann", "a password of root"), basic("nobody", "a password of ann"), basic("ann", ""),
                          basic("", "a password of ann"), request_with("Bearer a password of ann"), request_with("")}) {
    EXPECT_EQ(code_of_check(access_, bad, "tracking.read"), ErrorCode::kUnauthenticated);
  }
}

TEST_F(AccessOfUsers, WhatNobodyAsksForFurtherIsForAdministrators) {
  const auto ann = basic("ann", "a password of ann");
  EXPECT_NO_THROW(access_.check(ann, route_with("registry.read")));
  EXPECT_NO_THROW(access_.check(ann, route_with(std::string(kSignedIn))));
  for (const char* permission : {"monitoring.read", "pipelines.write", "governance.read", "audit.read", ""}) {
    EXPECT_EQ(code_of_check(access_, ann, permission), ErrorCode::kPermissionDenied) << permission;
  }
}

TEST_F(AccessOfUsers, WithoutAPageNobodyLearnsAnythingUnasked) {
  http::Route nowhere;
  EXPECT_NO_THROW(access_.check(basic("ann", "a password of ann"), nowhere));
  EXPECT_NO_THROW(access_.check(request_with("Bearer sixteen-characters-1"), nowhere));
  EXPECT_EQ(code_of_check(access_, request_with(""), ""), ErrorCode::kUnauthenticated);
}

TEST(Access, ARouteThatSaysNobodyWhoMayUseItKeepsTheServerFromStarting) {
  for (const char* sound : {"public", "signed-in", "tracking.read", "registry.write", "pipelines.admin"}) {
    const http::Route route = route_with(sound);
    EXPECT_NO_THROW(check_permissions({&route})) << sound;
  }
  for (const char* bad : {"", "read", "tracking.", ".read", "tracking.peek", "a.b.read"}) {
    const http::Route route = route_with(bad);
    EXPECT_THROW(check_permissions({&route}), Error) << bad;
  }
}

}  // namespace
}  // namespace slipway::identity
