// The rows of secrets. Used by Secrets and by the planning of calls.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domains/gateway/model.h"
#include "foundation/sql/database.h"

namespace slipway::gateway {

class SecretStore {
 public:
  explicit SecretStore(sql::Transaction& transaction) : transaction_(transaction) {}

  struct Found {
    int64_t row = 0;
    SecretInfo info;
    std::string sealed;  // as SecretBox made it
  };
  // Throw not_found.
  Found get(const std::string& id);
  Found get_by_name(const std::string& name);
  // Those of a provider ("" for all) that the scope sees, in the order they were made.
  std::vector<SecretInfo> list(const std::string& provider, const identity::Scope& scope);
  bool has_name(const std::string& name);
  void insert(const SecretInfo& info, const std::string& sealed);
  void update(const Found& found);
  // Definitions that use it go on without one.
  void remove(int64_t row);

 private:
  Found one(std::string_view column, std::string_view shown, const std::string& value);

  sql::Transaction& transaction_;
};

}  // namespace slipway::gateway
