#include "foundation/html/page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace slipway::html {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kHostile = "<script>alert('x')</script>\" onload=\"y&";

size_t count_of(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

// No tag or attribute of the hostile text survives.
void expect_escaped(const std::string& html) {
  EXPECT_EQ(html.find("<script"), std::string::npos) << html;
  EXPECT_EQ(html.find("\" onload=\""), std::string::npos) << html;
}

TEST(Escaping, EveryPieceEscapesItsText) {
  ChartOptions options;
  options.title = kHostile;
  options.labels = {kHostile, kHostile};
  options.threshold = 1;
  options.threshold_label = kHostile;
  options.x_title = kHostile;
  options.y_title = kHostile;
  const std::vector<Series> series = {{kHostile, {1, 2}}, {kHostile, {3, 4}}};
  const Markup body = heading(2, kHostile) + paragraph(kHostile) + link(kHostile, kHostile) +
                      badge(kHostile, kHostile) + tiles({{kHostile, kHostile}}) +
                      table({kHostile}, {{escaped(kHostile)}}) + bar_chart(series, options) +
                      line_chart(series, options);
  expect_escaped(page(kHostile, body));
}

TEST(Escaping, LinksCarryNoCode) {
  EXPECT_THAT(link("javascript:alert(1)", "x").text, HasSubstr("href=\"#\""));
  EXPECT_THAT(link("JavaScript:alert(1)", "x").text, HasSubstr("href=\"#\""));
  EXPECT_THAT(link("data:text/html,x", "x").text, HasSubstr("href=\"#\""));
  EXPECT_THAT(link("/models/a:b", "x").text, HasSubstr("href=\"/models/a:b\""));
  EXPECT_THAT(link("https://example.org/?a=1&b=2", "x").text, HasSubstr("https://example.org/?a=1&amp;b=2"));
}

TEST(Page, IsOneFileThatLoadsNothing) {
  const std::string html = page("Report", paragraph("text"));
  EXPECT_THAT(html,
              AllOf(HasSubstr("<!DOCTYPE html>"), HasSubstr("<title>Report</title>"), HasSubstr("<h1>Report</h1>")));
  EXPECT_THAT(html, Not(HasSubstr("src=")));
  EXPECT_THAT(html, HasSubstr("<link rel=\"icon\" href=\"data:image/svg+xml,")) << "or browsers ask for /favicon.ico";
  EXPECT_EQ(count_of(html, "<link"), 1U);
  EXPECT_THAT(html, Not(HasSubstr("@import")));
  EXPECT_THAT(html, HasSubstr("prefers-color-scheme: dark"));
}

TEST(Table, AlignsNumbersRight) {
  const std::string html =
      table({"a"}, {{escaped("1,024.5 %")}, {escaped("-3")}, {escaped("UA 12")}, {escaped("-")}}).text;
  EXPECT_EQ(count_of(html, "<td class=\"number\">"), 2U);
}

TEST(Badge, SaysItsToneByAnIconToo) {
  EXPECT_THAT(badge("passed", "good").text, AllOf(HasSubstr("badge good"), HasSubstr("\u2713")));
  EXPECT_THAT(badge("odd", "purple").text, HasSubstr("badge neutral"));
}

TEST(Chart, DrawsABarPerValueAndALegendForSeveral) {
  ChartOptions options;
  options.title = "Counts";
  options.labels = {"a", "b", "c"};
  const std::string one = bar_chart({{"x", {1, 2, NAN}}}, options).text;
  EXPECT_EQ(count_of(one, "<rect"), 2U);
  EXPECT_THAT(one, AllOf(Not(HasSubstr("legend")), HasSubstr("aria-label=\"Counts\""), HasSubstr("b: x 2")));
  EXPECT_THAT(bar_chart({{"x", {1}}, {"y", {2}}}, options).text, HasSubstr("legend"));
}

TEST(Chart, LeavesAGapWhereAValueIsMissing) {
  const std::string html = line_chart({{"x", {1, 2, NAN, 4, 5}}}, {}).text;
  EXPECT_EQ(count_of(html, "<polyline"), 2U);
}

TEST(Chart, DrawsAnythingThatIsNotAPicture) {
  const double infinity = std::numeric_limits<double>::infinity();
  const double largest = std::numeric_limits<double>::max();
  const std::vector<std::vector<double>> odd = {
      {}, {NAN}, {0, 0}, {5}, {-1, 1}, {infinity, -infinity}, {-largest, largest}, {1e-320}};
  for (const std::vector<double>& values : odd) {
    for (const Markup& chart : {bar_chart({{"x", values}}, {}), line_chart({{"x", values}}, {}), sparkbar(values)}) {
      EXPECT_THAT(chart.text, AllOf(Not(HasSubstr("nan")), Not(HasSubstr("=\"inf")), HasSubstr("</svg>")));
    }
  }
  EXPECT_THAT(bar_chart({}, {}).text, HasSubstr("</svg>"));
}

TEST(Sparkbar, ScalesToTheHighest) {
  const std::string html = sparkbar({1, 0, 4}).text;
  EXPECT_EQ(count_of(html, "<rect"), 2U);
  EXPECT_THAT(html, HasSubstr("height=\"24.0\""));
  EXPECT_THAT(html, HasSubstr("viewBox=\"0 0 18.0 24.0\"")) << "a narrow cell shrinks it instead of cutting it";
}

}  // namespace
}  // namespace slipway::html
