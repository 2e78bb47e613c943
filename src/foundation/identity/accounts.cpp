#include "foundation/identity/accounts.h"

#include "foundation/base/error.h"
#include "foundation/identity/grant_store.h"
#include "foundation/identity/migrations.h"
#include "foundation/identity/password.h"

namespace slipway::identity {

namespace {

constexpr size_t kMaxName = 255;

User user_of(const sql::Row& row) { return {row.get_int(0), row.get_text(1), row.get_int(2) != 0}; }

Error no_such_user(const std::string& name) { return not_found("User with username=", name, " not found"); }

void check_name(const std::string& name) {
  if (text::trim(name).empty()) throw invalid_argument("Username cannot be empty.");
  if (name.size() > kMaxName) throw invalid_argument("a user name takes at most ", kMaxName, " bytes");
  for (const char c : name) {
    // Basic authentication ends the name at the first colon.
    if (c == ':' || static_cast<unsigned char>(c) < 0x20)
      throw invalid_argument("a user name takes no colon and no control characters");
  }
}

User get_in(sql::Transaction& transaction, const std::string& name) {
  const auto found =
      transaction.query_one<User>("SELECT id, name, is_admin FROM accounts WHERE name = ?", {name}, user_of);
  if (!found) throw no_such_user(name);
  return *found;
}

void refuse_last_admin(sql::Transaction& transaction, const User& user) {
  if (!user.is_admin) return;
  const auto others =
      transaction.query_int("SELECT count(*) FROM accounts WHERE is_admin = 1 AND id != ?", {user.id}).value_or(0);
  if (others == 0) throw failed_precondition("'", user.name, "' is the last administrator; make another one first");
}

// Nothing when the name is taken.
std::optional<int64_t> insert(sql::Transaction& transaction, const std::string& name, const std::string& hash,
                              bool is_admin, int64_t now_ms) {
  return transaction.query_int(
      "INSERT INTO accounts (name, password_hash, is_admin, created_ms) VALUES (?, ?, ?, ?) "
      "ON CONFLICT (name) DO NOTHING RETURNING id",
      {name, hash, int64_t{is_admin ? 1 : 0}, now_ms});
}

}  // namespace

Accounts::Accounts(sql::Database& database, Clock& clock) : database_(database), clock_(clock) { migrate(database_); }

User Accounts::create(const std::string& name, const std::string& password, bool is_admin) {
  check_name(name);
  check_password(password);
  const std::string hash = hash_password(password);
  const int64_t id = database_.write_value<int64_t>([&](sql::Transaction& transaction) {
    const auto made = insert(transaction, name, hash, is_admin, clock_.now_ms());
    if (!made) throw already_exists("User (username=", name, ") already exists.");
    return *made;
  });
  changed();
  return {id, name, is_admin};
}

bool Accounts::create_first(const std::string& name, const std::string& password) {
  check_name(name);
  check_password(password);
  const std::string hash = hash_password(password);
  const bool made = database_.write_value<bool>([&](sql::Transaction& transaction) {
    if (transaction.query_int("SELECT id FROM accounts LIMIT 1")) return false;
    return insert(transaction, name, hash, true, clock_.now_ms()).has_value();
  });
  changed();
  return made;
}

bool Accounts::is_empty() {
  return database_.read_value<bool>(
      [](sql::Transaction& transaction) { return !transaction.query_int("SELECT id FROM accounts LIMIT 1"); });
}

User Accounts::get(const std::string& name) {
  return database_.read_value<User>([&](sql::Transaction& transaction) { return get_in(transaction, name); });
}

std::optional<StoredUser> Accounts::find(const std::string& name) {
  using Found = std::optional<StoredUser>;
  return database_.read_value<Found>([&](sql::Transaction& transaction) {
    return transaction.query_one<StoredUser>("SELECT id, name, is_admin, password_hash FROM accounts WHERE name = ?",
                                             {name}, [](const sql::Row& row) {
                                               return StoredUser{user_of(row), row.get_text(3)};
                                             });
  });
}

std::vector<User> Accounts::list() {
  return database_.read_value<std::vector<User>>([](sql::Transaction& transaction) {
    return transaction.query_all<User>("SELECT id, name, is_admin FROM accounts ORDER BY name", {}, user_of);
  });
}

void Accounts::set_password(const std::string& name, const std::string& password) {
  check_password(password);
  const std::string hash = hash_password(password);
  database_.write([&](sql::Transaction& transaction) {
    if (transaction.execute("UPDATE accounts SET password_hash = ? WHERE name = ?", {hash, name}) == 0)
      throw no_such_user(name);
  });
  changed();
}

void Accounts::set_admin(const std::string& name, bool is_admin) {
  database_.write([&](sql::Transaction& transaction) {
    const User user = get_in(transaction, name);
    if (!is_admin) refuse_last_admin(transaction, user);
    transaction.execute("UPDATE accounts SET is_admin = ? WHERE id = ?", {int64_t{is_admin ? 1 : 0}, user.id});
  });
  changed();
}

void Accounts::remove(const std::string& name) {
  database_.write([&](sql::Transaction& transaction) {
    const User user = get_in(transaction, name);
    refuse_last_admin(transaction, user);
    GrantStore(transaction).remove_user(user.id);
    transaction.execute("DELETE FROM accounts WHERE id = ?", {user.id});
  });
  changed();
}

bool Accounts::has_password(const std::string& name, const std::string& password) {
  const auto stored = find(name);
  if (stored) return password_fits(stored->password_hash, password);
  pretend_to_check(password);
  return false;
}

}  // namespace slipway::identity
