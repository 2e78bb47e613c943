// Every route of a model server is tried by somebody without a token. A route that is not listed here as public must
// refuse him.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "app/model_server/model_server.h"
#include "domains/serving/fake_runtime.h"
#include "foundation/base/error.h"
#include "foundation/base/files.h"
#include "foundation/http/client.h"

namespace slipway::model_server {
namespace {

constexpr const char* kToken = "token-of-the-clients";

// For load balancers, which have no token.
const std::set<std::string> kPublicRoutes = {"GET /ping", "GET /health", "GET /version", "GET /v2/health/live",
                                             "GET /v2/health/ready"};

class EveryRoute : public testing::Test {
 protected:
  ModelServerConfig config() const {
    files::write_atomic(folder_.file("tokens"), text::concat(kToken, " reader clients\n"));
    files::write_atomic(folder_.file("model/MLmodel"), "100");
    ModelServerConfig out;
    out.model = folder_.file("model");
    out.port = 0;
    out.access_log = false;
    out.door.tokens_file = folder_.file("tokens");
    out.opener = [](const std::string& folder) { return serving::open_fake(files::read(folder + "/MLmodel")); };
    return out;
  }

  int status(const ModelServer& server, const http::Route& route, const std::string& authorization) {
    http::ClientRequest request;
    request.method = route.method;
    request.url =
        text::concat("http://127.0.0.1:", server.port(),
                     text::replace_all(text::replace_all(route.pattern, "{model}", "model"), "{version}", "1"));
    if (!authorization.empty()) request.headers.add("Authorization", authorization);
    return client_->send(request).status;
  }

  files::TemporaryFolder folder_;
  std::unique_ptr<http::Client> client_ = http::make_client();
};

TEST_F(EveryRoute, RefusesWhoeverShowsNoToken) {
  ModelServer server(config());
  server.start();
  std::set<std::string> open;
  for (const http::Route* route : server.routes()) {
    const std::string name = text::concat(route->method, " ", route->pattern);
    const bool is_public = kPublicRoutes.contains(name);
    if (is_public) open.insert(name);
    EXPECT_EQ(status(server, *route, ""), is_public ? 200 : 401) << name;
    EXPECT_EQ(status(server, *route, "Bearer a-wrong-token-of-24"), is_public ? 200 : 401) << name;
    EXPECT_NE(status(server, *route, text::concat("Bearer ", kToken)), 401) << name;
  }
  EXPECT_EQ(open, kPublicRoutes) << "a route that is not there any more needs no exception";
}

TEST_F(EveryRoute, IsReachedFromElsewhereOnlyWithATokenOrByInsisting) {
  ModelServerConfig open = config();
  open.door.host = "0.0.0.0";
  EXPECT_NO_THROW(ModelServer{open});
  open.door.tokens_file = "";
  EXPECT_THROW(ModelServer{open}, Error);
  open.door.allow_unauthenticated = true;
  EXPECT_NO_THROW(ModelServer{open});
}

}  // namespace
}  // namespace slipway::model_server
