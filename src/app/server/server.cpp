#include "app/server/server.h"

#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <thread>
#include <utility>

#include "app/server/protocols.h"
#include "app/server/references.h"
#include "app/server/story.h"
#include "app/server/triggers.h"
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
#include "domains/webhooks/deliveries.h"
#include "domains/webhooks/webhooks.h"
#include "foundation/base/clock.h"
#include "foundation/base/error.h"
#include "foundation/base/files.h"
#include "foundation/base/id.h"
#include "foundation/base/log.h"
#include "foundation/base/metrics.h"
#include "foundation/base/process.h"
#include "foundation/base/secret_box.h"
#include "foundation/blobs/blob_store.h"
#include "foundation/http/server.h"
#include "foundation/identity/accounts.h"
#include "foundation/identity/password.h"
#include "foundation/identity/permissions.h"
#include "foundation/jobs/event_bus.h"
#include "foundation/jobs/worker_pool.h"
#include "foundation/sql/database.h"
#include "protocols/mlflow/outbound_url.h"
#include "protocols/mlflow/webhook_sender.h"
#include "protocols/providers/provider_client.h"

namespace slipway::server {

namespace {

constexpr int64_t kMonitorIntervalMs = 500;
constexpr std::chrono::seconds kProviderPatience{10};

// Steps of pipelines talk to this server. They show the token that the operator gave it, or one of this process's own.
std::string token_of_steps(identity::Door& door, IdSource& ids) {
  const char* given = std::getenv("SLIPWAY_TOKEN");
  if (given != nullptr || door.is_open()) return given == nullptr ? "" : given;
  std::string token = ids.hex(64);
  door.add_token(token, {"pipeline", identity::Role::kWriter});
  return token;
}

http::ServerOptions http_options(const ServerConfig& config) {
  http::ServerOptions out;
  out.host = config.door.host;
  out.port = config.port;
  out.tls = config.door.tls;
  out.access_log = config.access_log;
  return out;
}

governance::AliasReader alias_reader(registry::Registry& registry) {
  return [&registry](const std::string& model, const std::string& alias) {
    const auto found = registry.find_by_alias(model, alias);
    return found ? std::to_string(found->version) : std::string();
  };
}

governance::AliasMover alias_mover(registry::Registry& registry) {
  return [&registry](const std::string& model, const std::string& alias, const std::string& version) {
    registry.set_alias(model, alias, registry::parse_version(version));
  };
}

mlflow::WebhookSenderOptions sender_options(const WebhookConfig& config) {
  mlflow::WebhookSenderOptions out;
  out.schemes = config.schemes;
  out.allow_private_addresses = config.allow_private_addresses;
  out.timeout_ms = config.timeout_ms;
  return out;
}

webhooks::DeliveryRules delivery_rules(const WebhookConfig& config) {
  webhooks::DeliveryRules out;
  out.max_retries = config.max_retries;
  out.attempt_ms = config.timeout_ms;
  return out;
}

gateway::GatewayOptions gateway_options(const GatewayConfig& config) {
  const mlflow::OutboundRules rules{"gateway secret api_base", config.schemes, config.allow_private_addresses};
  gateway::GatewayOptions out;
  out.check_url = [rules](const std::string& url) { mlflow::check_outbound_url(rules, url); };
  out.has_own_key = !config.secret_key.empty();
  return out;
}

providers::ProviderOptions provider_options(const GatewayConfig& config) {
  providers::ProviderOptions out;
  out.schemes = config.schemes;
  out.allow_private_addresses = config.allow_private_addresses;
  out.timeout_ms = config.timeout_ms;
  return out;
}

webhooks::Transport transport(const mlflow::WebhookSender& sender) {
  return [&sender](const webhooks::Delivery& delivery) { return sender.send(delivery); };
}

// A step is this program with the step's words, in the pipeline's folder, talking to this server.
pipelines::StepRunner step_runner(const std::string& program, const std::string& url, const std::string& token) {
  return [program, url, token](const std::vector<std::string>& arguments, const pipelines::Pipeline& pipeline,
                               const pipelines::PipelineRun& run, const std::function<void(std::string_view)>& on_line,
                               const jobs::Cancellation& cancellation) {
    std::vector<std::string> command = {program};
    command.insert(command.end(), arguments.begin(), arguments.end());
    ProcessOptions options;
    options.folder = pipeline.folder;
    options.timeout_ms = pipeline.timeout_ms;
    options.environment = {{"SLIPWAY_SERVER", url}, {"SLIPWAY_PIPELINE_RUN", run.id}};
    if (!token.empty()) options.environment.insert({"SLIPWAY_TOKEN", token});
    options.on_line = on_line;
    options.cancelled = [&cancellation] { return cancellation.requested(); };
    return run_process(command, options).exit_code;
  };
}

// A folder becomes the address by which clients on this machine know it.
std::string artifact_root(const ServerConfig& config) {
  if (config.artifact_root.empty()) return std::string(tracking::kDefaultArtifactRoot);
  if (config.artifact_root.find(':') != std::string::npos) return config.artifact_root;
  return "file://" + std::filesystem::absolute(config.artifact_root).lexically_normal().string();
}

}  // namespace

std::string database_url(const ServerConfig& config) {
  return config.database_url.empty() ? config.data_folder + "/slipway.db" : config.database_url;
}

std::string blobs_url(const ServerConfig& config) {
  return config.blobs_url.empty() ? config.data_folder + "/blobs" : config.blobs_url;
}

// In the order of construction; destroyed the other way round.
struct SlipwayServer::Parts {
  explicit Parts(const ServerConfig& config)
      : door(config.door),
        database(sql::open_database(database_url(config))),
        accounts(*database, clock),
        permissions(*database, config.default_permission),
        step_token(with_users(config)),
        blobs(blobs::open_blob_store(blobs_url(config))),
        tracking(*database, clock, ids, bus, artifact_root(config)),
        logged_models(*database, clock, ids),
        artifacts(*blobs),
        tracing(*database, tracking, clock, ids),
        genai(*database, tracing, clock, ids),
        secrets(config.webhooks.secret_key, config.data_folder + "/webhook-secrets.key"),
        webhook_sender(clock, sender_options(config.webhooks)),
        webhooks(
            *database, clock, ids, secrets, [this](const std::string& url) { webhook_sender.check_url(url); },
            transport(webhook_sender)),
        deliveries(*database, clock, ids, secrets, transport(webhook_sender), metrics, delivery_rules(config.webhooks)),
        gateway_secrets(config.gateway.secret_key, config.data_folder + "/gateway-secrets.key"),
        gateway(*database, tracking, clock, ids, gateway_secrets, gateway_options(config.gateway)),
        providers(clock, provider_options(config.gateway)),
        registry(
            *database, tracking, logged_models, clock, bus,
            [this](sql::Transaction& transaction, const jobs::Event& event) { webhooks.record(transaction, event); }),
        audit(*database),
        promotions(*database, clock, ids, bus, alias_reader(registry), alias_mover(registry)),
        monitors(*database, clock, bus, metrics, reference_resolver(tracking, registry, artifacts)),
        http(http_options(config), router, metrics),
        pipelines(
            *database, clock, ids, bus,
            step_runner(config.program,
                        text::concat(config.door.tls ? "https" : "http", "://", config.door.host, ":", http.port()),
                        step_token)) {
    bus.subscribe("", [this](const jobs::Event& event) { audit.record(event); });
    start_pipelines_on_alerts(bus, pipelines);
    // A reference that is addressed by an alias is another one once the alias has moved.
    bus.subscribe("model_version.aliased", [this](const jobs::Event&) { monitors.forget_references(); });
    const Protocols protocols{tracking,
                              logged_models,
                              artifacts,
                              *blobs,
                              tracing,
                              genai,
                              registry,
                              webhooks,
                              gateway,
                              providers,
                              audit,
                              promotions,
                              monitors,
                              pipelines,
                              metrics,
                              bus,
                              clock,
                              permissions,
                              config.door.has_users ? &accounts : nullptr,
                              config.door.tls.has_value(),
                              config.mlflow_page};
    mount_protocols(protocols, router);
    door.guard(http);
    http.set_error_renderer(render_error);
  }

  // Lets users in, the first of whom is made here; returns what steps of pipelines show.
  std::string with_users(const ServerConfig& config) {
    if (config.door.has_users) {
      door.add_users(std::make_shared<identity::SignIn>(accounts, clock));
      if (accounts.is_empty()) {
        const std::string password =
            config.admin_password.empty() ? identity::random_password() : config.admin_password;
        const bool made = accounts.create_first(config.admin_name, password);
        if (made && config.admin_password.empty()) made_up_password = password;
      }
    }
    return token_of_steps(door, ids);
  }

  SystemClock clock;
  RandomIdSource ids;
  metrics::Registry metrics;
  http::Router router;
  identity::Door door;
  std::unique_ptr<sql::Database> database;
  std::string made_up_password;
  identity::Accounts accounts;
  identity::Permissions permissions;
  std::string step_token;
  std::unique_ptr<blobs::BlobStore> blobs;
  jobs::EventBus bus;
  tracking::Tracking tracking;
  tracking::LoggedModels logged_models;
  tracking::Artifacts artifacts;
  traces::Tracing tracing;
  genai::Genai genai;
  SecretBox secrets;
  mlflow::WebhookSender webhook_sender;
  webhooks::Webhooks webhooks;
  webhooks::Deliveries deliveries;
  SecretBox gateway_secrets;
  gateway::Gateway gateway;
  providers::ProviderClient providers;
  registry::Registry registry;
  governance::AuditLog audit;
  governance::Promotions promotions;
  monitoring::Monitors monitors;
  http::Server http;
  pipelines::Pipelines pipelines;
  jobs::WorkerPool background{"background", 1};
};

SlipwayServer::SlipwayServer(const ServerConfig& config) {
  if (config.database_url.empty() || config.blobs_url.empty()) files::create_folders(config.data_folder);
  parts_ = std::make_unique<Parts>(config);
}

SlipwayServer::~SlipwayServer() { stop(); }

int SlipwayServer::port() const { return parts_->http.port(); }

std::vector<const http::Route*> SlipwayServer::routes() const { return parts_->router.all(); }

const std::string& SlipwayServer::made_up_password() const { return parts_->made_up_password; }

void SlipwayServer::start() {
  parts_->background.repeat(kMonitorIntervalMs, [this](const jobs::Cancellation&) { parts_->monitors.tick(); });
  parts_->deliveries.start();
  parts_->http.start();
}

void SlipwayServer::reload() { parts_->door.reload(); }

void SlipwayServer::stop() {
  {
    // A provider may think for minutes; whoever waits for one is told after a while that the server stops.
    const std::jthread patience([this](const std::stop_token& is_stopped) {
      std::mutex mutex;
      std::condition_variable_any over;
      std::unique_lock lock(mutex);
      const bool came = over.wait_for(lock, is_stopped, kProviderPatience, [&] { return is_stopped.stop_requested(); });
      if (!came) parts_->providers.interrupt();
    });
    parts_->http.stop();
  }
  parts_->background.stop();
  parts_->deliveries.stop();
  parts_->bus.flush();
}

}  // namespace slipway::server
