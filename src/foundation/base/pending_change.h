// Changes that are made but would not survive a power failure yet, and answers that wait for that. A thread that serves
// a request stands in an AnswerScope; a store may then return before its change is durable and leave the waiting to the
// answer. The thread is free for the next request meanwhile.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "foundation/base/error.h"

namespace slipway {

class PendingChange {
 public:
  // What went wrong, or nothing.
  using Listener = std::function<void(const std::optional<Error>& failure)>;
  virtual ~PendingChange() = default;

  // Returns when the change is durable; throws what kept it from that.
  virtual void wait() = 0;
  // Calls `listener` once the change is durable or known to be lost, here or on another thread. The calling thread may
  // be put to work on it. Must not throw; `listener` must not block.
  virtual void when_durable(Listener listener) = 0;
};

class AnswerScope {
 public:
  AnswerScope();
  ~AnswerScope();
  AnswerScope(const AnswerScope&) = delete;
  AnswerScope& operator=(const AnswerScope&) = delete;

  // The one that the calling thread stands in; nullptr: nobody would wait, so the store has to.
  static AnswerScope* current();
  // The answer waits for this one. One before it is durable earlier when both come from the same store; else it is
  // waited for here.
  void hold_for(std::shared_ptr<PendingChange> change);
  // What the answer has to wait for, or nullptr.
  std::shared_ptr<PendingChange> take() { return std::move(change_); }

 private:
  std::shared_ptr<PendingChange> change_;
  AnswerScope* outer_;
};

}  // namespace slipway
