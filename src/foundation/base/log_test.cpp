#include "foundation/base/log.h"

#include <gtest/gtest.h>

#include <string>

#include "foundation/base/text.h"

namespace slipway::log {
namespace {

std::string logged(Format format, std::string_view value) {
  configure(Level::kInfo, format);
  testing::internal::CaptureStderr();
  info("request", {{"path", std::string(value)}});
  std::string line = testing::internal::GetCapturedStderr();
  configure(Level::kInfo, Format::kText);
  return line;
}

TEST(Log, WritesPlainValuesAsTheyAre) {
  EXPECT_TRUE(logged(Format::kText, "/a/Gr\u00fc\u00dfe").ends_with(" path=/a/Gr\u00fc\u00dfe\n"));
  EXPECT_TRUE(logged(Format::kText, "a b").ends_with(" path=\"a b\"\n"));
}

TEST(Log, LetsNoClientForgeALineOrSpeakToTheTerminal) {
  for (const Format format : {Format::kText, Format::kJson}) {
    const std::string line = logged(format, "/x\n2026 info \x1b[2J\x7f");
    EXPECT_NE(line.find("\"/x\\u000a2026 info \\u001b[2J\\u007f\""), std::string::npos) << line;
    EXPECT_EQ(line.find('\n'), line.size() - 1);
  }
}

TEST(Log, StaysTextWhateverBytesItIsGiven) {
  for (const Format format : {Format::kText, Format::kJson}) {
    const std::string line = logged(format, "/a/\xff\xc3");
    EXPECT_TRUE(text::is_valid_utf8(line)) << line;
    EXPECT_NE(line.find("\"/a/\\u00ff\\u00c3\""), std::string::npos) << line;
  }
}

}  // namespace
}  // namespace slipway::log
