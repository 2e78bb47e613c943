// Points of metrics as bytes for the database: single points of a fixed size while they arrive, whole chunks packed.
// Used by MetricStore.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace slipway::tracking {

// NaN has no place in a sorted column: it is stored as 0 beside a flag.
struct StoredValue {
  double value = 0;
  int64_t is_nan = 0;
};
// Infinities become the largest double.
StoredValue stored_value(double value);
double value_of(const StoredValue& stored);

// The four numbers together are the point's key within its series.
struct StoredPoint {
  int64_t time_ms = 0;
  int64_t step = 0;
  StoredValue value;

  auto key() const { return std::tuple(time_ms, step, value.value, value.is_nan); }
  bool operator<(const StoredPoint& other) const { return key() < other.key(); }
  bool operator==(const StoredPoint& other) const { return key() == other.key(); }
};

// Puts the points in order and drops what is there twice.
void sort_points(std::vector<StoredPoint>& points);

// Points one after the other, kPointBytes each (time, step and value, little endian), so that more can be appended.
inline constexpr size_t kPointBytes = 24;
std::string encode_points(const std::vector<StoredPoint>& points);
// Throws data_loss for bytes that encode_points did not make.
std::vector<StoredPoint> decode_points(std::string_view bytes);

// Sorted points packed: a byte for the layout, their number, the times and the steps each as a first one and
// differences (zigzag, 7 bits to the byte), then the values, 4 bytes each where every one is a float and 8 otherwise.
// About 6 to 12 bytes per point as training loops write them.
std::string pack_points(const std::vector<StoredPoint>& points);
// Throws data_loss for bytes that pack_points did not make.
std::vector<StoredPoint> unpack_points(std::string_view bytes);

}  // namespace slipway::tracking
