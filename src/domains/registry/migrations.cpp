#include "domains/registry/migrations.h"

namespace slipway::registry {

namespace {

// Models and versions carry small integers beside their names, so that renaming touches one row. A deleted version
// stays as a mark, because its number must not come back.
constexpr std::string_view kModelsAndVersions = R"(
CREATE TABLE registered_models (
  id {{identity}},
  name TEXT NOT NULL UNIQUE,
  description TEXT NOT NULL,
  created_ms BIGINT NOT NULL,
  updated_ms BIGINT NOT NULL
);
CREATE TABLE registered_model_tags (
  model BIGINT NOT NULL,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (model, key)
);
CREATE TABLE model_versions (
  id {{identity}},
  model BIGINT NOT NULL,
  version BIGINT NOT NULL,
  description TEXT NOT NULL,
  source TEXT NOT NULL,
  storage_location TEXT NOT NULL,
  run_id TEXT NOT NULL,
  run_link TEXT NOT NULL,
  model_id TEXT NOT NULL,
  stage TEXT NOT NULL,
  created_ms BIGINT NOT NULL,
  updated_ms BIGINT NOT NULL,
  deleted BIGINT NOT NULL,
  UNIQUE (model, version)
);
CREATE INDEX model_versions_by_run ON model_versions (run_id);
CREATE INDEX model_versions_by_update ON model_versions (updated_ms DESC, model);
CREATE TABLE model_version_tags (
  version BIGINT NOT NULL,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (version, key)
);
CREATE TABLE model_aliases (
  model BIGINT NOT NULL,
  alias TEXT NOT NULL,
  version BIGINT NOT NULL,
  PRIMARY KEY (model, alias)
);
CREATE INDEX model_aliases_by_version ON model_aliases (version);
)";

}  // namespace

std::vector<sql::Migration> migrations() { return {{1, "models and versions", kModelsAndVersions}}; }

}  // namespace slipway::registry
