// How code that is about to wait for a disk, a commit or a peer says so, without knowing who runs it. The HTTP server
// keeps few hot workers and sends a spare one to work while a handler is inside a BlockingSection.
#pragma once

namespace slipway {

// What the thread's owner wants to hear; called on the thread itself, outermost section only.
class BlockingObserver {
 public:
  virtual ~BlockingObserver() = default;
  virtual void on_block() = 0;
  virtual void on_unblock() = 0;
};

// Set by a worker thread for itself; nullptr (the default) ignores sections.
void set_blocking_observer(BlockingObserver* observer);

class BlockingSection {
 public:
  BlockingSection();
  ~BlockingSection();
  BlockingSection(const BlockingSection&) = delete;
  BlockingSection& operator=(const BlockingSection&) = delete;
};

}  // namespace slipway
