#include "foundation/jobs/event_bus.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "foundation/base/log.h"

namespace slipway::jobs {

namespace {

constexpr size_t kMaxQueued = 100'000;

bool is_wanted(const std::string& pattern, const std::string& kind) {
  return pattern.empty() || pattern == kind || (pattern.back() == '.' && kind.starts_with(pattern));
}

}  // namespace

class EventBus::Core {
 public:
  Core() : thread_([this] { loop(); }) {}

  ~Core() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

  void subscribe(std::string kind, Subscriber subscriber) {
    const std::lock_guard lock(mutex_);
    subscriptions_.push_back({std::move(kind), std::move(subscriber)});
  }

  void subscribe_at_once(std::string kind, Subscriber subscriber) {
    const std::lock_guard lock(mutex_);
    at_once_.push_back({std::move(kind), std::move(subscriber)});
  }

  void publish(Event event) {
    for (const Subscription& subscription : at_once_) {
      if (is_wanted(subscription.kind, event.kind)) subscription.subscriber(event);
    }
    uint64_t dropped = 0;
    {
      const std::lock_guard lock(mutex_);
      if (queue_.size() >= kMaxQueued) {
        dropped = ++dropped_;
      } else {
        queue_.push_back(std::move(event));
        ++published_;
      }
    }
    // The first of a flood and then every thousandth: the log must not become the flood.
    if (dropped % 1000 == 1) {
      log::warning("events are dropped because their subscribers are too slow", {{"dropped", std::to_string(dropped)}});
    }
    changed_.notify_all();
  }

  void flush() {
    std::unique_lock lock(mutex_);
    const uint64_t until = published_;
    changed_.wait(lock, [&] { return handed_on_ >= until; });
  }

 private:
  struct Subscription {
    std::string kind;
    Subscriber subscriber;
  };

  void loop() {
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [this] { return !queue_.empty() || stopping_; });
      if (queue_.empty()) return;
      const Event event = std::move(queue_.front());
      queue_.pop_front();
      // Subscriptions end before the first publish, so the list stands still by now.
      lock.unlock();
      hand_on(event);
      lock.lock();
      ++handed_on_;
      changed_.notify_all();
    }
  }

  void hand_on(const Event& event) const {
    for (const Subscription& subscription : subscriptions_) {
      if (!is_wanted(subscription.kind, event.kind)) continue;
      try {
        subscription.subscriber(event);
      } catch (const std::exception& error) {
        log::error("a subscriber failed", {{"event", event.kind}, {"subject", event.subject}, {"error", error.what()}});
      } catch (...) {
        log::error("a subscriber failed", {{"event", event.kind}, {"subject", event.subject}, {"error", "unknown"}});
      }
    }
  }

  std::vector<Subscription> subscriptions_;
  std::vector<Subscription> at_once_;
  std::mutex mutex_;  // guards the members below, and those above until the first publish
  std::condition_variable changed_;
  std::deque<Event> queue_;
  uint64_t published_ = 0;
  uint64_t handed_on_ = 0;
  uint64_t dropped_ = 0;
  bool stopping_ = false;
  std::thread thread_;  // last: it uses all of the above
};

EventBus::EventBus() : core_(std::make_unique<Core>()) {}
EventBus::~EventBus() = default;
void EventBus::subscribe(std::string kind, Subscriber subscriber) {
  core_->subscribe(std::move(kind), std::move(subscriber));
}
void EventBus::subscribe_at_once(std::string kind, Subscriber subscriber) {
  core_->subscribe_at_once(std::move(kind), std::move(subscriber));
}
void EventBus::publish(Event event) { core_->publish(std::move(event)); }
void EventBus::flush() { core_->flush(); }

}  // namespace slipway::jobs
