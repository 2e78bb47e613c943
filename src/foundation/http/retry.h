// When and how long to wait before a request is sent again. Used by every client that is told to try more than once.
#pragma once

#include <cstdint>

#include "foundation/base/error.h"
#include "foundation/base/id.h"

namespace slipway::http {

struct Retries {
  int attempts = 6;
  int64_t first_pause_ms = 100;  // doubles each time, a random part of it is slept
  int64_t longest_pause_ms = 5000;
};

// The server asks for patience or has a fault of its own; not one that says what it cannot do (501) or has no room
// for (507).
inline bool is_worth_another_try(int status) {
  return status == 429 || (status >= 500 && status != 501 && status != 507);
}
// The network or the server faltered.
inline bool is_worth_another_try(const Error& error) {
  return error.code() == ErrorCode::kUnavailable || error.code() == ErrorCode::kDeadlineExceeded;
}

// Sleeps before the attempt after `attempt` (from 0).
void pause_before_retry(const Retries& retries, int attempt, IdSource& random);

}  // namespace slipway::http
