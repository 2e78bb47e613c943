// Who is behind a request. The HTTP server's filter finds out and leaves it with the request; handlers pass it on to
// whoever asks what this caller may do.
#pragma once

#include <memory>
#include <string>

#include "foundation/http/message.h"
#include "foundation/identity/permission.h"

namespace slipway::identity {

struct Caller {
  std::string name;
  bool is_admin = false;
  // What a caller without an account may do with everything; accounts have permissions of their own.
  Permission everywhere = Permission::kNone;
  int64_t user_id = 0;  // 0: a token, or nobody

  // Where nobody is asked who he is.
  static std::shared_ptr<const Caller> anybody();
  // Who has not said who he is; may do nothing.
  static const Caller& nobody();

  bool has_account() const { return user_id != 0; }
};

// Nobody, if the filter did not find out.
const Caller& caller_of(const http::Request& request);

}  // namespace slipway::identity
