#include "domains/genai/issues.h"

#include "domains/genai/genai_fixture.h"

namespace slipway::genai {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class IssuesTest : public GenaiOnBoth {
 protected:
  Issue told(const std::string& name, std::optional<std::string> severity = std::nullopt,
             const std::string& experiment = "0") {
    Issue out;
    out.experiment_id = ExperimentId(experiment);
    out.name = name;
    out.description = "what happens";
    out.severity = std::move(severity);
    clock_.advance_ms(1);
    return issues().add(out);
  }

  std::vector<std::string> found(const IssueSearch& search) {
    std::vector<std::string> out;
    for (const Issue& one : issues().search(search).items) out.push_back(one.name);
    return out;
  }

  std::vector<std::string> found(const std::string& filter) {
    IssueSearch search;
    search.filter = filter;
    return found(search);
  }

  void tie(int trace, const Issue& issue) {
    traces::Assessment assessment;
    assessment.trace_id = traces::TraceId(trace_id(trace));
    assessment.kind = traces::AssessmentKind::kIssue;
    assessment.name = issue.id.value;
    assessment.value = "\"" + issue.name + "\"";
    tracing_.assessments().add(assessment);
  }
};
ON_BOTH_DATABASES(IssuesTest);

TEST_P(IssuesTest, AreToldAndJudged) {
  const auto run = run_in(ExperimentId("0")).info.id;
  Issue wanted;
  wanted.experiment_id = ExperimentId("0");
  wanted.name = "slow";
  wanted.description = "takes minutes";
  wanted.severity = "high";
  wanted.root_causes = {"long \"prompts\"", "no cache"};
  wanted.categories = {"latency"};
  wanted.source_run_id = run.value;
  wanted.created_by = "ann";
  const Issue issue = issues().add(wanted);
  EXPECT_THAT(issue.id.value, ::testing::MatchesRegex("iss-[0-9a-f]{32}"));
  clock_.advance_ms(3);
  IssueChange change;
  change.status = "resolved";
  const Issue changed = issues().update(issue.id, change);
  EXPECT_EQ(changed.updated_ms, issue.updated_ms + 3);
  const Issue kept = issues().get(issue.id);
  EXPECT_EQ(kept.status, "resolved");
  EXPECT_EQ(kept.name, "slow");
  EXPECT_EQ(kept.severity, "high");
  EXPECT_EQ(kept.root_causes, wanted.root_causes);
  EXPECT_THAT(kept.categories, ElementsAre("latency"));
  EXPECT_EQ(kept.source_run_id, run.value);
  EXPECT_THAT(issues().experiments_of({issue.id, IssueId("iss-none")}), ElementsAre(ExperimentId("0")));
  fault(ErrorCode::kNotFound, [&] { issues().get(IssueId("iss-none")); });
  fault(ErrorCode::kNotFound, [&] { issues().update(IssueId("iss-none"), change); });
  change.status = "forgotten";
  fault(ErrorCode::kInvalidArgument, [&] { issues().update(issue.id, change); });
  fault(ErrorCode::kInvalidArgument, [&] { told("x", "terrible"); });
  fault(ErrorCode::kInvalidArgument, [&] { told(""); });
  EXPECT_THAT(fault(ErrorCode::kNotFound, [&] { told("x", "low", "999999"); }),
              HasSubstr("No Experiment with id=999999"));
  wanted.source_run_id = "none";
  fault(ErrorCode::kNotFound, [&] { issues().add(wanted); });
}

TEST_P(IssuesTest, TheGravestComeFirst) {
  const std::string other = experiment("other").value;
  told("unsaid");
  told("low", "low");
  const Issue high = told("high", "high");
  told("high later", "high", other);
  told("none", "not_an_issue");
  EXPECT_THAT(found(""), ElementsAre("high later", "high", "low", "none", "unsaid"));
  IssueSearch search;
  search.experiment = ExperimentId(other);
  EXPECT_THAT(found(search), ElementsAre("high later"));
  IssueChange change;
  change.status = "rejected";
  issues().update(high.id, change);
  EXPECT_THAT(found("status = 'rejected'"), ElementsAre("high"));
  EXPECT_THAT(found("status != 'pending' AND source_run_id = 'r'"), IsEmpty());
  EXPECT_THAT(fault(ErrorCode::kInvalidArgument, [&] { found("severity = 'low'"); }),
              HasSubstr("Invalid filter field 'severity'"));
  fault(ErrorCode::kInvalidArgument, [&] { found("status LIKE 'p%'"); });
  search = {};
  search.max_results = 2;
  const auto first = issues().search(search);
  ASSERT_TRUE(first.next);
  search.page_token = *first.next;
  EXPECT_THAT(found(search), ElementsAre("low", "none"));
  search.max_results = 0;
  EXPECT_THAT(fault(ErrorCode::kInvalidArgument, [&] { issues().search(search); }),
              HasSubstr("Invalid value 0 for parameter 'max_results'"));
}

TEST_P(IssuesTest, CountTheTracesThatShowThem) {
  for (int i = 1; i <= 3; ++i) traces().put(trace(trace_id(i), i));
  const Issue often = told("often", "low");
  const Issue seldom = told("seldom", "low");
  told("never", "low");
  tie(1, often);
  tie(1, often);
  tie(2, often);
  tie(3, seldom);
  IssueSearch search;
  search.count_traces = true;
  EXPECT_THAT(found(search), ElementsAre("often", "seldom", "never"));
  const auto counted = issues().search(search).items;
  EXPECT_EQ(counted[0].trace_count, 2);
  EXPECT_EQ(counted[1].trace_count, 1);
  EXPECT_EQ(counted[2].trace_count, 0);
  search.count_traces = false;
  EXPECT_EQ(issues().search(search).items[0].trace_count, std::nullopt);
}

}  // namespace
}  // namespace slipway::genai
