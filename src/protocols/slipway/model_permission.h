// What belongs to a registered model (its predictions, labels, monitors and decisions) is shared as the model is: who
// may move its alias may promote it, who may read it reads what was decided. Used by the routes of Slipway's own API.
#pragma once

#include <string>

#include "domains/monitoring/monitors.h"
#include "foundation/http/router.h"
#include "foundation/identity/permissions.h"

namespace slipway::protocol {

// Whether the caller may read what belongs to the model.
bool may_read(identity::Permissions& permissions, const http::Request& request, const std::string& model);

// The handler, for callers who have the permission on the model that {name} of the path names.
http::Handler on_model(identity::Permissions& permissions, identity::Permission needed, http::Handler handler);

// The same for the model that the monitor {name} watches. A monitor that does not exist looks like one of a model that
// nobody was given a permission for.
http::Handler on_monitor(identity::Permissions& permissions, const monitoring::Monitors& monitors,
                         identity::Permission needed, http::Handler handler);

}  // namespace slipway::protocol
