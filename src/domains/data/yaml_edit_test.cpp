#include "domains/data/yaml_edit.h"

#include <gtest/gtest.h>

#include "domains/data/yaml.h"
#include "foundation/base/error.h"

namespace slipway::data {
namespace {

constexpr std::string_view kFile =
    "# top\nstages:\n  # of a\n  a:\n    cmd: run  # how\n    deps:\n    - x\n    - y\n\n  # of b\n  b: {cmd: "
    "go}\nvars: []\n";

TEST(YamlEdit, ChangesOnlyTheLinesOfTheValue) {
  EXPECT_EQ(set_in_yaml(kFile, "f", {"stages", "a", "cmd"}, Value::string("walk")),
            "# top\nstages:\n  # of a\n  a:\n    cmd: walk  # how\n    deps:\n    - x\n    - y\n\n  # of b\n"
            "  b: {cmd: go}\nvars: []\n");
  EXPECT_EQ(set_in_yaml(kFile, "f", {"stages", "a", "frozen"}, Value::boolean(true)),
            "# top\nstages:\n  # of a\n  a:\n    cmd: run  # how\n    deps:\n    - x\n    - y\n    frozen: true\n\n"
            "  # of b\n  b: {cmd: go}\nvars: []\n");
  EXPECT_EQ(erase_in_yaml(kFile, "f", {"stages", "a", "deps"}),
            "# top\nstages:\n  # of a\n  a:\n    cmd: run  # how\n\n  # of b\n  b: {cmd: go}\nvars: []\n");
  EXPECT_EQ(set_in_yaml(kFile, "f", {"stages", "a", "cmd"}, Value::string("run")), kFile);
}

TEST(YamlEdit, MakesWhatIsMissingOnTheWay) {
  EXPECT_EQ(set_in_yaml("", "f", {"a", "b"}, Value::integer(1)), "a:\n  b: 1\n");
  EXPECT_EQ(set_in_yaml("a: 1\n\n# end\n", "f", {"c", "d"}, Value::string("x")), "a: 1\n\n# end\nc:\n  d: x\n");
  EXPECT_EQ(set_in_yaml("a:\nb: 2\n", "f", {"a", "x"}, Value::integer(1)), "a:\n  x: 1\nb: 2\n");
}

TEST(YamlEdit, WritesTheFileAnewWhereLinesAreNotEnough) {
  const std::string out = set_in_yaml(kFile, "f", {"stages", "b", "cmd"}, Value::string("stop"));
  EXPECT_EQ(parse_yaml(out, "f").find("stages")->find("b")->find("cmd")->text(), "stop");
  EXPECT_EQ(set_in_yaml("l: [1, 2]\n", "f", {"l", "1"}, Value::integer(3)), "l:\n- 1\n- 3\n");
}

TEST(YamlEdit, RefusesAPathThroughAScalar) {
  EXPECT_THROW(set_in_yaml("a: 1\n", "f", {"a", "b"}, Value::integer(1)), Error);
}

}  // namespace
}  // namespace slipway::data
