#include "foundation/identity/door.h"

#include <gtest/gtest.h>

#include "foundation/base/error.h"
#include "foundation/base/files.h"
#include "foundation/http/client.h"
#include "foundation/http/server_fixture.h"

namespace slipway::identity {
namespace {

constexpr const char* kOld = "token-of-the-old-days";
constexpr const char* kNew = "token-of-the-new-days";
constexpr const char* kOwn = "token-of-the-process";

class DoorTest : public testing::Test {
 protected:
  DoorTest() { write_tokens(kOld); }
  void write_tokens(const std::string& token) const {
    files::write_atomic(folder_.file("tokens"), token + " reader ann\n");
  }
  DoorConfig config() const {
    DoorConfig out;
    out.tokens_file = folder_.file("tokens");
    return out;
  }
  int status(const http::TestServer& server, const std::string& token) {
    http::ClientRequest request;
    request.url = server.url("/");
    if (!token.empty()) request.headers.add("Authorization", "Bearer " + token);
    return client_->send(request).status;
  }

  files::TemporaryFolder folder_;
  std::unique_ptr<http::Client> client_ = http::make_client();
};

TEST_F(DoorTest, TokensAreReadAgainAndBadOnesLeaveTheOld) {
  Door door(config());
  door.add_token(kOwn, {"pipeline", Role::kWriter});
  http::TestServer server;
  server.route("GET", "/", [](http::Request&) { return http::Response::text(200, "in"); });
  door.guard(server.make());
  server.start();
  EXPECT_EQ(status(server, ""), 401);
  EXPECT_EQ(status(server, kOld), 403) << "who it is is known; the route is for nobody";
  write_tokens(kNew);
  EXPECT_EQ(status(server, kNew), 401) << "not read yet";
  door.reload();
  EXPECT_EQ(status(server, kOld), 401);
  EXPECT_EQ(status(server, kNew), 403);
  EXPECT_EQ(status(server, kOwn), 403) << "it is not in the file";
  write_tokens("short");
  door.reload();
  EXPECT_EQ(status(server, kNew), 403);
}

TEST_F(DoorTest, BeyondLoopbackItTakesTokensUsersOrInsisting) {
  DoorConfig open;
  EXPECT_NO_THROW(Door{open});
  for (const char* host : {"0.0.0.0", "::", "192.0.2.7", "ml.example.com"}) {
    open.host = host;
    EXPECT_THROW(Door{open}, Error) << host;
    DoorConfig guarded = config();
    guarded.host = host;
    EXPECT_NO_THROW(Door{guarded});
    guarded = open;
    guarded.has_users = true;
    EXPECT_NO_THROW(Door{guarded});
    guarded = open;
    guarded.allow_unauthenticated = true;
    EXPECT_TRUE(Door{guarded}.is_open());
  }
}

}  // namespace
}  // namespace slipway::identity
