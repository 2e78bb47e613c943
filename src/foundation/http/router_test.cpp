#include "foundation/http/router.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "foundation/base/error.h"

namespace slipway::http {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

Router router_of(const std::vector<std::pair<std::string, std::string>>& routes) {
  Router router;
  for (const auto& [method, pattern] : routes) {
    Route route;
    route.method = method;
    route.pattern = pattern;
    router.add(std::move(route));
  }
  return router;
}

std::string pattern_of(const Router& router, std::string_view path, std::string_view method = "GET") {
  const Match match = router.find(method, path, nullptr);
  return match.route == nullptr ? "none" : match.route->pattern;
}

TEST(Router, PrefersLiteralsToNamesToTheRest) {
  const Router router =
      router_of({{"GET", "/a/{x*}"}, {"GET", "/a/{x}"}, {"GET", "/a/b"}, {"GET", "/a/{x}/c"}, {"GET", "/a/b/d"}});
  EXPECT_EQ(pattern_of(router, "/a/b"), "/a/b");
  EXPECT_EQ(pattern_of(router, "/a/z"), "/a/{x}");
  EXPECT_EQ(pattern_of(router, "/a/b/d"), "/a/b/d");
  EXPECT_EQ(pattern_of(router, "/a/b/c"), "/a/{x}/c");
  EXPECT_EQ(pattern_of(router, "/a/b/e"), "/a/{x*}");
  EXPECT_EQ(pattern_of(router, "/a/"), "/a/{x*}");
  EXPECT_EQ(pattern_of(router, "/a"), "/a/{x*}");
  EXPECT_EQ(pattern_of(router, "/b"), "none");
}

TEST(Router, GivesTheValuesOfNames) {
  const Router router = router_of({{"GET", "/runs/{run}/files/{path*}"}, {"POST", "/runs/{id}/files/{rest*}"}});
  EXPECT_THAT(router.find("GET", "/runs/7/files/a/b%20c/d", nullptr).parameters,
              ElementsAre(Pair("path", "a/b c/d"), Pair("run", "7")));
  EXPECT_THAT(router.find("POST", "/runs/7/files/", nullptr).parameters,
              ElementsAre(Pair("id", "7"), Pair("rest", "")));
}

TEST(Router, MixesTextAndNamesInOnePart) {
  const Router router = router_of(
      {{"POST", "/v1/models/{model}:predict"}, {"POST", "/v1/models/{model}"}, {"POST", "/v1/models/{model}:{verb}"}});
  EXPECT_EQ(pattern_of(router, "/v1/models/m:predict", "POST"), "/v1/models/{model}:predict");
  EXPECT_EQ(pattern_of(router, "/v1/models/m", "POST"), "/v1/models/{model}");
  EXPECT_EQ(pattern_of(router, "/v1/models/:predict", "POST"), "/v1/models/{model}");
  EXPECT_THAT(router.find("POST", "/v1/models/a:b:predict", nullptr).parameters, ElementsAre(Pair("model", "a:b")));
  EXPECT_THAT(router.find("POST", "/v1/models/m:explain", nullptr).parameters,
              ElementsAre(Pair("model", "m"), Pair("verb", "explain")));
}

TEST(Router, KeepsAnEncodedSlashInsideItsPart) {
  const Router router = router_of({{"GET", "/m/{name}"}, {"GET", "/m/{name}/x"}});
  EXPECT_THAT(router.find("GET", "/m/a%2Fx", nullptr).parameters, ElementsAre(Pair("name", "a/x")));
  EXPECT_THAT(router.find("GET", "/m/%252e/x", nullptr).parameters, ElementsAre(Pair("name", "%2e")));
  EXPECT_EQ(pattern_of(router, "/m/%zz"), "none");
}

TEST(Router, NeverMatchesANameWithNothing) {
  const Router router = router_of({{"GET", "/m/{name}"}});
  EXPECT_EQ(pattern_of(router, "/m/"), "none");
  EXPECT_EQ(pattern_of(router, "/m"), "none");
  EXPECT_EQ(pattern_of(router, "m/a"), "none");
  EXPECT_EQ(pattern_of(router, ""), "none");
}

TEST(Router, AnswersHeadWhereItAnswersGet) {
  const Router router = router_of({{"GET", "/a"}, {"GET", "/b"}, {"HEAD", "/b"}});
  EXPECT_EQ(router.find("HEAD", "/a", nullptr).route->method, "GET");
  EXPECT_EQ(router.find("HEAD", "/b", nullptr).route->method, "HEAD");
}

TEST(Router, TellsTheOtherMethodsOfAPath) {
  const Router router = router_of({{"GET", "/a/{x}"}, {"DELETE", "/a/{x}"}, {"POST", "/a/b"}});
  std::vector<std::string> allowed;
  EXPECT_EQ(router.find("PUT", "/a/b", &allowed).route, nullptr);
  EXPECT_THAT(allowed, ElementsAre("DELETE", "GET", "HEAD", "POST"));
  allowed.clear();
  EXPECT_EQ(router.find("PUT", "/c", &allowed).route, nullptr);
  EXPECT_THAT(allowed, IsEmpty());
  EXPECT_EQ(router.find("GET", "/a/b", &allowed).route->pattern, "/a/{x}");
  EXPECT_THAT(allowed, IsEmpty());
}

TEST(Router, RefusesMalformedAndDoubleRoutes) {
  for (const char* bad :
       {"a", "/{", "/}", "/{}", "/{a}{b}", "/{a*}/b", "/{a}/{a}", "/{a-b}", "/x{a*}", "/{a}-{b}-{c}"}) {
    EXPECT_THROW(router_of({{"GET", bad}}), Error) << bad;
  }
  EXPECT_THROW(router_of({{"GET", "/a/{x}"}, {"GET", "/a/{y}"}}), Error);
  EXPECT_NO_THROW(router_of({{"GET", "/a/{x}"}, {"POST", "/a/{y}"}}));
}

TEST(Router, StaysQuickOnPathsMadeToBacktrack) {
  std::vector<std::pair<std::string, std::string>> routes;
  for (int i = 1; i < 20; ++i) {
    std::string pattern;
    for (int part = 0; part < i; ++part) pattern += text::concat("/{p", part, "}");
    routes.emplace_back("GET", pattern + "/end");
  }
  const Router router = router_of(routes);
  std::string path;
  for (int i = 0; i < 60; ++i) path += "/end";
  EXPECT_EQ(pattern_of(router, path), "none");
  EXPECT_EQ(pattern_of(router_of({{"GET", "/{a}-{b}-x"}}), "/" + std::string(20000, '-')), "none");
}

TEST(Router, ListsRoutesInTheOrderTheyWereAdded) {
  const Router router = router_of({{"GET", "/b"}, {"POST", "/a"}});
  ASSERT_EQ(router.all().size(), 2U);
  EXPECT_EQ(router.all()[0]->pattern, "/b");
  EXPECT_EQ(router.all()[1]->pattern, "/a");
}

}  // namespace
}  // namespace slipway::http
