#include "foundation/identity/grant_store.h"

#include "foundation/base/text.h"

namespace slipway::identity {

namespace {

sql::Values key_of(int64_t user, const Resource& resource) {
  return {user, std::string(name_of(resource.kind)), resource.id};
}

sql::Value level_of(Permission permission) { return static_cast<int64_t>(permission); }
Permission permission_of(int64_t level) { return static_cast<Permission>(level); }

}  // namespace

std::optional<Permission> GrantStore::find(int64_t user, const Resource& resource) {
  const auto level = transaction_.query_int(
      "SELECT level FROM account_permissions WHERE account = ? AND kind = ? AND resource = ?", key_of(user, resource));
  return level ? std::optional(permission_of(*level)) : std::nullopt;
}

std::optional<Permission> GrantStore::find_applying(int64_t user, const Resource& resource) {
  if (const auto own = find(user, resource)) return own;
  return find(user, {resource.kind, std::string(kAll)});
}

std::vector<Grant> GrantStore::of_user(int64_t user) {
  return transaction_.query_all<Grant>(
      "SELECT kind, resource, level FROM account_permissions WHERE account = ? ORDER BY kind, resource", {user},
      [](const sql::Row& row) {
        const auto kind = parse_resource_kind(row.get_text(0)).value_or(ResourceKind::kExperiment);
        return Grant{{kind, row.get_text(1)}, permission_of(row.get_int(2))};
      });
}

bool GrantStore::insert(int64_t user, const Resource& resource, Permission permission) {
  sql::Values values = key_of(user, resource);
  values.push_back(level_of(permission));
  return transaction_.execute(
             "INSERT INTO account_permissions (account, kind, resource, level) VALUES (?, ?, ?, ?) "
             "ON CONFLICT (account, kind, resource) DO NOTHING",
             values) > 0;
}

void GrantStore::put(int64_t user, const Resource& resource, Permission permission) {
  if (!update(user, resource, permission)) insert(user, resource, permission);
}

bool GrantStore::update(int64_t user, const Resource& resource, Permission permission) {
  sql::Values values = {level_of(permission)};
  for (sql::Value& value : key_of(user, resource)) values.push_back(std::move(value));
  return transaction_.execute(
             "UPDATE account_permissions SET level = ? WHERE account = ? AND kind = ? AND resource = ?", values) > 0;
}

bool GrantStore::remove(int64_t user, const Resource& resource) {
  return transaction_.execute("DELETE FROM account_permissions WHERE account = ? AND kind = ? AND resource = ?",
                              key_of(user, resource)) > 0;
}

void GrantStore::remove_user(int64_t user) {
  transaction_.execute("DELETE FROM account_permissions WHERE account = ?", {user});
}

void GrantStore::made(const Resource& resource, int64_t maker) {
  removed(resource);
  if (maker != 0) insert(maker, resource, Permission::kManage);
}

void GrantStore::renamed(const Resource& resource, const std::string& new_id) {
  if (new_id == resource.id) return;
  removed({resource.kind, new_id});
  transaction_.execute("UPDATE account_permissions SET resource = ? WHERE kind = ? AND resource = ?",
                       {new_id, std::string(name_of(resource.kind)), resource.id});
}

void GrantStore::removed(const Resource& resource) {
  transaction_.execute("DELETE FROM account_permissions WHERE kind = ? AND resource = ?",
                       {std::string(name_of(resource.kind)), resource.id});
}

ScopeCondition condition_of(const Scope& scope, ResourceKind kind, std::string_view column) {
  if (scope.sees_all()) return {};
  return {text::concat("COALESCE((SELECT p.level FROM account_permissions p WHERE p.account = ? AND p.kind = ? AND "
                       "p.resource = ",
                       column, "), ?) >= ?"),
          {scope.user_id, std::string(name_of(kind)), level_of(scope.otherwise), level_of(Permission::kRead)}};
}

}  // namespace slipway::identity
