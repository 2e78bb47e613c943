// The use cases of model definitions: which model of which provider, called with which secret. Part of Gateway.
#pragma once

#include <string>
#include <vector>

#include "domains/gateway/definition_store.h"
#include "domains/gateway/model.h"
#include "foundation/base/clock.h"
#include "foundation/base/id.h"
#include "foundation/sql/database.h"

namespace slipway::gateway {

class ModelDefinitions {
 public:
  ModelDefinitions(sql::Database& database, Clock& clock, IdSource& ids)
      : database_(database), clock_(clock), ids_(ids) {}

  // Names are unique; the secret must be there.
  ModelDefinition create(const NewModelDefinition& definition);
  ModelDefinition update(const std::string& id, const ModelDefinitionChange& change);
  ModelDefinition get(const std::string& id);
  ModelDefinition get_by_name(const std::string& name);
  std::vector<ModelDefinition> list(const DefinitionFilter& filter, const identity::Scope& scope = {});
  // Throws failed_precondition while an endpoint uses it.
  void remove(const std::string& id);

 private:
  sql::Database& database_;
  Clock& clock_;
  IdSource& ids_;
};

}  // namespace slipway::gateway
