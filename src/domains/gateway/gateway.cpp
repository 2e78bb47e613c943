#include "domains/gateway/gateway.h"

#include "domains/gateway/migrations.h"
#include "domains/gateway/routing.h"
#include "domains/gateway/secret_store.h"
#include "foundation/base/error.h"

namespace slipway::gateway {

namespace {

// Evenly spread over [0, 1).
double chance_of(IdSource& ids) { return static_cast<double>(ids.next_u64() >> 11U) * 0x1p-53; }

}  // namespace

Gateway::Gateway(sql::Database& database, tracking::Tracking& tracking, Clock& clock, IdSource& ids, SecretBox& box,
                 GatewayOptions options)
    : database_(database),
      ids_(ids),
      box_(box),
      has_own_key_(options.has_own_key),
      secrets_(database, clock, ids, box, std::move(options.check_url)),
      definitions_(database, clock, ids),
      endpoints_(database, tracking, clock, ids) {
  database_.migrate("gateway", migrations());
}

Plan Gateway::plan(const std::string& endpoint_name) {
  const double chance = chance_of(ids_);
  struct Step {
    ModelDefinition definition;
    SecretStore::Found secret;
  };
  Plan plan;
  std::vector<Step> steps;
  database_.read([&](sql::Transaction& transaction) {
    const Endpoint endpoint = EndpointStore(transaction).get_by_name(endpoint_name).endpoint;
    plan.endpoint_id = endpoint.id;
    plan.endpoint_name = endpoint.name;
    if (endpoint.tracks_usage) plan.experiment_id = endpoint.experiment_id;
    SecretStore secrets(transaction);
    for (const ModelMapping* mapping : order_of_attempts(endpoint, chance))
      steps.push_back({mapping->definition, secrets.get(mapping->definition.secret_id)});
  });
  if (steps.empty()) throw not_found("Endpoint '", endpoint_name, "' has no PRIMARY models configured");
  for (const Step& step : steps) {
    plan.attempts.push_back({step.definition.provider, step.definition.model_name,
                             open_secret(box_, step.secret.info, step.secret.sealed), step.secret.info.auth_config});
  }
  return plan;
}

}  // namespace slipway::gateway
