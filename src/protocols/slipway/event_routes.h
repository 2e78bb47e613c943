// What client programs report to the server: facts of the lifecycle that happened on their side, a pipeline's stage for
// one. They go on the event bus like the server's own and so into the audit log and the story. Mounted by app/server.
//
//   POST /api/slipway/v1/events   {"kind": "stage.finished", "subject": "features", "attributes": {"outcome": "ran",
//   ...}}
#pragma once

#include <vector>

#include "foundation/base/clock.h"
#include "foundation/http/router.h"
#include "foundation/jobs/event_bus.h"

namespace slipway::protocol {

// Only kinds that start with "stage." are taken: a client cannot forge what the server itself decides.
std::vector<http::Route> event_routes(jobs::EventBus& bus, const Clock& clock);

}  // namespace slipway::protocol
