#include "foundation/base/yaml.h"

#include <gtest/gtest.h>

#include "foundation/base/error.h"

namespace slipway::json {
namespace {

TEST(Yaml, ScalarsBecomeWhatTheyLookLike) {
  const value document = parse_yaml("a: 7\nb: 0.5\nc: true\nd: '7'\ne: 7d\nf:\ng: [x, 1]\nh: {i: ~}\nj: inf\n");
  EXPECT_EQ(write(document),
            R"({"a":7,"b":0.5,"c":true,"d":"7","e":"7d","f":null,"g":["x",1],"h":{"i":null},"j":"inf"})");
}

TEST(Yaml, AFaultTellsItsLine) {
  try {
    parse_yaml("a: 1\nb: [1, 2\nc: 3\n");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
    EXPECT_NE(std::string(error.what()).find("line "), std::string::npos) << error.what();
  }
}

TEST(Yaml, AliasesCannotGrowWithoutEnd) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 9; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
    for (int k = 0; k < 9; ++k) bomb += ", " + before;
    bomb += "]\n";
  }
  EXPECT_THROW(parse_yaml(bomb), Error);
}

TEST(Yaml, DeepNestingIsRefused) { EXPECT_THROW(parse_yaml(std::string(80, '[') + std::string(80, ']')), Error); }

}  // namespace
}  // namespace slipway::json
