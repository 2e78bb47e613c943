#include "foundation/identity/sign_in.h"

#include "foundation/base/error.h"
#include "foundation/base/hash.h"
#include "foundation/base/log.h"
#include "foundation/identity/password.h"

namespace slipway::identity {

namespace {

// A separator that no name holds.
std::string joined(const std::string& a, const std::string& b) { return text::concat(a, '\n', b); }

}  // namespace

SignIn::SignIn(Accounts& accounts, Clock& clock, SignInLimits limits)
    : accounts_(accounts), clock_(clock), limits_(limits) {}

std::optional<User> SignIn::check(const std::string& name, const std::string& password, const std::string& address) {
  const std::string digest = keyed_digest(joined(name, password));
  if (auto user = recall(name, digest)) return user;
  const std::string failure_key = joined(address, name);
  refuse_if_too_many(failure_key, limits_.failures);
  refuse_if_too_many(address, limits_.failures_of_address);
  const uint64_t changes = accounts_.changes();
  const auto stored = accounts_.find(name);
  if (stored && password_fits(stored->password_hash, password)) {
    const int64_t now_ms = clock_.now_ms();
    remember(name, {digest, *stored, changes, now_ms, now_ms});
    return stored->user;
  }
  if (!stored) pretend_to_check(password);
  count_failure(failure_key);
  count_failure(address);
  log::warning("sign-in failed", {{"user", name}, {"peer", address}});
  return std::nullopt;
}

std::optional<User> SignIn::recall(const std::string& name, const std::string& digest) {
  const int64_t now_ms = clock_.now_ms();
  const uint64_t changes = accounts_.changes();
  Remembered entry;
  {
    const std::lock_guard lock(mutex_);
    const auto found = remembered_.find(name);
    if (found == remembered_.end() || !equal_in_constant_time(found->second.digest, digest)) return std::nullopt;
    entry = found->second;
  }
  if (now_ms - entry.verified_ms > limits_.remember_ms) return std::nullopt;
  if (entry.changes == changes && now_ms - entry.looked_up_ms <= limits_.refresh_ms) return entry.stored.user;
  // Somebody may have changed the password, the role or deleted the account; all is in its row.
  const auto stored = accounts_.find(name);
  if (!stored || stored->password_hash != entry.stored.password_hash) {
    forget(name);
    return std::nullopt;
  }
  entry.stored = *stored;
  entry.changes = changes;
  entry.looked_up_ms = now_ms;
  remember(name, entry);
  return stored->user;
}

void SignIn::remember(const std::string& name, Remembered entry) {
  const std::lock_guard lock(mutex_);
  if (remembered_.size() >= limits_.max_entries) remembered_.clear();
  remembered_[name] = std::move(entry);
}

void SignIn::forget(const std::string& name) {
  const std::lock_guard lock(mutex_);
  remembered_.erase(name);
}

void SignIn::refuse_if_too_many(const std::string& key, int most) {
  const std::lock_guard lock(mutex_);
  const auto found = failures_.find(key);
  if (found == failures_.end()) return;
  const int64_t left_ms = found->second.until_ms - clock_.now_ms();
  if (left_ms <= 0) {
    failures_.erase(found);
  } else if (found->second.count >= most) {
    throw Error(ErrorCode::kResourceExhausted,
                text::concat("too many failed sign-ins; try again in ", (left_ms + 999) / 1000, " seconds"));
  }
}

void SignIn::count_failure(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const int64_t now_ms = clock_.now_ms();
  if (failures_.size() >= limits_.max_entries) {
    std::erase_if(failures_, [&](const auto& one) { return one.second.until_ms <= now_ms; });
    // Still full: names made up by one who tries them all, whose address is counted anyway.
    if (failures_.size() >= limits_.max_entries)
      std::erase_if(failures_, [](const auto& one) { return one.first.find('\n') != std::string::npos; });
  }
  Failures& failures = failures_[key];
  if (failures.until_ms <= now_ms) failures = {0, now_ms + limits_.window_ms};
  ++failures.count;
}

}  // namespace slipway::identity
