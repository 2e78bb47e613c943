// MLflow's scoring protocol: /invocations, /ping, /health, /version. Mounted by the model server.
#pragma once

#include <vector>

#include "domains/serving/predictor.h"
#include "foundation/http/router.h"

namespace slipway::scoring {

// The predictor must outlive the routes. What handlers throw is rendered by render_error (errors.h).
std::vector<http::Route> routes(const serving::Predictor& predictor);

}  // namespace slipway::scoring
