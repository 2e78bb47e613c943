// Finds the user behind a name and a password, many thousand times a second: a password that was found right is
// remembered for a while under a keyed digest, and whoever fails too often has to wait. Used by Access.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "foundation/identity/accounts.h"

namespace slipway::identity {

struct SignInLimits {
  int64_t remember_ms = 600'000;  // without asking the hash again
  int64_t refresh_ms = 2000;      // without looking whether another process changed the account
  int failures = 10;              // of one name from one address within the window, then they wait for its end
  int failures_of_address = 100;
  int64_t window_ms = 60'000;
  size_t max_entries = 10'000;
};

class SignIn {
 public:
  explicit SignIn(Accounts& accounts, Clock& clock, SignInLimits limits = {});

  // Nothing when there is no such user or the password is wrong; one takes as long as the other. Throws
  // resource_exhausted after too many failures.
  std::optional<User> check(const std::string& name, const std::string& password, const std::string& address);

 private:
  struct Remembered {
    std::string digest;  // of name and password
    StoredUser stored;
    uint64_t changes = 0;  // of the accounts, when it was looked up
    int64_t verified_ms = 0;
    int64_t looked_up_ms = 0;
  };
  struct Failures {
    int count = 0;
    int64_t until_ms = 0;
  };

  std::optional<User> recall(const std::string& name, const std::string& digest);
  void remember(const std::string& name, Remembered entry);
  void forget(const std::string& name);
  void refuse_if_too_many(const std::string& key, int most);
  void count_failure(const std::string& key);

  Accounts& accounts_;
  Clock& clock_;
  const SignInLimits limits_;
  std::mutex mutex_;  // guards the two below
  std::unordered_map<std::string, Remembered> remembered_;
  std::unordered_map<std::string, Failures> failures_;
};

}  // namespace slipway::identity
