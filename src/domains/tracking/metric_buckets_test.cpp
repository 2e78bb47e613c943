#include "domains/tracking/metric_buckets.h"

#include <cmath>
#include <limits>

#include "domains/tracking/tracking_fixture.h"
#include "foundation/sql/testing/private_postgres.h"

namespace slipway::tracking {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();
constexpr int64_t kMost = std::numeric_limits<int64_t>::max();

StoredPoint at(int64_t step, double value) { return {0, step, stored_value(value)}; }

std::vector<MetricBucket> in_buckets(const AxisRange& range, int64_t buckets, const std::vector<StoredPoint>& points) {
  BucketSink sink(range, Axis::kStep, buckets);
  for (const StoredPoint& point : points) sink.add(point);
  return sink.take();
}

TEST(MetricBuckets, KeepTheLowestAndTheHighestOfTheirStretch) {
  const auto found = in_buckets({0, 9}, 2, {at(0, 1), at(3, -7), at(4, 3), at(5, 2), at(9, 100), at(10, 1000)});
  ASSERT_THAT(found, SizeIs(2));
  EXPECT_EQ(found[0].range.first, 0);
  EXPECT_EQ(found[0].range.last, 4);
  EXPECT_EQ(found[0].count, 3);
  EXPECT_EQ(found[0].lowest, -7);
  EXPECT_EQ(found[0].highest, 3);
  EXPECT_DOUBLE_EQ(found[0].mean, -1);
  EXPECT_EQ(found[1].lowest, 2);
  EXPECT_EQ(found[1].highest, 100);
}

TEST(MetricBuckets, CountWhatHasNoFiniteValueAndLeaveItOutOfTheRest) {
  const double infinite = std::numeric_limits<double>::infinity();
  const auto found = in_buckets({0, 1}, 2, {at(0, std::nan("")), at(0, infinite), at(1, -infinite), at(1, 5)});
  ASSERT_THAT(found, SizeIs(2));
  EXPECT_EQ(found[0].count, 2);
  EXPECT_EQ(found[0].finite, 0);
  EXPECT_EQ(found[1].finite, 1);
  EXPECT_EQ(found[1].lowest, 5);
  EXPECT_EQ(found[1].highest, 5);
}

TEST(MetricBuckets, HoldPositionsFromOneEndOf64BitsToTheOther) {
  for (const int64_t buckets : {1, 2, 3, 1000}) {
    const auto found = in_buckets({kLeast, kMost}, buckets, {at(kLeast, 1), at(0, 2), at(kMost, 3)});
    int64_t count = 0;
    for (const MetricBucket& bucket : found) count += bucket.count;
    EXPECT_EQ(count, 3) << buckets;
    EXPECT_LE(static_cast<int64_t>(found.size()), buckets);
  }
  EXPECT_THAT(in_buckets({7, 7}, 1000, {at(7, 1), at(7, 2), at(8, 3)}), SizeIs(1));
}

TEST(MetricBuckets, AMeanOfLargeValuesStaysFinite) {
  const double large = 1e308;
  EXPECT_DOUBLE_EQ(in_buckets({0, 2}, 1, {at(0, large), at(1, large), at(2, large)}).at(0).mean, large);
  EXPECT_DOUBLE_EQ(in_buckets({0, 2}, 1, {at(0, large), at(1, -large)}).at(0).mean, 0);
}

class HistoryBuckets : public TrackingFixture, public ::testing::WithParamInterface<std::string> {
 protected:
  HistoryBuckets()
      : TrackingFixture(GetParam() == "sqlite" ? "sqlite::memory:" : sql::PrivatePostgres::instance().new_database()) {}

  // Steps 0 to count - 1, ten milliseconds each.
  RunId run_of(int64_t count) {
    const RunId run = run_in(ExperimentId("0")).info.id;
    Batch batch;
    for (int64_t i = 0; i < count; ++i) batch.metrics.push_back(point("a", static_cast<double>(i % 10), i * 10, i));
    tracking_.log_batch(run, batch);
    return run;
  }
};

TEST_P(HistoryBuckets, CoverAllPointsByStepOrTime) {
  const RunId run = run_of(1000);
  for (const Axis axis : {Axis::kStep, Axis::kTime}) {
    const auto found = tracking_.metric_buckets(run, "a", {axis, 50, {}, {}});
    ASSERT_THAT(found, SizeIs(50));
    for (const MetricBucket& bucket : found) {
      EXPECT_EQ(bucket.count, 20);
      EXPECT_EQ(bucket.lowest, 0);
      EXPECT_EQ(bucket.highest, 9);
      EXPECT_DOUBLE_EQ(bucket.mean, 4.5);
    }
    EXPECT_EQ(found.back().range.last, axis == Axis::kStep ? 999 : 9990);
  }
}

TEST_P(HistoryBuckets, ShowSinglePointsWhereTheRangeIsShort) {
  const RunId run = run_of(1000);
  const auto found = tracking_.metric_buckets(run, "a", {Axis::kStep, 100, 990, 2000});
  int64_t count = 0;
  for (const MetricBucket& bucket : found) count += bucket.count;
  EXPECT_EQ(count, 10);
  EXPECT_THAT(tracking_.metric_buckets(run, "a", {Axis::kStep, 100, 5, 14}), SizeIs(10));
  EXPECT_THAT(tracking_.metric_buckets(run, "a", {Axis::kStep, 100, 5000, 6000}), IsEmpty());
}

TEST_P(HistoryBuckets, EndWithTheRunWhereTheRangeIsOpen) {
  const RunId run = run_of(1000);
  const auto late = tracking_.metric_buckets(run, "a", {Axis::kStep, 10, 900, {}});
  ASSERT_THAT(late, SizeIs(10));
  EXPECT_EQ(late.front().range.first, 900);
  EXPECT_EQ(late.back().range.last, 999);
  EXPECT_THAT(tracking_.metric_buckets(run, "a", {Axis::kStep, 10, {}, 99}), SizeIs(10));
  EXPECT_THAT(tracking_.metric_buckets(run, "a", {Axis::kStep, 10, 1000, {}}), IsEmpty());
}

TEST_P(HistoryBuckets, NeedAKnownRunAndASaneQuestion) {
  const RunId run = run_of(1);
  EXPECT_THAT(tracking_.metric_buckets(run, "unknown", {}), IsEmpty());
  fault(ErrorCode::kNotFound, [&] { tracking_.metric_buckets(RunId("no"), "a", {}); });
  for (const int64_t wrong : {int64_t{0}, int64_t{-1}, int64_t{10'001}}) {
    fault(ErrorCode::kInvalidArgument, [&] { tracking_.metric_buckets(run, "a", {Axis::kStep, wrong, {}, {}}); });
  }
  EXPECT_THAT(fault(ErrorCode::kInvalidArgument,
                    [&] {
                      tracking_.metric_buckets(run, "a", {Axis::kStep, 10, 3, 2});
                    }),
              HasSubstr("before it begins"));
}

INSTANTIATE_TEST_SUITE_P(Databases, HistoryBuckets, ::testing::Values("sqlite", "postgresql"),
                         [](const auto& about) { return about.param; });

}  // namespace
}  // namespace slipway::tracking
