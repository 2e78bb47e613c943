#include "domains/traces/analysis.h"

#include <cmath>

#include "domains/traces/traces_fixture.h"

namespace slipway::traces {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;
using ::testing::SizeIs;

class AnalysisTest : public TracesOnBoth {
 protected:
  MetricQuery ask(MetricView view, const std::string& metric, std::vector<AskedAggregation> aggregations) {
    MetricQuery out;
    out.experiments = {ExperimentId("0")};
    out.view = view;
    out.metric = metric;
    out.aggregations = std::move(aggregations);
    return out;
  }
  std::vector<MetricDataPoint> answer(const MetricQuery& query) { return tracing_.analysis().metrics(query); }
};
ON_BOTH_DATABASES(AnalysisTest);

TEST(Npmi, KnowsItsLandmarks) {
  const auto of = [](int64_t total, int64_t first, int64_t second, int64_t joint) {
    Correlation out{total, first, second, joint, 0, 0};
    compute_npmi(out);
    return out;
  };
  EXPECT_DOUBLE_EQ(of(100, 20, 20, 20).npmi, 1);
  EXPECT_NEAR(of(100, 20, 50, 10).npmi, 0, 1e-12);
  EXPECT_DOUBLE_EQ(of(100, 20, 20, 0).npmi, -1);
  EXPECT_GT(of(100, 20, 20, 0).npmi_smoothed, -1);
  EXPECT_DOUBLE_EQ(of(5, 5, 5, 5).npmi, 1);
  EXPECT_TRUE(std::isnan(of(100, 0, 20, 0).npmi));
  EXPECT_TRUE(std::isnan(of(0, 0, 0, 0).npmi_smoothed));
}

TEST_P(AnalysisTest, FiltersAreCountedTogether) {
  for (int i = 1; i <= 8; ++i) {
    std::vector<Tag> tags = {{"kind", i % 2 == 0 ? "even" : "odd"}};
    if (i > 6) tags.push_back({"big", "yes"});
    traces().put(trace(trace_id(i), i, tags));
  }
  const Correlation found =
      tracing_.analysis().correlate({ExperimentId("0")}, "tags.kind = 'even'", "tags.big = 'yes'", "timestamp > 2");
  EXPECT_EQ(found.total, 6);
  EXPECT_EQ(found.first, 3);
  EXPECT_EQ(found.second, 2);
  EXPECT_EQ(found.joint, 1);
}

TEST_P(AnalysisTest, LatenciesAreSummedUpByNameAndTime) {
  for (int i = 1; i <= 5; ++i) {
    Trace own = trace(trace_id(i), i <= 3 ? i * 1000 : 60'000 + i, {{"mlflow.traceName", i == 5 ? "g" : "f"}});
    own.execution_ms = i * 10;
    traces().put(own);
  }
  MetricQuery query = ask(MetricView::kTraces, "latency",
                          {{Aggregation::kAverage, 0},
                           {Aggregation::kPercentile, 50},
                           {Aggregation::kPercentile, 75},
                           {Aggregation::kLeast, 0},
                           {Aggregation::kMost, 0}});
  auto points = answer(query);
  ASSERT_THAT(points, SizeIs(1));
  EXPECT_THAT(points[0].values,
              ElementsAre(Pair("AVG", 30), Pair("P50.0", 30), Pair("P75.0", 40), Pair("MIN", 10), Pair("MAX", 50)));
  query.aggregations = {{Aggregation::kPercentile, 50}};
  query.dimensions = {"trace_name"};
  query.interval_s = 60;
  query.from_ms = 0;
  query.to_ms = 100'000;
  points = answer(query);
  ASSERT_THAT(points, SizeIs(3));
  EXPECT_THAT(points[0].dimensions,
              ElementsAre(Tag{"time_bucket", "1970-01-01T00:00:00+00:00"}, Tag{"trace_name", "f"}));
  EXPECT_THAT(points[0].values, ElementsAre(Pair("P50.0", 20)));
  EXPECT_THAT(points[2].dimensions,
              ElementsAre(Tag{"time_bucket", "1970-01-01T00:01:00+00:00"}, Tag{"trace_name", "g"}));
  query.filters = {"trace.tag.mlflow.traceName = 'g'"};
  EXPECT_THAT(answer(query), SizeIs(1));
}

TEST_P(AnalysisTest, SpansTokensAndAssessmentsHaveTheirOwn) {
  log({span(1, 1, 0,
            {{"mlflow.chat.tokenUsage", R"({"input_tokens": 10, "output_tokens": 2, "total_tokens": 12})"},
             {"mlflow.llm.cost", R"({"input_cost": 0.5, "total_cost": 0.75})"},
             {"mlflow.llm.model", "\"m\""},
             {"session.id", "\"s\""}}),
       span(1, 2, 1)});
  log({span(2, 1, 0, {{"session.id", "\"s\""}})});
  const auto single = [&](MetricView view, const std::string& metric, Aggregation kind) {
    const auto points = answer(ask(view, metric, {{kind, 0}}));
    return points.empty() ? -1 : points[0].values[0].second;
  };
  EXPECT_EQ(single(MetricView::kTraces, "trace_count", Aggregation::kCount), 2);
  EXPECT_EQ(single(MetricView::kTraces, "session_count", Aggregation::kCount), 1);
  EXPECT_EQ(single(MetricView::kTraces, "total_tokens", Aggregation::kSum), 12);
  EXPECT_EQ(single(MetricView::kSpans, "span_count", Aggregation::kCount), 3);
  EXPECT_EQ(single(MetricView::kSpans, "latency", Aggregation::kAverage), 5);
  EXPECT_EQ(single(MetricView::kSpans, "total_cost", Aggregation::kSum), 0.75);
  MetricQuery by_model = ask(MetricView::kSpans, "input_cost", {{Aggregation::kSum, 0}});
  by_model.dimensions = {"span_model_name"};
  EXPECT_THAT(answer(by_model).at(0).dimensions, ElementsAre(Tag{"span_model_name", "m"}));
  Assessment good;
  good.trace_id = TraceId(trace_id(1));
  good.name = "good";
  good.value = "true";
  tracing_.assessments().add(good);
  EXPECT_EQ(single(MetricView::kAssessments, "assessment_value", Aggregation::kAverage), 1);
  MetricQuery counts = ask(MetricView::kAssessments, "assessment_count", {{Aggregation::kCount, 0}});
  counts.dimensions = {"assessment_name", "assessment_value"};
  counts.filters = {"assessment.type = 'feedback'", "trace.status = 'OK'"};
  EXPECT_THAT(answer(counts).at(0).dimensions,
              ElementsAre(Tag{"assessment_name", "good"}, Tag{"assessment_value", "true"}));
}

TEST_P(AnalysisTest, RefusesWhatMakesNoSense) {
  MetricQuery sum = ask(MetricView::kTraces, "latency", {{Aggregation::kSum, 0}});
  MetricQuery unknown = ask(MetricView::kTraces, "span_count", {{Aggregation::kCount, 0}});
  MetricQuery timeless = ask(MetricView::kTraces, "trace_count", {{Aggregation::kCount, 0}});
  timeless.interval_s = 60;
  MetricQuery dimension = ask(MetricView::kTraces, "latency", {{Aggregation::kAverage, 0}});
  dimension.dimensions = {"trace_status"};
  MetricQuery filter = ask(MetricView::kTraces, "trace_count", {{Aggregation::kCount, 0}});
  filter.filters = {"span.name = 'x'"};
  for (const MetricQuery& bad : {sum, unknown, timeless, dimension, filter}) {
    fault(ErrorCode::kInvalidArgument, [&] { answer(bad); });
  }
}

}  // namespace
}  // namespace slipway::traces
