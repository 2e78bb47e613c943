// Asks before a call is answered whether its caller may have it answered. Used by the route table and by GraphQL, whose
// fields are calls too.
#pragma once

#include "protocols/mlflow/input.h"
#include "protocols/mlflow/mount.h"
#include "protocols/mlflow/rules.h"

namespace slipway::mlflow {

// Throws permission_denied. What does not exist is let through: the call itself says so.
void authorize(const Services& services, const Rule& rule, const Input& input);

// Those of the experiments that the caller may read.
std::vector<tracking::ExperimentId> readable(const Services& services, const std::vector<std::string>& experiments);
// What a search shows the caller.
identity::Scope scope_of(const Services& services, identity::ResourceKind kind);

}  // namespace slipway::mlflow
