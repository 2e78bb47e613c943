// The signals that a server listens to: SIGINT and SIGTERM end it, SIGHUP makes it read again what may change while it
// runs. Used by `slipway server` and `slipway serve`.
#pragma once

#include <csignal>
#include <functional>

namespace slipway::cli {

class ServerSignals {
 public:
  // Before any thread starts, so that the signals reach wait_for_end and nobody else.
  ServerSignals();

  // Until SIGINT or SIGTERM. At each SIGHUP it sets the log as the settings say by now and calls `reload`, which must
  // not throw.
  void wait_for_end(const std::function<void()>& reload) const;

 private:
  sigset_t signals_{};
};

}  // namespace slipway::cli
