#include "app/server/protocols.h"

#include "app/server/story.h"
#include "foundation/base/error.h"
#include "foundation/html/page.h"
#include "foundation/identity/access.h"
#include "protocols/dvc/object_routes.h"
#include "protocols/mlflow/mount.h"
#include "protocols/mlflow/web_page.h"
#include "protocols/otlp/mount.h"
#include "protocols/slipway/errors.h"
#include "protocols/slipway/event_routes.h"
#include "protocols/slipway/governance_routes.h"
#include "protocols/slipway/metric_routes.h"
#include "protocols/slipway/monitoring_routes.h"
#include "protocols/slipway/pipeline_routes.h"

namespace slipway::server {

namespace {

// MLflow's page takes the first place when it is served.
std::string home_of(const Protocols& protocols) { return protocols.mlflow_page.empty() ? "/" : "/home"; }

html::Markup index_page(const Protocols& protocols, const identity::Caller& caller) {
  html::Markup body;
  body += html::paragraph("The machine-learning lifecycle in one program. Models:");
  std::vector<std::vector<html::Markup>> rows;
  tracking::Search search;
  search.max_results = 1000;
  search.scope = protocols.permissions.scope(caller, identity::ResourceKind::kModel);
  for (const auto& model : protocols.registry.search_models(search).items) {
    std::string aliases;
    for (const auto& alias : model.aliases)
      aliases.append(text::concat(aliases.empty() ? "" : ", ", "@", alias.alias, " = ", alias.version));
    rows.push_back({html::link("/story/" + http::percent_encode(model.name), model.name), html::escaped(aliases)});
  }
  if (rows.empty()) {
    body += html::paragraph(
        "None yet. Type: export MLFLOW_TRACKING_URI=http://HOST:PORT and run a training script, or `slipway train`.");
  } else {
    body += html::table({"model", "aliases"}, rows);
  }
  std::vector<std::vector<html::Markup>> monitors;
  for (const auto& monitor : protocols.monitors.list()) {
    if (!protocols.permissions.allows(caller, {identity::ResourceKind::kModel, monitor.model},
                                      identity::Permission::kRead))
      continue;
    monitors.push_back(
        {html::link("/api/slipway/v1/monitors/" + http::percent_encode(monitor.name) + "/report", monitor.name),
         html::link("/story/" + http::percent_encode(monitor.model), monitor.model)});
  }
  if (!monitors.empty()) {
    body += html::heading(2, "Monitors");
    body += html::table({"monitor", "model"}, monitors);
  }
  body += html::Markup{"<p>"} + html::link("/metrics", "Metrics of this server") + html::Markup{"</p>\n"};
  return body;
}

std::vector<http::Route> own_routes(const Protocols& protocols) {
  return {
      {"GET", home_of(protocols),
       [protocols](http::Request& request) {
         return http::Response::html(200, html::page("Slipway", index_page(protocols, identity::caller_of(request))));
       },
       "registry.read", "What is here"},
      {"GET", "/metrics",
       [&metrics = protocols.metrics](http::Request&) {
         return http::Response::text(200, metrics.expose(), "text/plain; version=0.0.4; charset=utf-8");
       },
       "metrics.read", "Counters for Prometheus"},
  };
}

}  // namespace

void mount_protocols(const Protocols& protocols, http::Router& router) {
  router.add(own_routes(protocols));
  router.add(
      mlflow::routes({protocols.tracking, protocols.logged_models, protocols.artifacts, protocols.registry,
                      protocols.tracing, protocols.genai, protocols.permissions, protocols.webhooks, protocols.gateway,
                      protocols.providers, protocols.tls ? "https" : "http", protocols.accounts}));
  if (!protocols.mlflow_page.empty()) router.add(mlflow::web_page_routes(protocols.mlflow_page));
  router.add(otlp::routes({protocols.tracing.traces(), protocols.tracking, protocols.permissions}));
  router.add(protocol::monitoring_routes(protocols.monitors, protocols.permissions));
  router.add(protocol::metric_routes(protocols.tracking, protocols.permissions));
  router.add(protocol::pipeline_routes(protocols.pipelines));
  router.add(protocol::governance_routes(protocols.promotions, protocols.audit, protocols.permissions));
  router.add(dvc::object_routes(protocols.blobs, protocols.permissions));
  router.add(protocol::event_routes(protocols.bus, protocols.clock));
  router.add(story_routes({protocols.tracking, protocols.registry, protocols.audit, protocols.promotions,
                           protocols.monitors, protocols.pipelines, home_of(protocols)}));
  identity::check_permissions(router.all());
}

namespace {

http::Response in_the_shape_of_its_protocol(const http::Request& request, int status, std::string_view code,
                                            std::string_view message) {
  if (otlp::owns_path(request.path)) return otlp::render_error(request, status, message);
  if (request.path.rfind("/api/slipway/", 0) != 0 && mlflow::owns_path(request.path)) {
    return mlflow::render_error(request, status, code, message);
  }
  return protocol::render_error(request, status, code, message);
}

}  // namespace

http::Response render_error(const http::Request& request, int status, std::string_view code, std::string_view message) {
  http::Response response = in_the_shape_of_its_protocol(request, status, code, message);
  // So that a browser asks for name and password.
  if (status == 401) response.headers.set("WWW-Authenticate", "Basic realm=\"mlflow\"");
  return response;
}

}  // namespace slipway::server
