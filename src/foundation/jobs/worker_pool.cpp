#include "foundation/jobs/worker_pool.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "foundation/base/error.h"
#include "foundation/base/log.h"

namespace slipway::jobs {

struct Cancellation::State {
  std::mutex mutex;  // guards the one below
  bool requested = false;
  std::condition_variable changed;
};

Cancellation::Cancellation() : state_(std::make_shared<State>()) {}

bool Cancellation::requested() const {
  const std::lock_guard lock(state_->mutex);
  return state_->requested;
}

void Cancellation::request() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->requested = true;
  }
  state_->changed.notify_all();
}

bool Cancellation::wait_for_ms(int64_t duration_ms) const {
  std::unique_lock lock(state_->mutex);
  return state_->changed.wait_for(lock, std::chrono::milliseconds(duration_ms), [this] { return state_->requested; });
}

class WorkerPool::Core {
 public:
  Core(std::string name, int threads, size_t max_queued) : name_(std::move(name)), max_queued_(max_queued) {
    for (int i = 0; i < threads; ++i) {
      threads_.emplace_back([this] { work(); });
    }
  }

  ~Core() { stop(); }

  void submit(Task task) {
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) throw unavailable("worker pool ", name_, " is stopping");
      if (queue_.size() >= max_queued_) {
        throw Error(ErrorCode::kResourceExhausted,
                    text::concat("worker pool ", name_, " has ", max_queued_, " tasks waiting; try again later"));
      }
      queue_.push_back(std::move(task));
    }
    changed_.notify_one();
  }

  void repeat(int64_t interval_ms, Task task) {
    if (interval_ms < 1) throw invalid_argument("the interval of a repeated task must be at least 1 ms");
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) throw unavailable("worker pool ", name_, " is stopping");
      const auto interval = std::chrono::milliseconds(interval_ms);
      repeated_.push_back(
          std::make_unique<Repeated>(Repeated{std::move(task), interval, Time::clock::now() + interval, false}));
    }
    // A sleeping worker may have to wake earlier than it meant to.
    changed_.notify_one();
  }

  void stop() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
      queue_.clear();
    }
    cancellation_.request();
    changed_.notify_all();
    const std::lock_guard lock(join_mutex_);
    for (std::thread& thread : threads_) {
      if (thread.joinable()) thread.join();
    }
  }

 private:
  using Time = std::chrono::steady_clock::time_point;
  struct Repeated {
    Task task;
    std::chrono::milliseconds interval;
    Time due;
    bool running;
  };

  void work() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
      if (Repeated* due = find_due()) {
        run_repeated(*due, lock);
      } else if (!queue_.empty()) {
        const Task task = std::move(queue_.front());
        queue_.pop_front();
        lock.unlock();
        run(task);
        lock.lock();
      } else {
        sleep(lock);
      }
    }
  }

  Repeated* find_due() const {
    const Time now = Time::clock::now();
    for (const auto& repeated : repeated_) {
      if (!repeated->running && repeated->due <= now) return repeated.get();
    }
    return nullptr;
  }

  void run_repeated(Repeated& repeated, std::unique_lock<std::mutex>& lock) {
    repeated.running = true;
    lock.unlock();
    run(repeated.task);
    lock.lock();
    repeated.running = false;
    repeated.due = Time::clock::now() + repeated.interval;
    // The other sleepers did not count with this one while it ran.
    changed_.notify_one();
  }

  void sleep(std::unique_lock<std::mutex>& lock) {
    Time next = Time::max();
    for (const auto& repeated : repeated_) {
      if (!repeated->running) next = std::min(next, repeated->due);
    }
    if (next == Time::max()) {
      changed_.wait(lock);
    } else {
      changed_.wait_until(lock, next);
    }
  }

  void run(const Task& task) const {
    try {
      task(cancellation_);
    } catch (const std::exception& error) {
      log::error("a background task failed", {{"pool", name_}, {"error", error.what()}});
    } catch (...) {
      log::error("a background task failed", {{"pool", name_}, {"error", "unknown"}});
    }
  }

  const std::string name_;
  const size_t max_queued_;
  Cancellation cancellation_;
  std::mutex mutex_;  // guards the four below
  std::condition_variable changed_;
  std::deque<Task> queue_;
  std::vector<std::unique_ptr<Repeated>> repeated_;
  bool stopping_ = false;
  std::mutex join_mutex_;  // guards threads_ against two callers of stop
  std::vector<std::thread> threads_;
};

WorkerPool::WorkerPool(std::string name, int threads, size_t max_queued)
    : core_(std::make_unique<Core>(std::move(name), threads, max_queued)) {}
WorkerPool::~WorkerPool() = default;
void WorkerPool::submit(Task task) { core_->submit(std::move(task)); }
void WorkerPool::repeat(int64_t interval_ms, Task task) { core_->repeat(interval_ms, std::move(task)); }
void WorkerPool::stop() { core_->stop(); }

}  // namespace slipway::jobs
