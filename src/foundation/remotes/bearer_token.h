// A token that a service gives for keys, and that is good for a while. Used by the kinds of storage whose keys are not
// sent themselves.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "foundation/http/client.h"

namespace slipway::remotes {

struct FetchedToken {
  std::string value;
  int64_t seconds = 0;  // it is good for
};

// Posts the form and reads the answer as OAuth 2 has it. Throws unauthenticated with the service's own words.
FetchedToken ask_for_token(http::Client& client, const std::string& url,
                           const std::vector<std::pair<std::string, std::string>>& form);

// Asks again shortly before the token's end; safe to share between threads.
class BearerToken {
 public:
  explicit BearerToken(std::function<FetchedToken()> fetch) : fetch_(std::move(fetch)) {}
  std::string get();

 private:
  const std::function<FetchedToken()> fetch_;
  std::mutex mutex_;  // guards the two below
  std::string value_;
  int64_t until_ms_ = 0;  // of the clock that never jumps
};

}  // namespace slipway::remotes
