#include "app/cli/server_signals.h"

#include <iostream>

#include "app/cli/settings.h"
#include "foundation/base/error.h"
#include "foundation/base/log.h"

namespace slipway::cli {

namespace {

void reload_log() {
  try {
    configure_log(Settings::load(setting_specs()));
    log::info("reloaded", {{"what", "log-level and log-format"}});
  } catch (const std::exception& error) {
    log::error("not reloaded, the old one stays", {{"what", "log-level and log-format"}, {"reason", error.what()}});
  }
}

}  // namespace

ServerSignals::ServerSignals() {
  sigemptyset(&signals_);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals_, signal);
  ::pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
}

void ServerSignals::wait_for_end(const std::function<void()>& reload) const {
  int received = 0;
  while (::sigwait(&signals_, &received) == 0 && received == SIGHUP) {
    reload_log();
    reload();
  }
  std::cerr << "stopping; running requests may finish\n";
}

}  // namespace slipway::cli
