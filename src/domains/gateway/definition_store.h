// The rows of model definitions. Used by ModelDefinitions and Endpoints.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "domains/gateway/model.h"
#include "foundation/sql/database.h"

namespace slipway::gateway {

// Empty fields match everything.
struct DefinitionFilter {
  std::string provider;
  std::string secret_id;
};

class DefinitionStore {
 public:
  explicit DefinitionStore(sql::Transaction& transaction) : transaction_(transaction) {}

  struct Found {
    int64_t row = 0;
    ModelDefinition definition;
  };
  // Throw not_found.
  Found get(const std::string& id);
  Found get_by_name(const std::string& name);
  // By their rows.
  std::unordered_map<int64_t, ModelDefinition> get_all(const std::vector<int64_t>& rows);
  std::vector<ModelDefinition> list(const DefinitionFilter& filter, const identity::Scope& scope);
  // Whether another one has the name.
  bool has_name(const std::string& name, int64_t except_row = 0);
  // The row of the secret is not read from the definition.
  void insert(const ModelDefinition& definition, int64_t secret_row);
  void update(const Found& found, std::optional<int64_t> new_secret_row);
  bool is_in_use(int64_t row);
  void remove(int64_t row);

 private:
  Found one(std::string_view column, std::string_view shown, const std::string& value);

  sql::Transaction& transaction_;
};

}  // namespace slipway::gateway
