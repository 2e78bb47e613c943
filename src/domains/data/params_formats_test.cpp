#include "domains/data/params_formats.h"

#include <gtest/gtest.h>

#include "foundation/base/error.h"

namespace slipway::data {
namespace {

std::string json(const Value& value) { return python_json(value, KeyOrder::kAsIs); }

TEST(ParseJson, ReadsAsPythonDoes) {
  EXPECT_EQ(json(parse_json(R"( {"a": [1, -2.5e3, NaN, -Infinity], "b": {"c": null, "d": true}} )", "f")),
            R"({"a": [1, -2500.0, NaN, -Infinity], "b": {"c": null, "d": true}})");
  EXPECT_EQ(parse_json(R"("\u00e9\ud83d\ude00\n")", "f").text(), "é😀\n");
  EXPECT_EQ(json(parse_json(R"({"a": 1, "b": 2, "a": 3})", "f")), R"({"a": 3, "b": 2})");
  EXPECT_EQ(parse_json("123456789012345678901234567890", "f").text(), "123456789012345678901234567890");
}

TEST(ParseJson, RefusesWhatIsDamaged) {
  for (const char* bad : {"", "{", "[1,]", "{\"a\" 1}", "01", "1 2", "\"\\x\"", "tru", "{'a': 1}", "\"a\nb\"", "+1"}) {
    EXPECT_THROW(parse_json(bad, "f"), Error) << bad;
  }
  EXPECT_THROW(parse_json(std::string(5000, '['), "f"), Error);
}

TEST(ParseToml, ReadsTablesListsAndTexts) {
  const Value value = parse_toml(
      "a.b = 1_000 # why\n'quoted key' = \"\"\"\ntwo\nlines\"\"\"\nh = 0xFF\nf = -1e-3\nd = 1979-05-27 07:32:00\n"
      "[t]\nlist = [ 1, # one\n  'x', { k = true } ]\n[t.deep]\nn = inf\n[[many]]\nx = 1\n[[many]]\nx = 2\n",
      "f");
  EXPECT_EQ(json(value),
            R"({"a": {"b": 1000}, "quoted key": "two\nlines", "h": 255, "f": -0.001, "d": "1979-05-27 07:32:00", )"
            R"("t": {"list": [1, "x", {"k": true}], "deep": {"n": Infinity}}, "many": [{"x": 1}, {"x": 2}]})");
}

TEST(ParseToml, TellsWhereValuesStand) {
  const std::string text = "[t]\nlr = 0.5 # rate\n";
  ValueSpans spans;
  parse_toml(text, "f", &spans);
  EXPECT_EQ(text.substr(spans.at("t.lr").begin, spans.at("t.lr").end - spans.at("t.lr").begin), "0.5");
}

TEST(ParseToml, RefusesWhatIsDamaged) {
  for (const char* bad :
       {"a", "a =", "a = 1 2", "[t]\n[t]\n", "a = 1\na = 2", "a = \"x", "[t", "a = [1 2]", "a = tru"}) {
    EXPECT_THROW(parse_toml(bad, "f"), Error) << bad;
  }
}

TEST(ParsePython, ReadsLiteralsAndPassesOverTheRest) {
  const Value value = parse_python_params(
      "import os\nA = 1\nB: float = -1e-3\nC = {'k': [1, None], 2: True}\nD = os.sep\nE = 1 + 2\nx = y = 3\n"
      "F = 'a' \"b\" r'\\n'\nG = 1, 2\nH = (\n  'long'  # a comment (\n)\nif A:\n    I = 1\n"
      "class Net:\n    '''x = 1\n    y = 2'''\n    size = 0x10\n    class Inner: deep = 'd'\n"
      "    def __init__(self):\n        self.name = 'n'; local = 1\n    def run(self):\n        self.no = 1\nZ = 9\n",
      "f");
  EXPECT_EQ(json(value),
            R"({"A": 1, "B": -0.001, "C": {"k": [1, null], "2": true}, "F": "ab\\n", "G": [1, 2], "H": "long", )"
            R"("Net": {"size": 16, "Inner": {"deep": "d"}, "name": "n"}, "Z": 9})");
}

TEST(ParsePython, RefusesWhatNeverEnds) {
  for (const char* bad : {"a = (1", "a = 'x", "a = '''x", "a = )"}) {
    EXPECT_THROW(parse_python_params(bad, "f"), Error) << bad;
  }
  EXPECT_TRUE(parse_python_params("a = " + std::string(5000, '-') + "1", "f").empty());
}

}  // namespace
}  // namespace slipway::data
