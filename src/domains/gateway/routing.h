// The order in which the models of an endpoint are asked. Used by Gateway.
#pragma once

#include <vector>

#include "domains/gateway/model.h"

namespace slipway::gateway {

// One primary mapping, then the fallbacks that may be tried. `chance` is evenly spread over [0, 1). Empty when the
// endpoint has no primary model that could be called.
std::vector<const ModelMapping*> order_of_attempts(const Endpoint& endpoint, double chance);

}  // namespace slipway::gateway
