// Permissions as rows, inside a transaction: domains change them together with the thing they are about. Used by
// Permissions and by the domains.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "foundation/identity/permission.h"
#include "foundation/sql/database.h"

namespace slipway::identity {

struct Grant {
  Resource resource;
  Permission permission = Permission::kNone;
};

class GrantStore {
 public:
  explicit GrantStore(sql::Transaction& transaction) : transaction_(transaction) {}

  std::optional<Permission> find(int64_t user, const Resource& resource);
  // The permission for the resource, else the one for kAll.
  std::optional<Permission> find_applying(int64_t user, const Resource& resource);
  std::vector<Grant> of_user(int64_t user);
  // False when there is one already.
  bool insert(int64_t user, const Resource& resource, Permission permission);
  void put(int64_t user, const Resource& resource, Permission permission);
  bool update(int64_t user, const Resource& resource, Permission permission);
  bool remove(int64_t user, const Resource& resource);
  void remove_user(int64_t user);

  // What happens to a thing happens to everybody's permissions for it. A new one has none but its maker's: what was
  // given to somebody for a thing that is not there any more must not hold for the next of that name.
  void made(const Resource& resource, int64_t maker);
  void renamed(const Resource& resource, const std::string& new_id);
  void removed(const Resource& resource);

 private:
  sql::Transaction& transaction_;
};

// A condition that holds for the rows of `column` (the id as text) that a scope sees, with the values of its question
// marks; "" for one that sees all.
struct ScopeCondition {
  std::string text;
  sql::Values values;
};
ScopeCondition condition_of(const Scope& scope, ResourceKind kind, std::string_view column);

}  // namespace slipway::identity
