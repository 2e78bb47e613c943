#include "foundation/identity/host_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipway::identity {
namespace {

http::Request request_with(std::string method, const std::string& host, const std::string& origin = "") {
  http::Request request;
  request.method = std::move(method);
  request.path = "/api/2.0/mlflow/runs/create";
  request.headers.add("Host", host);
  if (!origin.empty()) request.headers.add("Origin", origin);
  return request;
}

bool passes(const http::Request& request, const HostCheck& check = HostCheck()) { return !check(request).has_value(); }

TEST(HostCheck, LocalNamesAndPrivateAddressesPassWithAnyPort) {
  for (const char* host : {"localhost", "localhost:5000", "LOCALHOST:1", "127.0.0.1:5000", "127.8.9.1", "[::1]:5000",
                           "10.1.2.3", "172.16.0.1", "172.31.255.1:80", "192.168.1.7:5000", "[fd00::1]:5000"}) {
    EXPECT_TRUE(passes(request_with("GET", host))) << host;
  }
}

TEST(HostCheck, EverybodyElseIsRefusedWithAReason) {
  for (const char* host : {"evil.example", "8.8.8.8", "172.32.0.1", "127.0.0.1.evil.example", "localhost.evil.example",
                           "", "10.1.2.3.evil.example:5000", "[2001:db8::1]:5000", "[", "127.1"}) {
    const auto answer = HostCheck()(request_with("GET", host));
    ASSERT_TRUE(answer.has_value()) << host;
    EXPECT_EQ(answer->status, 403);
    EXPECT_THAT(std::get<std::string>(answer->body), ::testing::HasSubstr("Invalid Host header"));
  }
}

TEST(HostCheck, NamesOfThePolicyPassAndWildcardsCoverSubdomainsOnly) {
  const HostCheck policy({"mlops.example:5000", "*.ml.example"});
  EXPECT_TRUE(passes(request_with("GET", "mlops.example"), policy));
  EXPECT_TRUE(passes(request_with("GET", "a.ml.example:80"), policy));
  EXPECT_FALSE(passes(request_with("GET", "ml.example"), policy));
  EXPECT_FALSE(passes(request_with("GET", "evilml.example"), policy));
  EXPECT_TRUE(passes(request_with("GET", "anything"), HostCheck({"*"})));
}

TEST(HostCheck, ProbesMayNameUsAsTheyLike) {
  http::Request request = request_with("GET", "probe.internal.example");
  request.path = "/health";
  EXPECT_TRUE(passes(request));
}

TEST(HostCheck, AForeignPageMayChangeNothing) {
  EXPECT_TRUE(passes(request_with("POST", "localhost:5000", "http://localhost:5000")));
  EXPECT_TRUE(passes(request_with("POST", "localhost:5000")));
  EXPECT_FALSE(passes(request_with("POST", "localhost:5000", "http://localhost:3000")));
  EXPECT_FALSE(passes(request_with("DELETE", "localhost:5000", "https://evil.example")));
  EXPECT_FALSE(passes(request_with("POST", "localhost:5000", "null")));
  EXPECT_TRUE(passes(request_with("GET", "localhost:5000", "https://evil.example")));
  EXPECT_TRUE(passes(request_with("POST", "localhost:5000", "https://portal.example"),
                     HostCheck({}, {"https://portal.example"})));
}

}  // namespace
}  // namespace slipway::identity
