// The socket that connections come in at. Used by the server only.
#pragma once

#include <optional>
#include <string>

#include "foundation/base/files.h"

namespace slipway::http {

struct Accepted {
  files::Descriptor socket;
  std::string peer;
};

class Listener {
 public:
  // Binds at once; throws unavailable with what to do about it.
  Listener(const std::string& host, int port);

  int descriptor() const { return socket_.get(); }
  int port() const { return port_; }
  enum class Outcome { kAccepted, kNone, kExhausted };
  // kExhausted: no descriptor or memory left, try again later.
  Outcome accept(Accepted& accepted);
  // New clients wait, so that those who are here already can be taken without others coming between and being cut off.
  void hold_arrivals();
  // From now on the system refuses connections; threads inside accept stay safe.
  void refuse_more();

 private:
  files::Descriptor socket_;
  int port_ = 0;
};

}  // namespace slipway::http
