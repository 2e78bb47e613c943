// Slipway's own API for monitoring. Mounted by app/server.
//
//   POST   /api/slipway/v1/models/{name}/predictions      a batch (monitoring_codec.h); {"accepted", "repeated",
//   "reused"} POST   /api/slipway/v1/models/{name}/labels           a batch; {"joined", "waiting", "repeated",
//                                                         "ambiguous"}
//   GET    /api/slipway/v1/models/{name}/recent?from_ms=&to_ms=&labelled=true&format=parquet|csv|json
//                                                         predictions joined with labels, as a table
//   GET    /api/slipway/v1/monitors                       every definition with its latest window
//   PUT    /api/slipway/v1/monitors/{name}                domains/monitoring/monitor.h; 400 names what is wrong
//   GET    /api/slipway/v1/monitors/{name}
//   DELETE /api/slipway/v1/monitors/{name}
//   GET    /api/slipway/v1/monitors/{name}/windows?limit= newest `limit`, ascending
//   GET    /api/slipway/v1/monitors/{name}/alerts?limit=  newest first
//   GET    /api/slipway/v1/monitors/{name}/report         an HTML page
//   POST   /api/slipway/v1/monitors/{name}/evaluate       closes every window that has rows; {"windows": [...]}
#pragma once

#include <vector>

#include "domains/monitoring/monitors.h"
#include "foundation/http/router.h"
#include "foundation/identity/permissions.h"

namespace slipway::protocol {

// Reading takes READ on the watched model; batches and `evaluate` take EDIT. Definitions are for administrators and
// tokens: they name files of the server as references and pipelines that alerts start.
std::vector<http::Route> monitoring_routes(monitoring::Monitors& monitors, identity::Permissions& permissions);

}  // namespace slipway::protocol
