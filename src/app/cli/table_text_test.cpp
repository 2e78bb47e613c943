#include "app/cli/table_text.h"

#include <gtest/gtest.h>

namespace slipway::cli {
namespace {

TEST(TableText, AlignsNumbersRightAndTextLeft) {
  EXPECT_EQ(table_text({"name", "n"}, {{"a", "5"}, {"Grüße", "1234"}}), "name   n\na         5\nGrüße  1234\n");
}

TEST(TableText, ShowsNoControlCharactersAndCutsLongCells) {
  const std::string text = table_text({"a"}, {{"\x1b[2J"}, {std::string(100, 'x')}});
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_EQ(text, "a\n?[2J\n" + std::string(39, 'x') + "\u2026\n");
}

TEST(TableText, FitsTheTerminalByCuttingTheWidestColumns) {
  const std::string text = table_text({"name", "reason"}, {{"model", std::string(30, 'x')}}, 40, {20, false});
  EXPECT_EQ(text, "name   reason\nmodel  xxxxxxxxxxxx\u2026\n");
  const std::string narrow = table_text({"name", "reason"}, {{"model", std::string(30, 'x')}}, 40, {3, false});
  EXPECT_EQ(narrow, "name   reason\nmodel  xxxxxxx\u2026\n") << "a column that shows nothing helps nobody";
}

TEST(TableText, ColoursVerdictsWithoutChangingTheLayout) {
  const std::string text =
      table_text({"column", "verdict", "n"}, {{"a", "DRIFT", "1"}, {"b", "stable", "22"}}, 40, {80, true});
  EXPECT_EQ(text,
            "\033[1mcolumn\033[0m  \033[1mverdict\033[0m  \033[1mn\033[0m\n"
            "a       \033[31mDRIFT\033[0m     1\n"
            "b       \033[32mstable\033[0m   22\n");
}

}  // namespace
}  // namespace slipway::cli
