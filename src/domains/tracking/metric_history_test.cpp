#include "domains/tracking/metric_history.h"

#include <cmath>

#include "domains/tracking/tracking_fixture.h"
#include "foundation/sql/testing/private_postgres.h"

namespace slipway::tracking {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<int64_t> kept(int64_t total, int64_t buckets) {
  const EvenSample sample(total, buckets);
  std::vector<int64_t> out;
  for (int64_t place = 0; place < total; ++place) {
    if (sample.keeps(place)) out.push_back(place);
  }
  return out;
}

TEST(EvenSample, KeepsTheFirstOfEachPartAndTheLastOfAll) {
  EXPECT_THAT(kept(10, 3), ElementsAre(0, 4, 9));
  EXPECT_THAT(kept(10, 5), ElementsAre(0, 2, 4, 6, 9));
  EXPECT_THAT(kept(11, 4), ElementsAre(0, 3, 6, 10));
  EXPECT_THAT(kept(7, 6), ElementsAre(0, 2, 3, 4, 5, 6));
}

TEST(EvenSample, KeepsAllOfFewAndTheLastWhenOneIsAskedFor) {
  EXPECT_THAT(kept(3, 10), ElementsAre(0, 1, 2));
  EXPECT_THAT(kept(4, 4), ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(kept(9, 1), ElementsAre(8));
  EXPECT_THAT(kept(1, 1), ElementsAre(0));
  EXPECT_THAT(kept(0, 5), IsEmpty());
}

TEST(EvenSample, NeverKeepsMoreThanItWasAskedFor) {
  for (int64_t total = 1; total < 60; ++total) {
    for (int64_t buckets = 1; buckets < 70; ++buckets) {
      const auto places = kept(total, buckets);
      EXPECT_EQ(static_cast<int64_t>(places.size()), std::min(total, buckets)) << total << " in " << buckets;
      EXPECT_EQ(places.back(), total - 1);
    }
  }
}

class Histories : public TrackingFixture, public ::testing::WithParamInterface<std::string> {
 protected:
  Histories()
      : TrackingFixture(GetParam() == "sqlite" ? "sqlite::memory:" : sql::PrivatePostgres::instance().new_database()) {}

  RunId run_with(const std::vector<Metric>& metrics) {
    const RunId run = run_in(ExperimentId("0")).info.id;
    for (size_t start = 0; start < metrics.size(); start += 1000) {
      Batch batch;
      const size_t end = std::min(metrics.size(), start + 1000);
      batch.metrics.assign(metrics.begin() + static_cast<ptrdiff_t>(start),
                           metrics.begin() + static_cast<ptrdiff_t>(end));
      tracking_.log_batch(run, batch);
    }
    return run;
  }

  std::vector<int64_t> sampled_steps(const RunId& run, int64_t most, std::optional<StepRange> steps = std::nullopt) {
    std::vector<int64_t> out;
    tracking_.sample_histories({run}, "a", {most, steps}, [&](const Metric& metric) { out.push_back(metric.step); });
    return out;
  }
};

TEST_P(Histories, SamplesAreTheSameInWhateverOrderPointsCame) {
  std::vector<Metric> forwards;
  std::vector<Metric> backwards;
  for (int64_t i = 0; i < 25; ++i) {
    forwards.push_back(point("a", static_cast<double>(i), i, i));
    backwards.push_back(point("a", static_cast<double>(i), 100 - i, i));
  }
  const auto expected = ElementsAre(0, 7, 13, 24);
  EXPECT_THAT(sampled_steps(run_with(forwards), 4), expected);
  EXPECT_THAT(sampled_steps(run_with(backwards), 4), expected);
  EXPECT_THAT(sampled_steps(run_with(forwards), 3, StepRange{5, 9}), ElementsAre(5, 7, 9));
  EXPECT_THAT(sampled_steps(run_with(backwards), 3, StepRange{5, 9}), ElementsAre(5, 7, 9));
  EXPECT_THAT(sampled_steps(run_with(forwards), 3, StepRange{50, 60}), IsEmpty());
}

TEST_P(Histories, SamplesKeepNotANumber) {
  const RunId run = run_with({point("a", 1, 1, 1), point("a", std::nan(""), 2, 2)});
  std::vector<double> values;
  tracking_.sample_histories({run}, "a", {5, std::nullopt}, [&](const Metric& metric) {
    values.push_back(metric.value);
    EXPECT_EQ(metric.run_id, run);
  });
  EXPECT_EQ(values.size(), 2U);
  EXPECT_TRUE(std::isnan(values.back()));
}

TEST_P(Histories, SamplesNeedKnownRunsAndSaneLimits) {
  const RunId run = run_with({point("a", 1)});
  const OnMetric never = [](const Metric&) { FAIL(); };
  fault(ErrorCode::kNotFound, [&] { tracking_.sample_histories({run, RunId("no")}, "a", {5, std::nullopt}, never); });
  fault(ErrorCode::kInvalidArgument, [&] { tracking_.sample_histories({run}, "a", {0, std::nullopt}, never); });
  EXPECT_THAT(fault(ErrorCode::kInvalidArgument,
                    [&] {
                      tracking_.sample_histories({run}, "a", {5, StepRange{3, 2}}, never);
                    }),
              HasSubstr("end_step must be greater than start_step"));
}

TEST_P(Histories, SeveralRunsComeInTheOrderOfTheirIdsWithinOneLimit) {
  std::vector<RunId> runs;
  for (int i = 0; i < 3; ++i) runs.push_back(run_with({point("a", 2, 2), point("a", 1, 1), point("b", 9)}));
  std::vector<RunId> asked = {runs[2], runs[0], RunId("unknown"), runs[1], runs[0]};
  std::vector<std::pair<RunId, double>> found;
  tracking_.read_histories(asked, "a", 5,
                           [&](const Metric& metric) { found.emplace_back(metric.run_id, metric.value); });
  std::sort(runs.begin(), runs.end());
  EXPECT_THAT(found, ElementsAre(std::pair(runs[0], 1.0), std::pair(runs[0], 2.0), std::pair(runs[1], 1.0),
                                 std::pair(runs[1], 2.0), std::pair(runs[2], 1.0)));
}

// More than one portion of the table, and pages that cross portions.
TEST_P(Histories, LongOnesAreReadInPortions) {
  constexpr int64_t kPoints = 20'500;
  std::vector<Metric> metrics;
  for (int64_t i = 0; i < kPoints; ++i) metrics.push_back(point("a", static_cast<double>(i % 7), i / 2, i % 2));
  const RunId run = run_with(metrics);
  int64_t read = 0;
  EXPECT_EQ(tracking_.read_history(run, "a", kPoints, "", [&](const Metric&) { ++read; }), std::nullopt);
  EXPECT_EQ(read, kPoints);
  std::string token;
  int pages = 0;
  read = 0;
  do {
    token = tracking_.read_history(run, "a", 6000, token, [&](const Metric&) { ++read; }).value_or("");
    ++pages;
  } while (!token.empty());
  EXPECT_EQ(read, kPoints);
  EXPECT_EQ(pages, 4);
  EXPECT_EQ(sampled_steps(run, 100).size(), 100U);
}

INSTANTIATE_TEST_SUITE_P(Databases, Histories, ::testing::Values("sqlite", "postgresql"),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace slipway::tracking
