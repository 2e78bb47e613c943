// Where a monitor's reference table comes from: an artifact of a run, or a file of the server. Glue between monitoring,
// tracking and the blob store; used by the composition root.
#pragma once

#include "domains/monitoring/monitors.h"
#include "domains/tracking/artifacts.h"
#include "domains/tracking/tracking.h"

namespace slipway::server {

monitoring::ReferenceResolver reference_resolver(tracking::Tracking& tracking, tracking::Artifacts& artifacts);

}  // namespace slipway::server
