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

TEST(HostCheck, StarsStandForAnyCharacters) {
  const HostCheck policy({"app-*.ml.example", "203.0.113.*", "a*b*c"});
  for (const char* host : {"app-1.ml.example", "APP-x.ml.example:5000", "203.0.113.7:80", "abc", "axbyc"})
    EXPECT_TRUE(passes(request_with("GET", host), policy)) << host;
  for (const char* host : {"app-1.ml.example.evil.example", "x.app-1.ml.example", "203.0.114.7", "ab", "acb", ""})
    EXPECT_FALSE(passes(request_with("GET", host), policy)) << host;
}

TEST(HostCheck, WhereABrowserSaysThatAPageIsElsewhereItIsBelieved) {
  const auto from = [](const std::string& method, const std::string& site, const std::string& origin = "") {
    http::Request request = request_with(method, "localhost:5000", origin);
    request.headers.add("Sec-Fetch-Site", site);
    return request;
  };
  EXPECT_FALSE(passes(from("POST", "cross-site")));
  EXPECT_FALSE(passes(from("DELETE", "same-site")));
  EXPECT_TRUE(passes(from("POST", "same-origin")));
  EXPECT_TRUE(passes(from("POST", "none")));
  EXPECT_TRUE(passes(from("GET", "cross-site")));
  EXPECT_TRUE(passes(from("POST", "cross-site", "https://portal.example"), HostCheck({}, {"https://portal.example"})));
}

TEST(HostCheck, AnswersSayWhoMayShowAndReadThem) {
  const auto headers_for = [](const HostCheck& check, const std::string& origin) {
    http::Response response = http::Response::text(200, "x");
    check.finish(request_with("GET", "localhost", origin), response);
    return response.headers;
  };
  const http::Headers plain = headers_for(HostCheck(), "https://evil.example");
  EXPECT_EQ(plain.find("X-Frame-Options"), "SAMEORIGIN");
  EXPECT_EQ(plain.find("X-Content-Type-Options"), "nosniff");
  EXPECT_FALSE(plain.find("Access-Control-Allow-Origin"));
  EXPECT_EQ(headers_for(HostCheck({}, {}, Framing::kDeny), "").find("X-Frame-Options"), "DENY");
  EXPECT_FALSE(headers_for(HostCheck({}, {}, Framing::kAllow), "").find("X-Frame-Options"));
  const http::Headers shared = headers_for(HostCheck({}, {"https://portal.example"}), "https://portal.example");
  EXPECT_EQ(shared.find("Access-Control-Allow-Origin"), "https://portal.example");
  EXPECT_EQ(shared.find("Access-Control-Allow-Credentials"), "true");
  const http::Headers any = headers_for(HostCheck({}, {"*"}), "https://evil.example");
  EXPECT_EQ(any.find("Access-Control-Allow-Origin"), "*");
  EXPECT_FALSE(any.find("Access-Control-Allow-Credentials"));
}

TEST(HostCheck, AnAllowedPageMayAskFirst) {
  const HostCheck policy({}, {"https://portal.example"});
  const auto answer = policy(request_with("OPTIONS", "localhost", "https://portal.example"));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 204);
  EXPECT_TRUE(passes(request_with("OPTIONS", "localhost", "https://evil.example"), policy)) << "and is told nothing";
}

}  // namespace
}  // namespace slipway::identity
