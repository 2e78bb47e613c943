#include "domains/gateway/gateway.h"

#include "domains/gateway/migrations.h"
#include "domains/gateway/routing.h"
#include "domains/gateway/secret_store.h"
#include "foundation/base/error.h"
#include "foundation/base/log.h"

namespace slipway::gateway {

namespace {

// Evenly spread over [0, 1).
double chance_of(IdSource& ids) { return static_cast<double>(ids.next_u64() >> 11U) * 0x1p-53; }

bool has_secrets(sql::Database& database) {
  return database.read_value<bool>([](sql::Transaction& transaction) {
    return transaction.query_int("SELECT id FROM gateway_secrets LIMIT 1").has_value();
  });
}

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
  if (has_own_key_ || database_.dialect() != sql::Dialect::kPostgresql || !has_secrets(database_)) return;
  log::warning("secrets of model providers are sealed with a key file of this server alone",
               {{"advice", "give every server of this database the same gateway-secret-key"}});
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
