// The story of one model: what happened to it, in order, from the registry, the audit log, the pipelines, the monitors
// and the promotion decisions. Shown by `slipway story` and at /story/{model}; used by the composition root.
#pragma once

#include <string>
#include <vector>

#include "domains/governance/audit_log.h"
#include "domains/governance/promotions.h"
#include "domains/monitoring/monitors.h"
#include "domains/pipelines/pipelines.h"
#include "domains/registry/registry.h"
#include "domains/tracking/tracking.h"
#include "foundation/http/router.h"

namespace slipway::server {

struct StoryLine {
  int64_t time_ms = 0;
  std::string what;     // "validated", "trained", "drifted", "promoted", ...
  std::string subject;  // "version 2", "window 2013-10-07"
  std::string detail;   // numbers and reasons
  std::string tone;     // "good", "bad", "warning", "neutral"
  int64_t duration_ms = -1;
};

struct StorySources {
  tracking::Tracking& tracking;
  registry::Registry& registry;
  governance::AuditLog& audit;
  governance::Promotions& promotions;
  monitoring::Monitors& monitors;
  pipelines::Pipelines& pipelines;
  std::string home;  // the page that lists all models
};

// Oldest first. Throws not_found when there is no such model.
std::vector<StoryLine> story_of(StorySources sources, const std::string& model);

// GET /api/slipway/v1/models/{name}/story and GET /story/{name}.
std::vector<http::Route> story_routes(StorySources sources);

}  // namespace slipway::server
