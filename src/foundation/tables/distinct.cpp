#include "foundation/tables/distinct.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "foundation/tables/parallel.h"

namespace slipway::tables {

namespace {

// Spreads every bit of the input over the whole result (the finaliser of SplitMix64).
uint64_t mix(uint64_t value) {
  value += 0x9E3779B97F4A7C15ULL;
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9ULL;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EBULL;
  return value ^ (value >> 31);
}

uint64_t hash_text(std::string_view text) {
  uint64_t hash = mix(text.size());
  while (!text.empty()) {
    uint64_t word = 0;
    const size_t length = std::min(text.size(), sizeof(word));
    std::memcpy(&word, text.data(), length);
    hash = mix(hash ^ word);
    text.remove_prefix(length);
  }
  return hash;
}

uint64_t hash_double(double value) {
  if (std::isnan(value)) return mix(1);
  return mix(std::bit_cast<uint64_t>(value == 0 ? 0.0 : value));
}

bool are_equal(const Column& column, size_t a, size_t b) {
  if (column.type() == ColumnType::kText) return column.text(a) == column.text(b);
  if (column.type() != ColumnType::kDouble) return column.integers()[a] == column.integers()[b];
  const double left = column.doubles()[a];
  const double right = column.doubles()[b];
  return left == right || (std::isnan(left) && std::isnan(right));
}

bool is_before(const Column& column, size_t a, size_t b) {
  if (column.type() == ColumnType::kText) return column.text(a) < column.text(b);
  if (column.type() != ColumnType::kDouble) return column.integers()[a] < column.integers()[b];
  const double left = column.doubles()[a];
  const double right = column.doubles()[b];
  return std::isnan(right) ? !std::isnan(left) : left < right;
}

// HyperLogLog with 2^14 registers.
class Estimator {
 public:
  void add(uint64_t hash) {
    const size_t index = hash >> (64 - kBits);
    const auto rank = static_cast<uint8_t>(std::countl_zero((hash << kBits) | (uint64_t{1} << (kBits - 1))) + 1);
    registers_[index] = std::max(registers_[index], rank);
  }

  // Used only past a million values, where no correction for few values is needed.
  uint64_t estimate() const {
    double sum = 0;
    for (const uint8_t rank : registers_) sum += std::ldexp(1.0, -rank);
    const double count = static_cast<double>(registers_.size());
    return static_cast<uint64_t>(std::llround(0.7213 / (1 + 1.079 / count) * count * count / sum));
  }

 private:
  static constexpr int kBits = 14;
  std::array<uint8_t, size_t{1} << kBits> registers_{};
};

// Open addressing from hash to the position of a value; the value itself is compared in the column.
class ValueTable {
 public:
  explicit ValueTable(const Column& column) : column_(column), slots_(1024) {}

  // Counts the cell; false when it would be a new value over the limit.
  bool count(size_t row, uint64_t hash, size_t limit) {
    size_t at = hash & (slots_.size() - 1);
    while (slots_[at].position != 0) {
      Slot& slot = slots_[at];
      if (slot.hash == hash && are_equal(column_, values_[slot.position - 1].first_row, row)) {
        ++values_[slot.position - 1].count;
        return true;
      }
      at = (at + 1) & (slots_.size() - 1);
    }
    if (values_.size() >= limit) return false;
    values_.push_back({row, 1});
    slots_[at] = {hash, values_.size()};
    if (values_.size() * 2 > slots_.size()) grow();
    return true;
  }

  std::vector<DistinctValue> take_values() { return std::move(values_); }

 private:
  struct Slot {
    uint64_t hash = 0;
    size_t position = 0;  // in values_, counted from 1
  };

  void grow() {
    std::vector<Slot> bigger(slots_.size() * 4);
    for (const Slot& slot : slots_) {
      if (slot.position == 0) continue;
      size_t at = slot.hash & (bigger.size() - 1);
      while (bigger[at].position != 0) at = (at + 1) & (bigger.size() - 1);
      bigger[at] = slot;
    }
    slots_ = std::move(bigger);
  }

  const Column& column_;
  std::vector<Slot> slots_;
  std::vector<DistinctValue> values_;
};

}  // namespace

uint64_t hash_cell(const Column& column, size_t row) {
  if (column.is_missing(row)) return 0;
  if (column.type() == ColumnType::kText) return hash_text(column.text(row));
  if (column.type() == ColumnType::kDouble) return hash_double(column.doubles()[row]);
  return mix(static_cast<uint64_t>(column.integers()[row]));
}

DistinctValues count_distinct(const Column& column, size_t limit) {
  ValueTable table(column);
  Estimator estimator;
  DistinctValues out;
  for (size_t row = 0; row < column.size(); ++row) {
    if (column.is_missing(row)) continue;
    const uint64_t hash = hash_cell(column, row);
    estimator.add(hash);
    if (!table.count(row, hash, limit)) out.is_estimate = true;
  }
  out.values = table.take_values();
  out.count = out.values.size();
  if (out.is_estimate) out.count = std::max(out.count, estimator.estimate());
  return out;
}

std::vector<DistinctValue> most_frequent(const Column& column, const DistinctValues& distinct, size_t limit) {
  std::vector<DistinctValue> out = distinct.values;
  const auto keep = out.begin() + static_cast<std::ptrdiff_t>(std::min(limit, out.size()));
  std::partial_sort(out.begin(), keep, out.end(), [&](const DistinctValue& a, const DistinctValue& b) {
    return a.count != b.count ? a.count > b.count : is_before(column, a.first_row, b.first_row);
  });
  out.erase(keep, out.end());
  return out;
}

uint64_t count_duplicate_rows(const Table& table) {
  constexpr size_t kBlock = 65'536;
  std::vector<uint64_t> hashes(table.rows(), 0);
  for_each_parallel((hashes.size() + kBlock - 1) / kBlock, [&](size_t block) {
    const size_t begin = block * kBlock;
    const size_t end = std::min(begin + kBlock, hashes.size());
    for (const Column& column : table.columns()) {
      for (size_t row = begin; row < end; ++row) hashes[row] = mix(hashes[row] ^ hash_cell(column, row));
    }
  });
  std::sort(hashes.begin(), hashes.end());
  const auto unique_end = std::unique(hashes.begin(), hashes.end());
  return static_cast<uint64_t>(hashes.end() - unique_end);
}

}  // namespace slipway::tables
