// The use cases of endpoints: which models answer under one name, how requests are shared among them, who uses them.
// Part of Gateway.
#pragma once

#include <string>
#include <vector>

#include "domains/gateway/endpoint_store.h"
#include "domains/gateway/model.h"
#include "domains/tracking/tracking.h"
#include "foundation/base/clock.h"
#include "foundation/base/id.h"
#include "foundation/sql/database.h"

namespace slipway::gateway {

class Endpoints {
 public:
  Endpoints(sql::Database& database, tracking::Tracking& tracking, Clock& clock, IdSource& ids)
      : database_(database), tracking_(tracking), clock_(clock), ids_(ids) {}

  // Names are unique. One that tracks its usage and names no experiment gets the experiment "gateway/NAME".
  Endpoint create(const NewEndpoint& endpoint);
  Endpoint update(const std::string& id, const EndpointChange& change);
  Endpoint get(const std::string& id);
  Endpoint get_by_name(const std::string& name);
  std::optional<std::string> find_id(const std::string& name);
  std::vector<Endpoint> list(const DefinitionFilter& filter, const identity::Scope& scope = {});
  void remove(const std::string& id);

  ModelMapping attach(const std::string& id, const ModelConfig& model, const std::string& maker);
  // The first linkage of the model.
  void detach(const std::string& id, const std::string& definition_id);

  void set_tag(const std::string& id, const Tag& tag);
  void delete_tag(const std::string& id, const std::string& key);

  Binding bind(const std::string& id, const std::string& resource_type, const std::string& resource_id,
               const std::string& maker);
  void unbind(const std::string& id, const std::string& resource_type, const std::string& resource_id);
  std::vector<Binding> bindings(const BindingFilter& filter);

 private:
  std::string usage_experiment(const std::string& endpoint_name, const std::string& endpoint_id, int64_t maker);
  void check_experiment(const std::string& id);
  void insert_models(EndpointStore& store, const EndpointStore::Found& found, const std::vector<ModelConfig>& models,
                     const std::string& maker);
  ModelMapping mapping_of(const std::string& endpoint_id, const ModelConfig& model, const std::string& maker);

  sql::Database& database_;
  tracking::Tracking& tracking_;
  Clock& clock_;
  IdSource& ids_;
};

}  // namespace slipway::gateway
