// Slipway's own API for charts of metrics. Mounted by app/server.
//
//   GET /api/slipway/v1/metrics/buckets?key=loss&run_id=A&run_id=B&axis=step|time&buckets=1000&from=&to=
//
// answers {"key", "axis", "runs": [{"run_id", "first": [...], "last": [...], "count": [...], "finite": [...],
// "lowest": [...], "highest": [...], "mean": [...]}]}: for each run (at most 100) columns with one entry a stretch of
// the axis (domains/tracking/metric_buckets.h). `from` and `to` are steps or milliseconds; entries of a stretch without
// a finite value are null. 400 names what is wrong, 404 an unknown run.
#pragma once

#include <vector>

#include "domains/tracking/tracking.h"
#include "foundation/http/router.h"
#include "foundation/identity/permissions.h"

namespace slipway::protocol {

// Who may not read a run's experiment gets 403.
std::vector<http::Route> metric_routes(tracking::Tracking& tracking, identity::Permissions& permissions);

}  // namespace slipway::protocol
