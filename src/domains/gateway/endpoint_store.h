// The rows of endpoints with their models, tags and bindings. Used by Endpoints.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domains/gateway/definition_store.h"
#include "domains/gateway/model.h"
#include "foundation/sql/database.h"

namespace slipway::gateway {

class EndpointStore {
 public:
  explicit EndpointStore(sql::Transaction& transaction) : transaction_(transaction) {}

  struct Found {
    int64_t row = 0;
    Endpoint endpoint;
  };
  // Whole, with models and tags. Throw not_found.
  Found get(const std::string& id);
  Found get_by_name(const std::string& name);
  // Only those that have a model; with a filter, one that it fits.
  std::vector<Endpoint> list(const DefinitionFilter& filter, const identity::Scope& scope);
  bool has_name(const std::string& name, int64_t except_row = 0);

  // Without models and tags.
  void insert(const Endpoint& endpoint);
  void update(const Found& found);
  // With all that hangs on it.
  void remove(int64_t row);

  // Throw already_exists for a model that is there with the same linkage.
  void insert_mapping(const Found& endpoint, const ModelMapping& mapping);
  void remove_mappings(int64_t row);
  void remove_mapping(const std::string& mapping_id);

  void put_tag(int64_t row, const Tag& tag);
  void remove_tag(int64_t row, const std::string& key);

  void insert_binding(int64_t row, const Binding& binding);
  // False when it was not there.
  bool remove_binding(const Binding& binding);
  std::vector<Binding> bindings(const BindingFilter& filter);

 private:
  Found one(std::string_view column, std::string_view shown, const std::string& value);
  void complete(std::vector<Found>& found);

  sql::Transaction& transaction_;
};

}  // namespace slipway::gateway
