// Background work with a bound: threads that run queued tasks, and tasks that repeat. Used by the server's pipelines,
// monitors and cleaners.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace slipway::jobs {

// Tells a running task that it should end soon.
class Cancellation {
 public:
  bool requested() const;
  void request();
  // Sleeps up to that long; true as soon as cancellation is requested.
  bool wait_for_ms(int64_t duration_ms) const;
  Cancellation();

 private:
  struct State;
  std::shared_ptr<State> state_;  // shared by who asks and who runs
};

class WorkerPool {
 public:
  using Task = std::function<void(const Cancellation&)>;
  WorkerPool(std::string name, int threads, size_t max_queued = 1000);
  // Requests cancellation of all tasks and waits for the running ones.
  ~WorkerPool();
  // Queues the task; resource_exhausted when the queue is full. What a task throws is logged.
  void submit(Task task);
  // Runs the task every `interval_ms`, the first time after one interval, never twice at once.
  void repeat(int64_t interval_ms, Task task);
  void stop();

 private:
  class Core;
  std::unique_ptr<Core> core_;
};

}  // namespace slipway::jobs
