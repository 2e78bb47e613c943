#include "foundation/base/blocking.h"

namespace slipway {

namespace {
thread_local BlockingObserver* current_observer = nullptr;
thread_local int depth = 0;
}  // namespace

void set_blocking_observer(BlockingObserver* observer) { current_observer = observer; }

namespace {
void enter() {
  if (depth++ == 0 && current_observer != nullptr) current_observer->on_block();
}
void leave() {
  if (--depth == 0 && current_observer != nullptr) current_observer->on_unblock();
}
}  // namespace

BlockingSection::BlockingSection() { enter(); }
BlockingSection::~BlockingSection() { leave(); }

PeerSection::PeerSection() {
  if (current_observer != nullptr) current_observer->on_peer_wait();
  enter();
}

PeerSection::~PeerSection() {
  leave();
  if (current_observer != nullptr) current_observer->on_peer_answer();
}

bool PeerSection::is_short_of_threads() const {
  return current_observer != nullptr && current_observer->is_short_of_threads();
}

}  // namespace slipway
