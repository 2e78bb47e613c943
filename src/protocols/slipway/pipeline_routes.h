// Slipway's own API for pipelines that the server runs. Mounted by app/server.
//
//   GET  /api/slipway/v1/pipelines                 every definition
//   PUT  /api/slipway/v1/pipelines/{name}          {"folder": "/abs", "steps": [["repro"], ...], "timeout_ms": 3600000}
//   GET  /api/slipway/v1/pipelines/{name}
//   POST /api/slipway/v1/pipelines/{name}/runs     {"attributes": {...}} starts one
//   GET  /api/slipway/v1/pipeline-runs?pipeline=&limit=
//   GET  /api/slipway/v1/pipeline-runs/{id}        with steps and log
//   POST /api/slipway/v1/pipeline-runs/{id}/cancel
//
// Whoever may define a pipeline may run commands as the server's user: those routes need pipelines.admin.
#pragma once

#include <vector>

#include "domains/pipelines/pipelines.h"
#include "foundation/http/router.h"

namespace slipway::protocol {

std::vector<http::Route> pipeline_routes(pipelines::Pipelines& pipelines);

}  // namespace slipway::protocol
