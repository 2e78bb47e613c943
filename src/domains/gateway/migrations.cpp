#include "domains/gateway/migrations.h"

namespace slipway::gateway {

namespace {

// Masked values and what is no secret are JSON objects of texts. A definition outlives its secret, an endpoint does not
// outlive its name: rows hang together by their numbers, which names do not change.
constexpr std::string_view kGateway = R"(
CREATE TABLE gateway_secrets (
  id {{identity}},
  secret_id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL UNIQUE,
  sealed {{bytes}} NOT NULL,
  masked TEXT NOT NULL,
  provider TEXT NOT NULL,
  auth_config TEXT NOT NULL,
  created_ms BIGINT NOT NULL,
  updated_ms BIGINT NOT NULL,
  created_by TEXT NOT NULL,
  updated_by TEXT NOT NULL
);
CREATE TABLE gateway_model_definitions (
  id {{identity}},
  definition_id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL UNIQUE,
  secret BIGINT,
  provider TEXT NOT NULL,
  model_name TEXT NOT NULL,
  created_ms BIGINT NOT NULL,
  updated_ms BIGINT NOT NULL,
  created_by TEXT NOT NULL,
  updated_by TEXT NOT NULL
);
CREATE INDEX gateway_model_definitions_by_secret ON gateway_model_definitions (secret);
CREATE TABLE gateway_endpoints (
  id {{identity}},
  endpoint_id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL UNIQUE,
  splits_traffic BIGINT NOT NULL,
  has_fallback BIGINT NOT NULL,
  is_sequential BIGINT NOT NULL,
  max_attempts BIGINT,
  experiment_id TEXT NOT NULL,
  tracks_usage BIGINT NOT NULL,
  created_ms BIGINT NOT NULL,
  updated_ms BIGINT NOT NULL,
  created_by TEXT NOT NULL,
  updated_by TEXT NOT NULL
);
CREATE TABLE gateway_mappings (
  id {{identity}},
  mapping_id TEXT NOT NULL UNIQUE,
  endpoint BIGINT NOT NULL,
  definition BIGINT NOT NULL,
  linkage BIGINT NOT NULL,
  weight DOUBLE PRECISION NOT NULL,
  fallback_order BIGINT,
  created_ms BIGINT NOT NULL,
  created_by TEXT NOT NULL,
  UNIQUE (endpoint, definition, linkage)
);
CREATE INDEX gateway_mappings_by_definition ON gateway_mappings (definition);
CREATE TABLE gateway_tags (
  endpoint BIGINT NOT NULL,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (endpoint, key)
);
CREATE TABLE gateway_bindings (
  endpoint BIGINT NOT NULL,
  resource_type TEXT NOT NULL,
  resource_id TEXT NOT NULL,
  created_ms BIGINT NOT NULL,
  updated_ms BIGINT NOT NULL,
  created_by TEXT NOT NULL,
  updated_by TEXT NOT NULL,
  PRIMARY KEY (endpoint, resource_type, resource_id)
);
CREATE INDEX gateway_bindings_by_resource ON gateway_bindings (resource_type, resource_id);
)";

}  // namespace

std::vector<sql::Migration> migrations() {
  return {{1, "secrets, model definitions, endpoints and what uses them", kGateway}};
}

}  // namespace slipway::gateway
