// The Open Inference Protocol (V2) over REST: KServe's, Triton's and MLServer's common language. Mounted by the model
// server; gRPC is another door to the same.
#pragma once

#include <vector>

#include "domains/serving/predictor.h"
#include "foundation/http/router.h"

namespace slipway::oip {

// The predictor must outlive the routes. What handlers throw is rendered by render_error (errors.h).
std::vector<http::Route> routes(const serving::Predictor& predictor);

}  // namespace slipway::oip
