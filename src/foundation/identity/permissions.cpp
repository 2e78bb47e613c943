#include "foundation/identity/permissions.h"

#include "foundation/base/error.h"
#include "foundation/identity/migrations.h"

namespace slipway::identity {

Permissions::Permissions(sql::Database& database, Permission otherwise) : database_(database), otherwise_(otherwise) {
  migrate(database_);
}

Permission Permissions::of(const Caller& caller, const Resource& resource) {
  if (caller.is_admin) return Permission::kManage;
  if (!caller.has_account()) return caller.everywhere;
  return database_.read_value<Permission>([&](sql::Transaction& transaction) {
    return GrantStore(transaction).find_applying(caller.user_id, resource).value_or(otherwise_);
  });
}

bool Permissions::allows(const Caller& caller, const Resource& resource, Permission needed) {
  return of(caller, resource) >= needed;
}

void Permissions::require(const Caller& caller, const Resource& resource, Permission needed) {
  if (allows(caller, resource, needed)) return;
  throw permission_denied("Permission denied. It takes ", name_of(needed), " on ", to_text(resource), ".");
}

Scope Permissions::scope(const Caller& caller, ResourceKind kind) {
  if (caller.is_admin) return {};
  if (!caller.has_account()) return {0, caller.everywhere};
  return {caller.user_id, of(caller, {kind, std::string(kAll)})};
}

std::vector<std::string> Permissions::readable(const Caller& caller, ResourceKind kind,
                                               const std::vector<std::string>& ids) {
  const Scope everything = scope(caller, kind);
  if (everything.sees_all()) return ids;
  std::vector<std::string> out;
  database_.read([&](sql::Transaction& transaction) {
    GrantStore grants(transaction);
    for (const std::string& id : ids) {
      if (grants.find(everything.user_id, {kind, id}).value_or(everything.otherwise) >= Permission::kRead)
        out.push_back(id);
    }
  });
  return out;
}

std::optional<Permission> Permissions::find(int64_t user, const Resource& resource) {
  using Found = std::optional<Permission>;
  return database_.read_value<Found>(
      [&](sql::Transaction& transaction) { return GrantStore(transaction).find(user, resource); });
}

std::vector<Grant> Permissions::of_user(int64_t user) {
  return database_.read_value<std::vector<Grant>>(
      [&](sql::Transaction& transaction) { return GrantStore(transaction).of_user(user); });
}

bool Permissions::insert(int64_t user, const Resource& resource, Permission permission) {
  return database_.write_value<bool>(
      [&](sql::Transaction& transaction) { return GrantStore(transaction).insert(user, resource, permission); });
}

void Permissions::put(int64_t user, const Resource& resource, Permission permission) {
  database_.write([&](sql::Transaction& transaction) { GrantStore(transaction).put(user, resource, permission); });
}

bool Permissions::update(int64_t user, const Resource& resource, Permission permission) {
  return database_.write_value<bool>(
      [&](sql::Transaction& transaction) { return GrantStore(transaction).update(user, resource, permission); });
}

bool Permissions::remove(int64_t user, const Resource& resource) {
  return database_.write_value<bool>(
      [&](sql::Transaction& transaction) { return GrantStore(transaction).remove(user, resource); });
}

}  // namespace slipway::identity
