#include "domains/data/yaml_fault.h"

#include <gtest/gtest.h>

#include "domains/data/yaml.h"

namespace slipway::data {
namespace {

TEST(YamlFault, IsToldWithItsLine) {
  const std::string text = "stages:\n  a:\n    outs:\n    - x\n    - y:\n        cach: no\n";
  EXPECT_EQ(line_in_yaml(text, {"stages", "a", "outs", "1", "y", "cach"}), 6U);
  EXPECT_EQ(line_in_yaml(text, {"stages", "a", "outs", "7"}), 3U);
  EXPECT_EQ(line_in_yaml(text, {}), 1U);
  EXPECT_STREQ(
      YamlFault({"stages", "a", "outs"}, "it must be a list").told(text, "dvc.yaml").what(),
      "'dvc.yaml' is invalid: it must be a list, in stages -> a -> outs, line 3\n\n  2 |   a:\n  3 |     outs:");
}

TEST(YamlFault, AMergeConflictIsNamed) {
  const std::string conflict = "<<<<<<< HEAD\na: 1\n=======\na: 2\n>>>>>>> other\n";
  EXPECT_TRUE(has_conflict_markers(conflict));
  EXPECT_FALSE(has_conflict_markers("a: ' <<<<<<< '\nb: <<<<<<<<\n========\n"));
  try {
    parse_yaml(conflict, "f.dvc");
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string_view(error.what()).find("(possible merge conflicts)"), std::string_view::npos)
        << error.what();
    EXPECT_NE(std::string_view(error.what()).find("2 | a: 1"), std::string_view::npos) << error.what();
  }
}

}  // namespace
}  // namespace slipway::data
