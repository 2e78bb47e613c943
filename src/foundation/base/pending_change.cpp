#include "foundation/base/pending_change.h"

#include <utility>

namespace slipway {

namespace {
thread_local AnswerScope* current_scope = nullptr;
}  // namespace

AnswerScope::AnswerScope() : outer_(std::exchange(current_scope, this)) {}
AnswerScope::~AnswerScope() { current_scope = outer_; }
AnswerScope* AnswerScope::current() { return current_scope; }

void AnswerScope::hold_for(std::shared_ptr<PendingChange> change) {
  if (change_ && change_ != change) change_->wait();
  change_ = std::move(change);
}

}  // namespace slipway
