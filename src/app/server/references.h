// Where a monitor's reference table comes from: an artifact of a run, an artifact of the run behind a registered model
// ("models:/flights@champion/monitoring/reference.parquet"), or a file of the server. Glue between monitoring,
// tracking and the blob store; used by the composition root.
#pragma once

#include "domains/monitoring/monitors.h"
#include "domains/registry/registry.h"
#include "domains/tracking/artifacts.h"
#include "domains/tracking/tracking.h"

namespace slipway::server {

monitoring::ReferenceResolver reference_resolver(tracking::Tracking& tracking, registry::Registry& registry,
                                                 tracking::Artifacts& artifacts);

}  // namespace slipway::server
