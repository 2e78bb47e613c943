#include "domains/gateway/secrets.h"

#include <array>

#include "domains/gateway/names.h"
#include "domains/gateway/pairs.h"
#include "domains/gateway/secret_store.h"
#include "foundation/base/error.h"
#include "foundation/identity/grant_store.h"

namespace slipway::gateway {

namespace {

constexpr size_t kMaxPairs = 64;
constexpr size_t kMaxValue = size_t{64} * 1024;  // a service account's key file fits
constexpr std::string_view kAddress = "api_base";
// Other programs' words for where a request goes: only api_base says so here, and only among what is checked.
constexpr std::array<std::string_view, 4> kOtherAddresses = {"base_url", "custom_llm_provider", "fallbacks",
                                                             "model_list"};

void check_sizes(std::string_view what, const Pairs& pairs) {
  if (pairs.size() > kMaxPairs) throw invalid_argument(what, " has more than ", kMaxPairs, " entries.");
  for (const auto& [key, value] : pairs) {
    if (key.empty()) throw invalid_argument(what, " has an entry without a name.");
    if (key.size() > kMaxName || value.size() > kMaxValue) {
      throw invalid_argument(what, " has an entry that is too long: names take ", kMaxName, " bytes, values ",
                             kMaxValue, ".");
    }
    if (!is_plain_text(key) || !is_plain_text(value)) throw invalid_argument(what, " has an entry that is not text.");
  }
}

void check_no_addresses(std::string_view what, const Pairs& pairs) {
  for (const std::string_view name : kOtherAddresses) {
    if (pairs.count(std::string(name)) == 0) continue;
    throw invalid_argument(what, " must not contain '", name,
                           "': it says where requests go. Put the address into auth_config as 'api_base'.");
  }
}

void check_values(const Pairs& values) {
  check_sizes("secret_value", values);
  check_no_addresses("secret_value", values);
  if (values.count(std::string(kAddress)) > 0) {
    throw invalid_argument(
        "secret_value must not contain 'api_base': it says where requests go. Put it into auth_config.");
  }
}

identity::Resource resource_of(const std::string& id) { return {identity::ResourceKind::kProviderSecret, id}; }

std::string context_of(const std::string& id, const std::string& name) { return text::concat(id, "|", name); }

}  // namespace

Pairs open_secret(SecretBox& box, const SecretInfo& info, const std::string& sealed) {
  return pairs_of(box.open(sealed, context_of(info.id, info.name)));
}

// An address that is only blanks counts as none.
Pairs Secrets::checked_config(const Pairs& config) const {
  check_sizes("auth_config", config);
  check_no_addresses("auth_config", config);
  Pairs out = config;
  const auto address = out.find(std::string(kAddress));
  if (address == out.end()) return out;
  address->second = std::string(text::trim(address->second));
  if (address->second.empty()) {
    out.erase(address);
  } else {
    check_url_(address->second);
  }
  return out;
}

std::string Secrets::sealed(const Pairs& values, const std::string& id, const std::string& name) {
  return box_.seal(to_text(values), context_of(id, name));
}

SecretInfo Secrets::create(const NewSecret& secret) {
  check_name("secret_name", secret.name);
  check_name_if_set("provider", secret.provider);
  check_values(secret.values);
  SecretInfo info;
  info.id = "s-" + ids_.hex(32);
  info.name = secret.name;
  info.masked_values = masked(secret.values);
  info.provider = secret.provider;
  info.auth_config = checked_config(secret.auth_config);
  info.stamp = new_stamp(clock_.now_ms(), secret.maker);
  const std::string bytes = sealed(secret.values, info.id, info.name);
  database_.write([&](sql::Transaction& transaction) {
    SecretStore store(transaction);
    if (store.has_name(info.name)) throw already_exists("Secret with name '", info.name, "' already exists");
    store.insert(info, bytes);
    identity::GrantStore(transaction).made(resource_of(info.id), secret.maker_id);
  });
  return info;
}

SecretInfo Secrets::update(const std::string& id, const SecretChange& change) {
  const SecretInfo known = get(id);
  if (change.values) check_values(*change.values);
  std::optional<Pairs> config;
  if (change.auth_config) config = checked_config(*change.auth_config);
  std::string bytes;
  if (change.values) bytes = sealed(*change.values, id, known.name);
  return database_.write_value<SecretInfo>([&](sql::Transaction& transaction) {
    SecretStore store(transaction);
    auto found = store.get(id);
    if (change.values) {
      found.sealed = bytes;
      found.info.masked_values = masked(*change.values);
    }
    if (config) found.info.auth_config = *config;
    touch(found.info.stamp, clock_.now_ms(), change.changer);
    store.update(found);
    return found.info;
  });
}

SecretInfo Secrets::get(const std::string& id) {
  return database_.read_value<SecretInfo>(
      [&](sql::Transaction& transaction) { return SecretStore(transaction).get(id).info; });
}

SecretInfo Secrets::get_by_name(const std::string& name) {
  return database_.read_value<SecretInfo>(
      [&](sql::Transaction& transaction) { return SecretStore(transaction).get_by_name(name).info; });
}

std::vector<SecretInfo> Secrets::list(const std::string& provider, const identity::Scope& scope) {
  return database_.read_value<std::vector<SecretInfo>>(
      [&](sql::Transaction& transaction) { return SecretStore(transaction).list(provider, scope); });
}

void Secrets::remove(const std::string& id) {
  database_.write([&](sql::Transaction& transaction) {
    SecretStore store(transaction);
    store.remove(store.get(id).row);
    identity::GrantStore(transaction).removed(resource_of(id));
  });
}

}  // namespace slipway::gateway
