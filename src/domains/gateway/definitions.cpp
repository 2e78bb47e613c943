#include "domains/gateway/definitions.h"

#include "domains/gateway/names.h"
#include "domains/gateway/pairs.h"
#include "domains/gateway/secret_store.h"
#include "foundation/base/error.h"
#include "foundation/identity/grant_store.h"

namespace slipway::gateway {

namespace {

identity::Resource resource_of(const std::string& id) { return {identity::ResourceKind::kModelDefinition, id}; }

void check_name_is_free(DefinitionStore& store, const std::string& name, int64_t except_row = 0) {
  if (store.has_name(name, except_row)) throw already_exists("Model definition with name '", name, "' already exists");
}

}  // namespace

ModelDefinition ModelDefinitions::create(const NewModelDefinition& wanted) {
  check_name("name", wanted.name);
  check_name("provider", wanted.provider);
  check_name("model_name", wanted.model_name);
  ModelDefinition definition;
  definition.id = "d-" + ids_.hex(32);
  definition.name = wanted.name;
  definition.provider = wanted.provider;
  definition.model_name = wanted.model_name;
  definition.stamp = new_stamp(clock_.now_ms(), wanted.maker);
  return database_.write_value<ModelDefinition>([&](sql::Transaction& transaction) {
    DefinitionStore store(transaction);
    const auto secret = SecretStore(transaction).get(wanted.secret_id);
    check_name_is_free(store, wanted.name);
    store.insert(definition, secret.row);
    identity::GrantStore(transaction).made(resource_of(definition.id), wanted.maker_id);
    return store.get(definition.id).definition;
  });
}

ModelDefinition ModelDefinitions::update(const std::string& id, const ModelDefinitionChange& change) {
  if (change.name) check_name("name", *change.name);
  if (change.provider) check_name("provider", *change.provider);
  if (change.model_name) check_name("model_name", *change.model_name);
  return database_.write_value<ModelDefinition>([&](sql::Transaction& transaction) {
    DefinitionStore store(transaction);
    auto found = store.get(id);
    ModelDefinition& definition = found.definition;
    std::optional<int64_t> secret_row;
    if (change.secret_id) secret_row = SecretStore(transaction).get(*change.secret_id).row;
    if (change.name) {
      check_name_is_free(store, *change.name, found.row);
      definition.name = *change.name;
    }
    if (change.provider) definition.provider = *change.provider;
    if (change.model_name) definition.model_name = *change.model_name;
    touch(definition.stamp, clock_.now_ms(), change.changer);
    store.update(found, secret_row);
    return store.get(id).definition;
  });
}

ModelDefinition ModelDefinitions::get(const std::string& id) {
  return database_.read_value<ModelDefinition>(
      [&](sql::Transaction& transaction) { return DefinitionStore(transaction).get(id).definition; });
}

ModelDefinition ModelDefinitions::get_by_name(const std::string& name) {
  return database_.read_value<ModelDefinition>(
      [&](sql::Transaction& transaction) { return DefinitionStore(transaction).get_by_name(name).definition; });
}

std::vector<ModelDefinition> ModelDefinitions::list(const DefinitionFilter& filter, const identity::Scope& scope) {
  return database_.read_value<std::vector<ModelDefinition>>(
      [&](sql::Transaction& transaction) { return DefinitionStore(transaction).list(filter, scope); });
}

void ModelDefinitions::remove(const std::string& id) {
  database_.write([&](sql::Transaction& transaction) {
    DefinitionStore store(transaction);
    const auto found = store.get(id);
    if (store.is_in_use(found.row)) {
      throw failed_precondition(
          "Cannot delete model definition that is currently in use by endpoints. Detach it from all endpoints first.");
    }
    store.remove(found.row);
    identity::GrantStore(transaction).removed(resource_of(id));
  });
}

}  // namespace slipway::gateway
