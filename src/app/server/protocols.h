// Every protocol the server speaks, in one list, and how refusals look.
#pragma once

#include "domains/gateway/gateway.h"
#include "domains/genai/genai.h"
#include "domains/governance/audit_log.h"
#include "domains/governance/promotions.h"
#include "domains/monitoring/monitors.h"
#include "domains/pipelines/pipelines.h"
#include "domains/registry/registry.h"
#include "domains/traces/tracing.h"
#include "domains/tracking/artifacts.h"
#include "domains/tracking/logged_models.h"
#include "domains/tracking/tracking.h"
#include "domains/webhooks/webhooks.h"
#include "foundation/blobs/blob_store.h"
#include "foundation/http/server.h"
#include "foundation/identity/accounts.h"
#include "foundation/identity/permissions.h"
#include "protocols/providers/provider_client.h"

namespace slipway::server {

struct Protocols {
  tracking::Tracking& tracking;
  tracking::LoggedModels& logged_models;
  tracking::Artifacts& artifacts;
  blobs::BlobStore& blobs;
  traces::Tracing& tracing;
  genai::Genai& genai;
  registry::Registry& registry;
  webhooks::Webhooks& webhooks;
  gateway::Gateway& gateway;
  const providers::ProviderClient& providers;
  governance::AuditLog& audit;
  governance::Promotions& promotions;
  monitoring::Monitors& monitors;
  pipelines::Pipelines& pipelines;
  metrics::Registry& metrics;
  jobs::EventBus& bus;
  const Clock& clock;
  identity::Permissions& permissions;
  identity::Accounts* accounts = nullptr;  // null: there are no users
  bool tls = false;
  std::string mlflow_page;  // folder of MLflow's own web page; "": it is not served
};

void mount_protocols(const Protocols& protocols, http::Router& router);

// Refusals in the shape of the protocol whose path was asked.
http::Response render_error(const http::Request& request, int status, std::string_view code, std::string_view message);

}  // namespace slipway::server
