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

namespace slipway::protocol {

std::vector<http::Route> governance_routes(governance::Promotions& promotions, governance::AuditLog& audit);

}  // namespace slipway::protocol
