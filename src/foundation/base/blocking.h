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
  // Around a PeerSection, outside of the two above.
  virtual void on_peer_wait() {}
  virtual void on_peer_answer() {}
  // Whether others need the thread more than somebody who keeps it waiting.
  virtual bool is_short_of_threads() const { return false; }
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

// A BlockingSection that lasts as long as somebody at the other end of a connection likes.
class PeerSection {
 public:
  PeerSection();
  ~PeerSection();
  PeerSection(const PeerSection&) = delete;
  PeerSection& operator=(const PeerSection&) = delete;
  bool is_short_of_threads() const;
};

}  // namespace slipway
