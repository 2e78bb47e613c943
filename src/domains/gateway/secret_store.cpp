#include "domains/gateway/secret_store.h"

#include "domains/gateway/pairs.h"
#include "foundation/base/error.h"
#include "foundation/identity/grant_store.h"

namespace slipway::gateway {

namespace {

constexpr std::string_view kColumns =
    "SELECT id, secret_id, name, sealed, masked, provider, auth_config, created_ms, updated_ms, created_by, updated_by "
    "FROM gateway_secrets";

SecretStore::Found found_of(const sql::Row& row) {
  SecretStore::Found out;
  out.row = row.get_int(0);
  out.info.id = row.get_text(1);
  out.info.name = row.get_text(2);
  out.sealed = row.get_bytes(3);
  out.info.masked_values = pairs_of(row.get_text(4));
  out.info.provider = row.get_text(5);
  out.info.auth_config = pairs_of(row.get_text(6));
  out.info.stamp = stamp_of(row, 7);
  return out;
}

}  // namespace

SecretStore::Found SecretStore::one(std::string_view column, std::string_view shown, const std::string& value) {
  auto found = transaction_.query_one<Found>(text::concat(kColumns, " WHERE ", column, " = ?"), {value}, found_of);
  if (!found) throw not_found("GatewaySecret not found (", shown, "='", value, "')");
  return *std::move(found);
}

SecretStore::Found SecretStore::get(const std::string& id) { return one("secret_id", "secret_id", id); }

SecretStore::Found SecretStore::get_by_name(const std::string& name) { return one("name", "secret_name", name); }

std::vector<SecretInfo> SecretStore::list(const std::string& provider, const identity::Scope& scope) {
  const auto seen = identity::condition_of(scope, identity::ResourceKind::kProviderSecret, "secret_id");
  std::string condition = provider.empty() ? " WHERE 1 = 1" : " WHERE provider = ?";
  sql::Values values;
  if (!provider.empty()) values.emplace_back(provider);
  if (!seen.text.empty()) condition.append(" AND ").append(seen.text);
  values.insert(values.end(), seen.values.begin(), seen.values.end());
  std::vector<SecretInfo> out;
  transaction_.query(text::concat(kColumns, condition, " ORDER BY id"), values,
                     [&](const sql::Row& row) { out.push_back(found_of(row).info); });
  return out;
}

bool SecretStore::has_name(const std::string& name) {
  return transaction_.query_int("SELECT id FROM gateway_secrets WHERE name = ?", {name}).has_value();
}

void SecretStore::insert(const SecretInfo& info, const std::string& sealed) {
  transaction_.execute(
      "INSERT INTO gateway_secrets (secret_id, name, sealed, masked, provider, auth_config, created_ms, updated_ms, "
      "created_by, updated_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      {info.id, info.name, sql::Bytes{sealed}, to_text(info.masked_values), info.provider, to_text(info.auth_config),
       info.stamp.created_ms, info.stamp.updated_ms, info.stamp.created_by, info.stamp.updated_by});
}

void SecretStore::update(const Found& found) {
  const SecretInfo& info = found.info;
  transaction_.execute(
      "UPDATE gateway_secrets SET sealed = ?, masked = ?, auth_config = ?, updated_ms = ?, updated_by = ? WHERE id = ?",
      {sql::Bytes{found.sealed}, to_text(info.masked_values), to_text(info.auth_config), info.stamp.updated_ms,
       info.stamp.updated_by, found.row});
}

void SecretStore::remove(int64_t row) {
  transaction_.execute("UPDATE gateway_model_definitions SET secret = NULL WHERE secret = ?", {row});
  transaction_.execute("DELETE FROM gateway_secrets WHERE id = ?", {row});
}

}  // namespace slipway::gateway
