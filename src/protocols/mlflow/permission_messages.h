// Permissions as MLflow's auth clients read them.
#pragma once

#include "foundation/identity/permissions.h"
#include "protocols/mlflow/json_writer.h"

namespace slipway::mlflow {

// There is one.
inline constexpr std::string_view kWorkspace = "default";

// {"experiment_id": ..., "user_id": ..., "permission": ...}, or for a registered model with "name" and "workspace".
void write_permission(JsonWriter& json, std::string_view name, int64_t user_id, const identity::Grant& grant);

}  // namespace slipway::mlflow
