#include "protocols/scoring/json_frame.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "protocols/scoring/errors.h"

namespace slipway::scoring {
namespace {

using tables::ColumnType;
using testing::ElementsAre;
using testing::HasSubstr;

packaging::Signature signature() {
  packaging::Signature all;
  all.inputs = {{"l", ColumnType::kInteger, true},
                {"d", ColumnType::kDouble, true},
                {"s", ColumnType::kText, false},
                {"b", ColumnType::kBoolean, false},
                {"t", ColumnType::kTime, false}};
  return all;
}

tables::Table read(const std::string& body) { return read_json_frame(body, signature()).rows; }

// One column of one row of a frame with the required columns.
tables::Table cell(const std::string& name, const std::string& value) {
  const std::string others = name == "l" ? R"("d": 0)" : name == "d" ? R"("l": 0)" : R"("l": 0, "d": 0)";
  return read(R"({"dataframe_records": [{)" + others + ", \"" + name + "\": " + value + "}]}");
}

struct Refusal {
  ScoringError::Code code = ScoringError::Code::kBadRequest;
  std::string message;
};

Refusal refusal(const std::string& body) {
  try {
    read(body);
  } catch (const ScoringError& error) {
    return {error.code(), error.what()};
  }
  return {ScoringError::Code::kBadRequest, "accepted"};
}

void expect_cell_refused(const std::string& name, const std::string& value) {
  EXPECT_THROW(cell(name, value), ScoringError) << name << " " << value;
}

TEST(JsonFrame, EveryFormGivesTheSameTable) {
  const std::vector<std::string> bodies = {
      R"({"dataframe_split": {"columns": ["d", "l"], "data": [[0.5, 1], [1.5, 2]]}})",
      R"({"dataframe_split": {"data": [[0.5, 1], [1.5, 2]], "index": [0, 1], "columns": ["d", "l"]}, "params": {"x": 1}})",
      R"({"dataframe_records": [{"d": 0.5, "l": 1}, {"l": 2, "d": 1.5}]})",
      R"({"instances": [{"d": 0.5, "l": 1}, {"l": 2, "d": 1.5}]})",
      R"({"inputs": [{"d": 0.5, "l": 1}, {"l": 2, "d": 1.5}]})",
      R"({"inputs": {"d": [0.5, 1.5], "l": [1, 2]}})",
      R"({"inputs": {"d": [[0.5], [1.5]], "l": [[1], [2]], "dropped": ["a", "b"]}})"};
  for (const std::string& body : bodies) {
    const tables::Table table = read(body);
    EXPECT_THAT(table.get("l").integers(), ElementsAre(1, 2)) << body;
    EXPECT_THAT(table.get("d").doubles(), ElementsAre(0.5, 1.5)) << body;
    EXPECT_EQ(table.column_count(), 2U) << body;
  }
}

TEST(JsonFrame, RowsWithoutNamesFollowTheSignature) {
  packaging::Signature two;
  two.inputs = {{"x", ColumnType::kDouble, true}, {"y", ColumnType::kDouble, true}};
  for (const char* body : {R"({"inputs": [[1, 2], [3, 4]]})", R"({"instances": [[1, 2], [3, 4]]})"}) {
    const tables::Table table = read_json_frame(body, two).rows;
    EXPECT_THAT(table.get("x").doubles(), ElementsAre(1.0, 3.0));
    EXPECT_THAT(table.get("y").doubles(), ElementsAre(2.0, 4.0));
  }
  EXPECT_THROW(read_json_frame(R"({"inputs": [[1, 2], [3]]})", two), ScoringError);
}

TEST(JsonFrame, LongsAreCoercedAsMlflowDoes) {
  EXPECT_EQ(cell("l", "1.0").get("l").integers()[0], 1);
  EXPECT_EQ(cell("l", "1.5").get("l").integers()[0], 1);
  EXPECT_EQ(cell("l", "\"1\"").get("l").integers()[0], 1);
  EXPECT_EQ(cell("l", "true").get("l").integers()[0], 1);
  EXPECT_EQ(cell("l", "9007199254740993").get("l").integers()[0], 9007199254740993);
  EXPECT_EQ(cell("l", "9223372036854775808").get("l").integers()[0], INT64_MIN);
  expect_cell_refused("l", "\"a\"");
  expect_cell_refused("l", "null");
  expect_cell_refused("l", "[1]");
  expect_cell_refused("l", "NaN");
}

TEST(JsonFrame, DoublesAreCoercedAsMlflowDoes) {
  EXPECT_EQ(cell("d", "1").get("d").doubles()[0], 1.0);
  EXPECT_EQ(cell("d", "\"1.5\"").get("d").doubles()[0], 1.5);
  EXPECT_EQ(cell("d", "true").get("d").doubles()[0], 1.0);
  EXPECT_TRUE(cell("d", "null").get("d").is_missing(0));
  EXPECT_TRUE(cell("d", "NaN").get("d").is_missing(0));
  expect_cell_refused("d", "\"a\"");
  expect_cell_refused("d", "[1]");
}

TEST(JsonFrame, TextBooleansAndTimesAreCoercedAsMlflowDoes) {
  EXPECT_EQ(cell("s", "5").get("s").text(0), "5");
  EXPECT_TRUE(cell("s", "null").get("s").is_missing(0));
  EXPECT_EQ(cell("b", "1").get("b").integers()[0], 1);
  EXPECT_EQ(cell("b", "\"false\"").get("b").integers()[0], 1);
  EXPECT_EQ(cell("b", "false").get("b").integers()[0], 0);
  EXPECT_EQ(cell("t", "\"2024-01-02T03:04:05\"").get("t").integers()[0], 1704164645000);
  EXPECT_EQ(cell("t", "1704164645000000000").get("t").integers()[0], 1704164645000);
  EXPECT_TRUE(cell("t", "null").get("t").is_missing(0));
  expect_cell_refused("t", "\"nope\"");
}

TEST(JsonFrame, MissingColumnsAreNamedInTheSignaturesOrder) {
  const Refusal none = refusal(R"({"dataframe_records": [{"s": "x"}]})");
  EXPECT_EQ(none.code, ScoringError::Code::kInvalidParameterValue);
  EXPECT_THAT(none.message, HasSubstr("Model is missing inputs ['l', 'd']."));
  EXPECT_THAT(refusal(R"({"dataframe_records": []})").message, HasSubstr("missing inputs"));
  EXPECT_THAT(refusal(R"({"dataframe_split": {"data": [[1, 2]]}})").message, HasSubstr("missing inputs"));
}

TEST(JsonFrame, AbsentCellsOfARecordAreMissing) {
  const tables::Table table =
      read(R"({"dataframe_records": [{"l": 1, "d": 2}, {"l": 2, "d": 3, "s": "x"}, {"l": 3}]})");
  EXPECT_TRUE(table.get("s").is_missing(0));
  EXPECT_EQ(table.get("s").text(1), "x");
  EXPECT_TRUE(table.get("d").is_missing(2));
}

TEST(JsonFrame, BodiesThatAreNoFrameAreRefused) {
  EXPECT_THAT(refusal("").message, HasSubstr("valid JSON"));
  EXPECT_THAT(refusal("{").message, HasSubstr("valid JSON"));
  EXPECT_THAT(refusal("[]").message, HasSubstr("holds an object"));
  EXPECT_THAT(refusal("{}").message, HasSubstr("exactly one of"));
  EXPECT_THAT(refusal(R"({"inputs": [], "instances": []})").message, HasSubstr("only one of"));
  EXPECT_THAT(refusal(R"({"inputs": 5})").message, HasSubstr("'inputs'"));
  EXPECT_THAT(refusal(R"({"dataframe_split": {"columns": ["l", "d"], "data": [[1]]}})").message,
              HasSubstr("'2 columns passed, passed data had 1 columns'"));
  EXPECT_THAT(refusal(R"({"instances": [{"l": 1, "d": 2}, {"l": 1}]})").message, HasSubstr("not the same"));
  EXPECT_THAT(refusal(R"({"inputs": {"l": [1, 2], "d": [1]}})").message, HasSubstr("not the same"));
  EXPECT_THAT(refusal(R"({"dataframe_records": [{"l": 1, "d": 2, "d": 3}]})").message, HasSubstr("twice"));
}

TEST(JsonFrame, WithoutASignatureTypesAreFound) {
  const tables::Table table = read_json_frame(R"({"dataframe_split": {"columns": ["i", "f", "t", "o", "m"],
        "data": [[1, 1, "x", true, null], [2, 2.5, "y", false, 1]]}})",
                                              {})
                                  .rows;
  EXPECT_EQ(table.get("i").type(), ColumnType::kInteger);
  EXPECT_EQ(table.get("f").type(), ColumnType::kDouble);
  EXPECT_EQ(table.get("t").type(), ColumnType::kText);
  EXPECT_EQ(table.get("o").type(), ColumnType::kBoolean);
  EXPECT_EQ(table.get("m").type(), ColumnType::kDouble);
  EXPECT_TRUE(table.get("m").is_missing(0));
}

TEST(JsonFrame, PredictionIdsComeWithTheParams) {
  EXPECT_THAT(read_json_frame(R"({"params": {"prediction_ids": ["p"]}, "inputs": {"l": 1, "d": 2}})", signature())
                  .prediction_ids,
              ElementsAre("p"));
}

}  // namespace
}  // namespace slipway::scoring
