#include "domains/data/yaml.h"

#include <gtest/gtest.h>

#include "domains/data/value.h"
#include "foundation/base/error.h"

namespace slipway::data {
namespace {

std::string written(std::string_view text) {
  Value value = Value::map();
  value.set("a", Value::string(text));
  return write_yaml(value);
}

TEST(Yaml, UnquotedScalarsMeanWhatYaml12Says) {
  for (const char* text : {"yes", "no", "on", "off", "y", "tRue", "_1", "1:30", ".5e3", "1.5.2", "1-2", "-", "0xG"}) {
    EXPECT_EQ(resolve_scalar(text), ScalarKind::kString) << text;
  }
  for (const char* text : {"1e5", "1e+5", "1.e5", ".5", "+.5", ".5e+3", "1.", ".inf", "-.inf", ".nan", "1e-05"}) {
    EXPECT_EQ(resolve_scalar(text), ScalarKind::kFloat) << text;
  }
  for (const char* text : {"012", "0o12", "0x1F", "0b11", "1_000", "-1", "+1", "0"}) {
    EXPECT_EQ(resolve_scalar(text), ScalarKind::kInt) << text;
  }
  EXPECT_EQ(resolve_scalar("2024-01-01"), ScalarKind::kDate);
  EXPECT_EQ(resolve_scalar("~"), ScalarKind::kNull);
}

TEST(Yaml, NumbersAreWrittenInPythonsForm) {
  const Value value = parse_yaml("a: 1e5\nb: 012\nc: 0x1F\nd: 1_000\ne: 1.0e-5\nf: .inf\ng: 1e22\nh: 0o12\n", "x");
  EXPECT_EQ(write_yaml(value), "a: 100000.0\nb: 12\nc: 31\nd: 1000\ne: 1e-05\nf: .inf\ng: 1e+22\nh: 10\n");
}

TEST(Yaml, StringsThatWouldReadAsSomethingElseAreQuoted) {
  EXPECT_EQ(written("2.0"), "a: '2.0'\n");
  EXPECT_EQ(written("true"), "a: 'true'\n");
  EXPECT_EQ(written(""), "a: ''\n");
  EXPECT_EQ(written("yes"), "a: yes\n");
  EXPECT_EQ(written("a: b"), "a: 'a: b'\n");
  EXPECT_EQ(written("#x"), "a: '#x'\n");
  EXPECT_EQ(written("'q'"), "a: \"'q'\"\n");
  EXPECT_EQ(written("x\ny\n"), "a: \"x\\ny\\n\"\n");
  EXPECT_EQ(written("tab\there"), "a: \"tab\\there\"\n");
  EXPECT_EQ(written("a,b{c}"), "a: a,b{c}\n");
  EXPECT_EQ(written(" lead"), "a: ' lead'\n");
  EXPECT_EQ(written("é日😀"), "a: é日😀\n");
}

TEST(Yaml, LongCommandsFoldAtEightyColumnsAndKeepTheBlank) {
  std::string command = "echo ";
  for (int i = 0; i < 20; ++i) command += "word ";
  command += "> o.txt";
  EXPECT_EQ(written(command),
            "a: echo word word word word word word word word word word word word word word \n"
            "  word word word word word word > o.txt\n");
}

// Texts that need no fold. Where an escape or two blanks meet a fold, DVC's own writer, whose bytes these are, gives a
// file that reads back with a blank more or less, in DVC as well.
TEST(Yaml, WhatIsWrittenReadsBackTheSame) {
  const std::vector<std::string> pieces = {"word",
                                           " ",
                                           "  ",
                                           "'",
                                           "\"",
                                           "\n",
                                           ": ",
                                           "#",
                                           " #",
                                           "\\",
                                           "é",
                                           "\t",
                                           "{",
                                           "x:",
                                           "-",
                                           "0",
                                           "1e5",
                                           ",",
                                           "averyveryverylongwordwithoutanyblank"};
  uint64_t seed = 7;
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    for (int n = 0; n < round % 40; ++n) {
      seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
      text += pieces[(seed >> 33U) % pieces.size()];
    }
    if (text.size() > 60) continue;
    const Value back = parse_yaml(written(text), "x");
    ASSERT_EQ(back.find("a")->text(), text) << written(text);
    ASSERT_TRUE(back.find("a")->is_string());
  }
}

TEST(Yaml, ListsStandBelowTheirKeyWithoutIndentation) {
  const std::string text = "d:\n- x\n- - 1\n  - 2\n- k: 1\n  m: 2\n- []\n- {}\nc:\nm:\n  n:\n  - 1.5\n  - \n";
  EXPECT_EQ(write_yaml(parse_yaml(text, "x")), text);
}

TEST(Yaml, DamagedFilesAreNamedWithTheLine) {
  for (const char* text : {"a: [1", "a: 1\na: 2\n", "a:\n\t- x", "? [1]: 2"}) {
    try {
      parse_yaml(text, "data.dvc");
      FAIL() << text;
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find("data.dvc"), std::string::npos);
    }
  }
}

TEST(PythonJson, WritesKeysSortedAndEscapesWhatIsNotAscii) {
  Value value = parse_yaml("b: [1, 2.5, true, null]\na: 'é😀\"'\n", "x");
  EXPECT_EQ(python_json(value), R"({"a": "\u00e9\ud83d\ude00\"", "b": [1, 2.5, true, null]})");
}

TEST(PythonJson, ComparesNumbersAcrossTypes) {
  EXPECT_EQ(scalar_value("1"), scalar_value("1.0"));
  EXPECT_EQ(scalar_value("1"), scalar_value("true"));
  EXPECT_FALSE(scalar_value("1") == Value::string("1"));
  EXPECT_EQ(parse_yaml("{a: 1, b: 2}", "x"), parse_yaml("{b: 2, a: 1}", "x"));
}

}  // namespace
}  // namespace slipway::data
