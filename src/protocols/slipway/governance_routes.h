// Slipway's own API for governance. Mounted by app/server.
//
//   GET  /api/slipway/v1/models/{name}/decisions?limit=   promotion decisions, newest first
//   POST /api/slipway/v1/models/{name}/decisions          {"alias", "challenger_version", "champion_version",
//   "promote": true,
//                                                          "reason", "report": {...}, "window_start_ms",
//                                                          "window_end_ms"}
//   GET  /api/slipway/v1/audit?kind=&after=&limit=        the audit log, oldest first
#pragma once

#include <vector>

#include "domains/governance/audit_log.h"
#include "domains/governance/promotions.h"
#include "foundation/http/router.h"
#include "foundation/identity/permissions.h"

namespace slipway::protocol {

// Reading a model's decisions takes READ on the model, deciding takes EDIT, as moving its alias does.
std::vector<http::Route> governance_routes(governance::Promotions& promotions, governance::AuditLog& audit,
                                           identity::Permissions& permissions);

}  // namespace slipway::protocol
