// What the server does by itself when something happens: an alert starts the pipeline that its rule names. Subscribes
// to the event bus; used by the composition root.
#pragma once

#include "domains/pipelines/pipelines.h"
#include "foundation/jobs/event_bus.h"

namespace slipway::server {

// An alert that names no pipeline starts nothing; one whose pipeline is running already, or is not defined, is logged
// and published as "trigger.skipped" with the reason.
void start_pipelines_on_alerts(jobs::EventBus& bus, pipelines::Pipelines& pipelines);

}  // namespace slipway::server
