#include "domains/tracking/point_codec.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "foundation/base/error.h"

namespace slipway::tracking {
namespace {

std::vector<StoredPoint> training_loop(size_t count, bool floats) {
  std::mt19937_64 random(7);
  std::uniform_real_distribution<double> noise(0, 1);
  std::vector<StoredPoint> out;
  int64_t time_ms = 1'700'000'000'000;
  for (size_t i = 0; i < count; ++i) {
    time_ms += 20 + static_cast<int64_t>(random() % 10);
    const double value = noise(random);
    out.push_back(
        {time_ms, static_cast<int64_t>(i), {floats ? static_cast<double>(static_cast<float>(value)) : value}});
  }
  return out;
}

TEST(PointCodec, PointsComeBackToTheLastBit) {
  constexpr auto kLeast = std::numeric_limits<int64_t>::min();
  constexpr auto kMost = std::numeric_limits<int64_t>::max();
  std::vector<StoredPoint> points = {
      {kLeast, kMost, stored_value(std::numeric_limits<double>::infinity())}, {-1, kLeast, stored_value(std::nan(""))},
      {0, 0, stored_value(std::numeric_limits<double>::denorm_min())},        {kMost, 1, stored_value(0.1)},
      {kMost, kMost, stored_value(-std::numeric_limits<double>::max())},
  };
  EXPECT_EQ(decode_points(encode_points(points)), points);
  EXPECT_EQ(unpack_points(pack_points(points)), points);
  points.clear();
  EXPECT_EQ(decode_points(encode_points(points)), points);
  EXPECT_EQ(unpack_points(pack_points(points)), points);
}

TEST(PointCodec, ATrainingLoopTakesFewBytes) {
  for (const bool floats : {true, false}) {
    const std::vector<StoredPoint> points = training_loop(256, floats);
    const std::string packed = pack_points(points);
    EXPECT_EQ(unpack_points(packed), points);
    EXPECT_LT(packed.size(), points.size() * (floats ? 7 : 11));
  }
}

TEST(PointCodec, AppendedPointsAreAsIfWrittenAtOnce) {
  const std::vector<StoredPoint> points = training_loop(10, false);
  const std::vector<StoredPoint> first(points.begin(), points.begin() + 4);
  const std::vector<StoredPoint> rest(points.begin() + 4, points.end());
  EXPECT_EQ(encode_points(first) + encode_points(rest), encode_points(points));
}

TEST(PointCodec, SortingDropsWhatIsThereTwice) {
  std::vector<StoredPoint> points = {{2, 1, {5}}, {1, 1, {5}}, {2, 1, {5}}, {2, 1, {5, 1}}, {2, 0, {5}}};
  sort_points(points);
  EXPECT_EQ(points, (std::vector<StoredPoint>{{1, 1, {5}}, {2, 0, {5}}, {2, 1, {5}}, {2, 1, {5, 1}}}));
}

TEST(PointCodec, DamagedBytesAreToldAsSuch) {
  const std::string packed = pack_points(training_loop(20, false));
  for (size_t size = 0; size < packed.size(); ++size) {
    try {
      unpack_points(std::string_view(packed).substr(0, size));
      FAIL() << size;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kDataLoss);
    }
  }
  EXPECT_THROW(unpack_points(packed + "x"), Error);
  EXPECT_THROW(decode_points("x"), Error);
}

}  // namespace
}  // namespace slipway::tracking
