// Who may do what with which thing: the permissions that accounts were given, and what holds for those that were given
// none. Asked by protocols before they act.
#pragma once

#include <string>
#include <vector>

#include "foundation/identity/caller.h"
#include "foundation/identity/grant_store.h"

namespace slipway::identity {

class Permissions {
 public:
  // `otherwise` is what an account may do with a thing for which it was given no permission. Brings the tables up to
  // date.
  explicit Permissions(sql::Database& database, Permission otherwise = Permission::kRead);

  Permission of(const Caller& caller, const Resource& resource);
  bool allows(const Caller& caller, const Resource& resource, Permission needed);
  // Throws permission_denied.
  void require(const Caller& caller, const Resource& resource, Permission needed);
  // What a search shows the caller.
  Scope scope(const Caller& caller, ResourceKind kind);
  // Those that the caller may read, in their order.
  std::vector<std::string> readable(const Caller& caller, ResourceKind kind, const std::vector<std::string>& ids);

  // Managing them. Ids need not exist, so that permissions can be given before things are made.
  std::optional<Permission> find(int64_t user, const Resource& resource);
  std::vector<Grant> of_user(int64_t user);
  bool insert(int64_t user, const Resource& resource, Permission permission);
  void put(int64_t user, const Resource& resource, Permission permission);
  bool update(int64_t user, const Resource& resource, Permission permission);
  bool remove(int64_t user, const Resource& resource);

 private:
  sql::Database& database_;
  const Permission otherwise_;
};

}  // namespace slipway::identity
