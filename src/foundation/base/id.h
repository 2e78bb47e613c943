// Distinct types for identifiers, and where new ones come from. Used by every domain.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <utility>

namespace slipway {

// A string that names one kind of thing: `using RunId = Id<struct RunIdTag>`. Two kinds do not mix by accident.
template <typename Tag>
struct Id {
  std::string value;

  Id() = default;
  explicit Id(std::string text) : value(std::move(text)) {}
  bool empty() const { return value.empty(); }
  auto operator<=>(const Id&) const = default;  // NOLINT(modernize-use-nullptr): a fault of clang-tidy 14
};

// Source of identifiers and randomness; tests pass a seeded one to get the same ids every time.
class IdSource {
 public:
  virtual ~IdSource() = default;
  virtual uint64_t next_u64() = 0;
  // Lower-case hexadecimal digits, `count` of them (32 for a run id).
  std::string hex(int count);
};

// From the operating system's generator; safe to share between threads.
class RandomIdSource final : public IdSource {
 public:
  uint64_t next_u64() override;
};

// SplitMix64 from a seed; for tests, one thread at a time.
class SeededIdSource final : public IdSource {
 public:
  explicit SeededIdSource(uint64_t seed) : state_(seed) {}
  uint64_t next_u64() override;

 private:
  uint64_t state_;
};

}  // namespace slipway
