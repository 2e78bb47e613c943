#include "domains/experiments/overrides.h"

#include <gmock/gmock.h>

#include "foundation/base/error.h"

namespace slipway::experiments {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string changed(std::string_view text, const std::string& path, const std::vector<std::string>& changes) {
  std::vector<Override> parsed;
  for (const std::string& change : changes) parsed.push_back(parse_override(change));
  return apply(text, path, parsed);
}

TEST(Overrides, ReadValuesOfEveryKind) {
  const auto value = [](const std::string& text) {
    return data::python_json(parse_override("k=" + text).values.front(), data::KeyOrder::kAsIs);
  };
  EXPECT_EQ(value("1"), "1");
  EXPECT_EQ(value("1e-3"), "0.001");
  EXPECT_EQ(value("TRUE"), "true");
  EXPECT_EQ(value("null"), "null");
  EXPECT_EQ(value(""), "\"\"");
  EXPECT_EQ(value("a b"), "\"a b\"");
  EXPECT_EQ(value("'1'"), "\"1\"");
  EXPECT_EQ(value("\"a,b\""), "\"a,b\"");
  EXPECT_EQ(value("a\\,b"), "\"a,b\"");
  EXPECT_EQ(value("[1, [x, 'y']]"), "[1, [\"x\", \"y\"]]");
  EXPECT_EQ(value("{a:1,b:{c:true}}"), "{\"a\": 1, \"b\": {\"c\": true}}");
  EXPECT_EQ(value("path/to:x"), "\"path/to:x\"");
}

TEST(Overrides, ReadSeveralValues) {
  EXPECT_THAT(parse_override("lr=0.1,0.2").texts, ElementsAre("0.1", "0.2"));
  EXPECT_THAT(parse_override("lr=choice(a, b, c)").texts, ElementsAre("a", "b", "c"));
  EXPECT_THAT(parse_override("n=range(1,10,4)").texts, ElementsAre("1", "5", "9"));
  EXPECT_THAT(parse_override("n=range(3)").texts, ElementsAre("0", "1", "2"));
  EXPECT_THAT(parse_override("n=range(0,1,0.5)").texts, ElementsAre("0.0", "0.5"));
  EXPECT_TRUE(parse_override("n=choice(1)").is_sweep());
  EXPECT_FALSE(parse_override("n=[1,2]").is_sweep());
  const auto all = expand_sweeps(parse_overrides({"a=1,2", "b=x,y"}));
  ASSERT_EQ(all.size(), 4u);
  EXPECT_EQ(shown(all[1]), "{'params.yaml': ['a=1', 'b=y']}");
}

TEST(Overrides, RefuseWhatTheyDoNotUnderstand) {
  for (const char* text : {"", "=1", "a", "a=[1", "a='x", "a={x", "a=glob(*)", "a=range(0,1,0)", "a=range(x)", "a b=1",
                           "a=1]", "a=range(1,2,3,4)", "a=range(0,1e9)"}) {
    EXPECT_THROW(parse_override(text), Error) << text;
  }
  EXPECT_THROW(expand_sweeps(parse_overrides({"a=range(1000)", "b=range(1000)"})), Error);
}

TEST(Overrides, ChangeFilesInPlace) {
  const std::string yaml = "# top\nlr: 0.1  # rate\nnet:\n  size: [1, 2]\n";
  EXPECT_EQ(changed(yaml, "params.yaml", {"lr=0.5"}), "# top\nlr: 0.5  # rate\nnet:\n  size: [1, 2]\n");
  EXPECT_THAT(changed(yaml, "params.yaml", {"+net.new=3"}), HasSubstr("  new: 3\n"));
  EXPECT_THAT(changed(yaml, "params.yaml", {"~lr"}), HasSubstr("net:"));
  EXPECT_EQ(changed("a = 1 # one\n[t]\nb = \"x\"\n", "p.toml", {"t.b=y", "a=2"}), "a = 2 # one\n[t]\nb = \"y\"\n");
  EXPECT_EQ(changed("A = 1  # one\nclass N:\n    b = 'x'\n", "p.py", {"N.b=y"}),
            "A = 1  # one\nclass N:\n    b = 'y'\n");
  EXPECT_EQ(changed("{\"a\": {\"b\": 1}}", "p.json", {"a.b=2", "++a.c=3"}), "{\"a\": {\"b\": 2, \"c\": 3}}");
}

TEST(Overrides, SayWhatIsMissing) {
  EXPECT_THROW(changed("a: 1\n", "params.yaml", {"b=1"}), Error);
  EXPECT_THROW(changed("a: 1\n", "params.yaml", {"+a=1"}), Error);
  EXPECT_THROW(changed("a: 1\n", "params.yaml", {"~b"}), Error);
  EXPECT_EQ(changed("a: 1\n", "params.yaml", {"++a=2"}), "a: 2\n");
}

}  // namespace
}  // namespace slipway::experiments
