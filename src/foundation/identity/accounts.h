// People and programs with a name and a password. Used by SignIn and by the protocol that manages them.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "foundation/base/clock.h"
#include "foundation/sql/database.h"

namespace slipway::identity {

struct User {
  int64_t id = 0;
  std::string name;
  bool is_admin = false;
};

// What signing in compares with.
struct StoredUser {
  User user;
  std::string password_hash;
};

class Accounts {
 public:
  // Brings the tables up to date.
  Accounts(sql::Database& database, Clock& clock);

  // Throws already_exists, or invalid_argument for a bad name or password.
  User create(const std::string& name, const std::string& password, bool is_admin = false);
  // Makes the first administrator if there is no account at all; says whether it did.
  bool create_first(const std::string& name, const std::string& password);
  bool is_empty();
  User get(const std::string& name);
  std::optional<StoredUser> find(const std::string& name);
  // By name.
  std::vector<User> list();
  void set_password(const std::string& name, const std::string& password);
  // The last administrator stays one.
  void set_admin(const std::string& name, bool is_admin);
  // With all permissions; not the last administrator.
  void remove(const std::string& name);
  // Whether it is the user's password.
  bool has_password(const std::string& name, const std::string& password);

  // Counts changes made here, so that whoever remembers something about a user knows when to look again.
  uint64_t changes() const { return changes_.load(std::memory_order_acquire); }

 private:
  void changed() { changes_.fetch_add(1, std::memory_order_release); }

  sql::Database& database_;
  Clock& clock_;
  std::atomic<uint64_t> changes_{0};
};

}  // namespace slipway::identity
