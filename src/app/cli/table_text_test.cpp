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

}  // namespace
}  // namespace slipway::cli
