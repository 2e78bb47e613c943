// MLflow's REST API over the tracking, traces, genai, registry, webhooks and gateway domains: what app/server mounts.
// Every call is served below /api and below /ajax-api, where MLflow's own web page looks for it.
#pragma once

#include <string_view>
#include <vector>

#include "domains/gateway/gateway.h"
#include "domains/genai/genai.h"
#include "domains/registry/registry.h"
#include "domains/traces/tracing.h"
#include "domains/tracking/artifacts.h"
#include "domains/tracking/logged_models.h"
#include "domains/tracking/tracking.h"
#include "domains/webhooks/webhooks.h"
#include "foundation/http/router.h"
#include "foundation/identity/accounts.h"
#include "foundation/identity/permissions.h"
#include "protocols/providers/provider_client.h"

namespace slipway::mlflow {

struct Services {
  tracking::Tracking& tracking;
  tracking::LoggedModels& logged_models;
  tracking::Artifacts& artifacts;
  registry::Registry& registry;
  traces::Tracing& tracing;
  genai::Genai& genai;
  identity::Permissions& permissions;
  webhooks::Webhooks& webhooks;
  gateway::Gateway& gateway;
  const providers::ProviderClient& providers;
  // "https" when the server speaks TLS itself; for addresses of this server that clients are given.
  std::string_view scheme = "http";
  // Null where there are no users; then nothing of them is served.
  identity::Accounts* accounts = nullptr;
  // Who asks, for as long as his request is answered.
  const identity::Caller* caller = &identity::Caller::nobody();
};

// The version of MLflow whose API this is; clients ask for it and switch features by it.
inline constexpr std::string_view kServedVersion = "3.17.2";

// The services must outlive the routes.
std::vector<http::Route> routes(const Services& services);

// For http::Server::set_error_renderer, for paths that owns_path() names: what the server itself refuses, in MLflow's
// shape. An unknown path is ENDPOINT_NOT_FOUND, which makes clients fall back to older calls.
http::Response render_error(const http::Request& request, int status, std::string_view code, std::string_view message);
bool owns_path(std::string_view path);

}  // namespace slipway::mlflow
