#include "domains/traces/assessments.h"

#include "domains/traces/traces_fixture.h"

namespace slipway::traces {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class AssessmentsTest : public TracesOnBoth {
 protected:
  Assessment give(int trace, const std::string& name, const std::string& value, std::vector<Tag> metadata = {}) {
    Assessment out;
    out.trace_id = TraceId(trace_id(trace));
    out.name = name;
    out.value = value;
    out.source_type = "HUMAN";
    out.metadata = std::move(metadata);
    return tracing_.assessments().add(out);
  }
};
ON_BOTH_DATABASES(AssessmentsTest);

TEST_P(AssessmentsTest, AreGivenChangedReplacedAndWithdrawn) {
  traces().put(trace(trace_id(1), 1));
  const Assessment first = give(1, "good", "true", {{"a", "b"}});
  EXPECT_EQ(first.id.value.size(), 34U);
  clock_.advance_ms(5);
  AssessmentUpdate update;
  update.feedback = "false";
  update.rationale = "no";
  update.metadata = {{"a", "c"}, {"d", "e"}};
  const Assessment changed = tracing_.assessments().update(first.trace_id, first.id, update);
  EXPECT_EQ(changed.value, "false");
  EXPECT_EQ(changed.created_ms + 5, changed.updated_ms);
  EXPECT_THAT(changed.metadata, SizeIs(2));
  Assessment better = changed;
  better.overrides = first.id.value;
  better = tracing_.assessments().add(better);
  EXPECT_FALSE(tracing_.assessments().get(first.trace_id, first.id).is_valid);
  tracing_.assessments().remove(first.trace_id, better.id);
  tracing_.assessments().remove(first.trace_id, better.id);
  EXPECT_TRUE(tracing_.assessments().get(first.trace_id, first.id).is_valid);
  EXPECT_THAT(traces().get(first.trace_id).assessments, SizeIs(1));
  update = {};
  update.expectation = "1";
  fault(ErrorCode::kInvalidArgument, [&] { tracing_.assessments().update(first.trace_id, first.id, update); });
  fault(ErrorCode::kNotFound, [&] { give(2, "good", "true"); });
  fault(ErrorCode::kNotFound, [&] { tracing_.assessments().get(first.trace_id, AssessmentId("a-9")); });
  better.overrides = "a-none";
  fault(ErrorCode::kNotFound, [&] { tracing_.assessments().add(better); });
}

TEST_P(AssessmentsTest, TracesAreFoundByThem) {
  for (int i = 1; i <= 3; ++i) traces().put(trace(trace_id(i), i));
  give(1, "score", "5.0");
  give(2, "score", "0.5");
  give(1, "mood", "\"so so\"");
  const std::string one = trace_id(1);
  EXPECT_THAT(found("feedback.score > 1"), ElementsAre(one));
  EXPECT_THAT(found("feedback.score = '5'"), ElementsAre(one));
  EXPECT_THAT(found("feedback.score != '5'"), ElementsAre(trace_id(2)));
  EXPECT_THAT(found("feedback.mood = 'so so'"), ElementsAre(one));
  EXPECT_THAT(found("feedback.mood LIKE 'so%' AND feedback.mood RLIKE 'so$'"), ElementsAre(one));
  EXPECT_THAT(found("feedback.score IS NULL"), ElementsAre(trace_id(3)));
  EXPECT_THAT(found("feedback.mood IS NOT NULL"), ElementsAre(one));
  EXPECT_THAT(found("expectation.score > 1"), IsEmpty());
}

TEST_P(AssessmentsTest, OneOfASessionCountsForAllItsTraces) {
  for (int i = 1; i <= 3; ++i) {
    Trace own = trace(trace_id(i), i);
    own.metadata = {{"mlflow.trace.session", i == 3 ? "t" : "s"}};
    traces().put(own);
  }
  give(1, "nice", "true", {{"mlflow.trace.session", "s"}});
  EXPECT_THAT(found("feedback.nice = 'true'"), ElementsAre(trace_id(1), trace_id(2)));
  EXPECT_THAT(found("feedback.nice IS NULL"), ElementsAre(trace_id(3)));
}

TEST_P(AssessmentsTest, ComeWithTheirTrace) {
  Trace own = trace(trace_id(1), 1);
  Assessment issue;
  issue.kind = AssessmentKind::kIssue;
  issue.name = "iss-1";
  issue.value = "\"slow\"";
  own.assessments = {issue};
  EXPECT_THAT(traces().put(own).assessments, SizeIs(1));
  EXPECT_THAT(found("issue.id = 'iss-1'"), SizeIs(1));
}

}  // namespace
}  // namespace slipway::traces
