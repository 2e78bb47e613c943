// Counters, gauges and histograms of the running program, exposed in Prometheus' text format. A Registry is owned by
// the composition root and handed to whoever counts; series are created on first use and updated without a lock.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace slipway::metrics {

using Labels = std::vector<std::pair<std::string, std::string>>;

class Counter {
 public:
  void add(double amount = 1) { value_.fetch_add(amount, std::memory_order_relaxed); }
  double value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<double> value_{0};
};

class Gauge {
 public:
  void set(double value) { value_.store(value, std::memory_order_relaxed); }
  void add(double amount) { value_.fetch_add(amount, std::memory_order_relaxed); }
  double value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<double> value_{0};
};

// Durations in seconds, in buckets from 100 microseconds to 100 seconds.
class Histogram {
 public:
  static constexpr std::array<double, 19> kBounds = {
      0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100};
  void observe(double seconds);
  uint64_t bucket(size_t index) const { return buckets_[index].load(std::memory_order_relaxed); }
  double sum() const { return sum_.load(std::memory_order_relaxed); }

 private:
  std::array<std::atomic<uint64_t>, kBounds.size() + 1> buckets_{};
  std::atomic<double> sum_{0};
};

class Registry {
 public:
  // The series of that name and labels, created if new; the reference stays valid as long as the registry. One name has
  // one kind and one help text; base units and `_total` are the caller's duty. Keep label values few: never user input.
  Counter& counter(std::string_view name, std::string_view help, const Labels& labels = {});
  Gauge& gauge(std::string_view name, std::string_view help, const Labels& labels = {});
  Histogram& histogram(std::string_view name, std::string_view help, const Labels& labels = {});
  // Forgets a gauge series (a model that is no longer served).
  void remove(std::string_view name, const Labels& labels);

  // Text format 0.0.4, families and series in a stable order.
  std::string expose() const;

 private:
  struct Family {
    std::string help;
    std::string kind;
    std::map<std::string, std::unique_ptr<Counter>> counters;
    std::map<std::string, std::unique_ptr<Gauge>> gauges;
    std::map<std::string, std::unique_ptr<Histogram>> histograms;
  };
  Family& family(std::string_view name, std::string_view help, std::string_view kind);

  mutable std::mutex mutex_;  // guards families_ (the maps, not the atomics in them)
  std::map<std::string, Family, std::less<>> families_;
};

}  // namespace slipway::metrics
