#include "foundation/base/json_stream.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <random>
#include <vector>

namespace slipway {
namespace {

double read_real(std::string_view text) {
  JsonReader reader(text);
  const double value = reader.read_number().real;
  reader.finish();
  return value;
}

TEST(JsonReader, NumbersAreTheNearestDoubles) {
  EXPECT_EQ(read_real("0.1"), 0.1);
  EXPECT_EQ(read_real("-1.7976931348623157e308"), -1.7976931348623157e308);
  EXPECT_EQ(read_real("2.2250738585072011e-308"), 2.2250738585072011e-308);
  EXPECT_TRUE(std::isinf(read_real("1e400")));
  EXPECT_EQ(read_real("1e-400"), 0.0);
  EXPECT_TRUE(std::isnan(read_real("NaN")));
  EXPECT_EQ(read_real("-Infinity"), -INFINITY);
}

TEST(JsonReader, WhatTheAppenderWritesReadsBackTheSame) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 20000; ++i) {
    const auto bits = random();
    double value = 0;
    static_assert(sizeof(value) == sizeof(bits));
    std::memcpy(&value, &bits, sizeof(value));
    if (!std::isfinite(value)) continue;
    std::string text;
    append_json_number(text, value);
    EXPECT_EQ(read_real(text), value) << text;
  }
}

TEST(JsonReader, IntegersKeepAll64Bits) {
  JsonReader reader("[9223372036854775807, -9223372036854775808, 9007199254740993, 9223372036854775808, 1.0]");
  reader.begin_array();
  std::vector<JsonReader::Number> numbers;
  while (reader.next_element()) numbers.push_back(reader.read_number());
  EXPECT_EQ(numbers[0].integer, INT64_MAX);
  EXPECT_EQ(numbers[1].integer, INT64_MIN);
  EXPECT_EQ(numbers[2].integer, 9007199254740993);
  EXPECT_FALSE(numbers[3].is_integer);
  EXPECT_EQ(numbers[3].real, 9223372036854775808.0);
  EXPECT_FALSE(numbers[4].is_integer);
}

TEST(JsonReader, StringsLoseTheirEscapes) {
  JsonReader reader(R"(["plain", "a\"\\\/\b\f\n\r\t", "\u00e9\ud83d\ude00", ""])");
  reader.begin_array();
  std::vector<std::string> values;
  while (reader.next_element()) values.emplace_back(reader.read_string());
  EXPECT_EQ(values, (std::vector<std::string>{"plain", "a\"\\/\b\f\n\r\t", "\xC3\xA9\xF0\x9F\x98\x80", ""}));
}

TEST(JsonReader, StringsSurviveTheRoundTrip) {
  const std::string value = std::string("quote\" back\\ tab\t nul") + '\0' + "\x1f é";
  std::string text;
  append_json_string(text, value);
  EXPECT_EQ(JsonReader(text).read_string(), value);
}

TEST(JsonReader, ObjectsAreWalkedAndSkipped) {
  JsonReader reader(R"( {"skip": {"deep": [1, {"x": null}]}, "take": true, "none": {}, "empty": []} )");
  std::string key;
  bool taken = false;
  std::string skipped;
  for (reader.begin_object(); reader.next_member(key);) {
    if (key == "take") {
      taken = reader.read_boolean();
    } else {
      skipped.append(reader.skip());
    }
  }
  reader.finish();
  EXPECT_TRUE(taken);
  EXPECT_EQ(skipped, R"({"deep": [1, {"x": null}]}{}[])");
}

TEST(JsonReader, ACopyReadsTheSameValueAgain) {
  JsonReader reader("[1, 2, 3]");
  JsonReader later = reader;
  EXPECT_EQ(reader.skip(), "[1, 2, 3]");
  later.begin_array();
  EXPECT_TRUE(later.next_element());
  EXPECT_EQ(later.read_number().integer, 1);
}

TEST(JsonReader, DamagedTextsAreRefused) {
  const std::string deep(100, '[');
  const std::vector<std::string_view> texts = {
      "",           " ",        "[",     "[1,]",   "[,1]",    "[1 2]",     "{\"a\"}",     "{\"a\":}",
      "{\"a\":1,}", "{a:1}",    "01",    "-",      "1.",      "1e",        "+1",          ".5",
      "tru",        "nul",      "nulls", "\"open", "\"\\x\"", "\"\\u12\"", "\"\\ud800\"", "\"\\udc00\"",
      "\"\x01\"",   "\"\xff\"", "1 1",   "Inf",    "-In",     deep};
  for (const std::string_view text : texts) {
    EXPECT_THROW(
        {
          JsonReader reader(text);
          reader.skip();
          reader.finish();
        },
        Error)
        << text;
  }
}

}  // namespace
}  // namespace slipway
