#include "adapters/mlflow_store/span_text.h"

#include <gtest/gtest.h>

#include "adapters/mlflow_store/assessment_text.h"
#include "foundation/base/error.h"

namespace slipway::mlflow_store {

namespace {

constexpr std::string_view kText =
    R"({"trace_id": "uLT9Sm0qLlZ3EiLH6nG3IQ==", "span_id": "6Em/Sy08ZKU=", "parent_span_id": "FAEWrDgNT9w=", )"
    R"("name": "inner", "start_time_unix_nano": 1795456365617782076, "end_time_unix_nano": 1795456365618056143, )"
    R"("events": [{"name": "ev", "time_unix_nano": 1795456365617913856, "attributes": {"q": 1}}], )"
    R"("status": {"code": "STATUS_CODE_OK", "message": ""}, )"
    R"("attributes": {"mlflow.spanType": "\"LLM\"", "n": "3", "half": "0.5", "plain": "no json"}, "links": []})";
const traces::TraceId kTrace("tr-b8b4fd4a6d2a2e56771222c7ea71b721");

TEST(SpanText, ReadsWhatMlflowWrites) {
  const traces::Span span = parse_span(kText, kTrace);
  EXPECT_EQ(span.span_id, "e849bf4b2d3c64a5");
  EXPECT_EQ(span.parent_id, "140116ac380d4fdc");
  EXPECT_EQ(span.start_ns, 1795456365617782076) << "to the nanosecond";
  EXPECT_EQ(span.status, traces::SpanStatus::kOk);
  EXPECT_EQ(*find_attribute(span.attributes, "n"), "3");
  EXPECT_EQ(*find_attribute(span.attributes, "plain"), "\"no json\"");
  ASSERT_EQ(span.events.size(), 1u);
  EXPECT_EQ(span.events[0].attributes[0].value, "1");
}

TEST(SpanText, WritesTheSame) {
  const traces::Span span = parse_span(kText, kTrace);
  const std::string written = write_span(span);
  EXPECT_NE(written.find(R"("span_id": "6Em/Sy08ZKU=")"), std::string::npos) << written;
  EXPECT_NE(written.find(R"("trace_id": "uLT9Sm0qLlZ3EiLH6nG3IQ==")"), std::string::npos) << written;
  EXPECT_EQ(write_span(parse_span(written, kTrace)), written);
}

TEST(SpanText, ReadsHexadecimalIdsOfOldVersions) {
  const traces::Span span = parse_span(
      R"({"span_id": "0xe849bf4b2d3c64a5", "parent_id": null, "start_time": 5, "status_code": "ERROR"})", kTrace);
  EXPECT_EQ(span.span_id, "e849bf4b2d3c64a5");
  EXPECT_TRUE(span.is_root());
  EXPECT_EQ(span.status, traces::SpanStatus::kError);
}

TEST(SpanText, WhatIsNone) {
  for (const char* text :
       {"", "[]", "{}", R"({"span_id": "zz"})", R"({"span_id": 5})", R"({"span_id": "6Em/Sy08ZKU="} x)"}) {
    EXPECT_THROW(parse_span(text, kTrace), Error) << text;
  }
}

TEST(AssessmentText, Values) {
  traces::Assessment one;
  read_assessment_value("expectation", R"({"a":[1,2.50]})", one);
  EXPECT_EQ(one.kind, traces::AssessmentKind::kExpectation);
  EXPECT_EQ(one.value, R"({"a": [1, 2.5]})");
  read_assessment_value("issue", R"({"issue_name": "slow"})", one);
  EXPECT_EQ(one.value, R"("slow")");
  EXPECT_EQ(write_assessment_value(one), R"({"issue_name": "slow"})");
  const auto error = read_assessment_error(R"({"error_code": "E", "error_message": "m"})");
  ASSERT_TRUE(error);
  EXPECT_EQ(error->message, "m");
  EXPECT_EQ(read_pairs(R"({"k": "v", "n": 1})").size(), 2u);
  EXPECT_TRUE(read_pairs("").empty());
}

}  // namespace

}  // namespace slipway::mlflow_store
