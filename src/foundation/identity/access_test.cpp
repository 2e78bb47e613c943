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
  EXPECT_TRUE(allows(Role::kReader, ""));
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

}  // namespace
}  // namespace slipway::identity
