#include "domains/tracking/point_codec.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "foundation/base/error.h"

namespace slipway::tracking {

namespace {

static_assert(std::endian::native == std::endian::little, "numbers are copied as they lie in memory");

// The first byte of a chunk: its layout, by the width of its values.
constexpr char kOfDoubles = 1;
constexpr char kOfFloats = 2;

template <typename T>
void append(std::string& out, T number) {
  out.append(reinterpret_cast<const char*>(&number), sizeof(number));
}

// Differences wrap around, so that any two numbers have one.
uint64_t zigzag(uint64_t difference) { return (difference << 1U) ^ (0 - (difference >> 63U)); }
uint64_t from_zigzag(uint64_t folded) { return (folded >> 1U) ^ (0 - (folded & 1U)); }

void append_varint(std::string& out, uint64_t number) {
  while (number >= 0x80) {
    out.push_back(static_cast<char>(number | 0x80U));
    number >>= 7U;
  }
  out.push_back(static_cast<char>(number));
}

Error damaged() {
  return {ErrorCode::kDataLoss, "stored metric points are damaged; restore the database from a backup"};
}

class Reader {
 public:
  explicit Reader(std::string_view bytes) : left_(bytes) {}

  template <typename T>
  T number() {
    if (left_.size() < sizeof(T)) throw damaged();
    T out;
    std::memcpy(&out, left_.data(), sizeof(T));
    left_.remove_prefix(sizeof(T));
    return out;
  }

  uint64_t varint() {
    uint64_t out = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const auto byte = number<uint8_t>();
      out |= static_cast<uint64_t>(byte & 0x7fU) << shift;
      if (byte < 0x80) return out;
    }
    throw damaged();
  }

  size_t left() const { return left_.size(); }

 private:
  std::string_view left_;
};

void append_differences(std::string& out, const std::vector<StoredPoint>& points, int64_t StoredPoint::*member) {
  uint64_t before = 0;
  for (const StoredPoint& point : points) {
    const auto number = static_cast<uint64_t>(point.*member);
    append_varint(out, zigzag(number - before));
    before = number;
  }
}

void read_differences(Reader& reader, std::vector<StoredPoint>& points, int64_t StoredPoint::*member) {
  uint64_t before = 0;
  for (StoredPoint& point : points) {
    before += from_zigzag(reader.varint());
    point.*member = static_cast<int64_t>(before);
  }
}

template <typename T>
void append_values(std::string& out, const std::vector<StoredPoint>& points) {
  for (const StoredPoint& point : points) append(out, static_cast<T>(value_of(point.value)));
}

template <typename T>
void read_values(Reader& reader, std::vector<StoredPoint>& points) {
  for (StoredPoint& point : points) point.value = stored_value(static_cast<double>(reader.number<T>()));
}

bool is_float(const StoredPoint& point) {
  const double value = point.value.value;
  if (std::abs(value) > std::numeric_limits<float>::max()) return false;
  return static_cast<double>(static_cast<float>(value)) == value;
}

}  // namespace

StoredValue stored_value(double value) {
  if (std::isnan(value)) return {0, 1};
  constexpr double kMost = std::numeric_limits<double>::max();
  return {std::clamp(value, -kMost, kMost), 0};
}

double value_of(const StoredValue& stored) {
  return stored.is_nan != 0 ? std::numeric_limits<double>::quiet_NaN() : stored.value;
}

void sort_points(std::vector<StoredPoint>& points) {
  if (!std::is_sorted(points.begin(), points.end())) std::sort(points.begin(), points.end());
  points.erase(std::unique(points.begin(), points.end()), points.end());
}

std::string encode_points(const std::vector<StoredPoint>& points) {
  std::string out;
  out.reserve(points.size() * kPointBytes);
  for (const StoredPoint& point : points) {
    append(out, point.time_ms);
    append(out, point.step);
    append(out, value_of(point.value));
  }
  return out;
}

std::vector<StoredPoint> decode_points(std::string_view bytes) {
  if (bytes.size() % kPointBytes != 0) throw damaged();
  std::vector<StoredPoint> out(bytes.size() / kPointBytes);
  Reader reader(bytes);
  for (StoredPoint& point : out) {
    point.time_ms = reader.number<int64_t>();
    point.step = reader.number<int64_t>();
    point.value = stored_value(reader.number<double>());
  }
  return out;
}

std::string pack_points(const std::vector<StoredPoint>& points) {
  const bool floats = std::all_of(points.begin(), points.end(), is_float);
  std::string out;
  out.reserve(16 + points.size() * 12);
  out.push_back(floats ? kOfFloats : kOfDoubles);
  append_varint(out, points.size());
  append_differences(out, points, &StoredPoint::time_ms);
  append_differences(out, points, &StoredPoint::step);
  floats ? append_values<float>(out, points) : append_values<double>(out, points);
  return out;
}

std::vector<StoredPoint> unpack_points(std::string_view bytes) {
  Reader reader(bytes);
  const char layout = reader.number<char>();
  if (layout != kOfDoubles && layout != kOfFloats) throw damaged();
  const uint64_t count = reader.varint();
  // Each point has at least a byte of time and a byte of step.
  if (count > bytes.size() / 2) throw damaged();
  std::vector<StoredPoint> out(count);
  read_differences(reader, out, &StoredPoint::time_ms);
  read_differences(reader, out, &StoredPoint::step);
  layout == kOfFloats ? read_values<float>(reader, out) : read_values<double>(reader, out);
  if (reader.left() != 0) throw damaged();
  return out;
}

}  // namespace slipway::tracking
