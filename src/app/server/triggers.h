// What the server does by itself when something happens: an alert starts the pipeline that its rule names. Subscribes
// to the event bus; used by the composition root.
#pragma once

#include "domains/pipelines/pipelines.h"
#include "foundation/jobs/event_bus.h"

namespace slipway::server {

// An alert that names no pipeline starts nothing. One whose pipeline is running already waits for its turn. One whose
// pipeline is not defined, does not fit, or has too many runs waiting is logged and published as "trigger.skipped" with
// the reason. When none of that can be written down the alert counts as not told, and comes again.
void start_pipelines_on_alerts(jobs::EventBus& bus, pipelines::Pipelines& pipelines);

}  // namespace slipway::server
