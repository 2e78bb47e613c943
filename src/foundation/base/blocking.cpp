#include "foundation/base/blocking.h"

namespace slipway {

namespace {
thread_local BlockingObserver* current_observer = nullptr;
thread_local int depth = 0;
}  // namespace

void set_blocking_observer(BlockingObserver* observer) { current_observer = observer; }

BlockingSection::BlockingSection() {
  if (depth++ == 0 && current_observer != nullptr) current_observer->on_block();
}

BlockingSection::~BlockingSection() {
  if (--depth == 0 && current_observer != nullptr) current_observer->on_unblock();
}

}  // namespace slipway
