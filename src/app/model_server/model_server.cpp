#include "app/model_server/model_server.h"

#include <functional>
#include <optional>
#include <utility>

#include "app/model_server/prediction_delivery.h"
#include "domains/serving/last_served.h"
#include "domains/serving/model_address.h"
#include "domains/serving/model_watcher.h"
#include "domains/serving/predictor.h"
#include "foundation/base/error.h"
#include "foundation/base/log.h"
#include "foundation/http/server.h"
#include "protocols/mlflow/client.h"
#include "protocols/oip/errors.h"
#include "protocols/oip/routes.h"
#include "protocols/scoring/errors.h"
#include "protocols/scoring/routes.h"

namespace slipway::model_server {

namespace {

using serving::ModelAddress;
using serving::ModelCandidate;

http::ServerOptions http_options(const ModelServerConfig& config) {
  http::ServerOptions options;
  options.host = config.door.host;
  options.port = config.port;
  options.tls = config.door.tls;
  options.access_log = config.access_log;
  return options;
}

// Each protocol has its own shape of error; what is outside /v2 is MLflow's.
http::Response render_error(const http::Request& request, int status, std::string_view code, std::string_view message) {
  const bool is_oip = request.path == "/v2" || request.path.starts_with("/v2/");
  http::Response response = is_oip ? oip::render_error(status, message) : scoring::render_error(status, code, message);
  if (status == 401) response.headers.set("WWW-Authenticate", "Bearer realm=\"slipway\"");
  return response;
}

http::Route metrics_route(const metrics::Registry& registry) {
  const auto expose = [&registry](http::Request&) {
    return http::Response::text(200, registry.expose(), "text/plain; version=0.0.4; charset=utf-8");
  };
  return {"GET", "/metrics", expose, "metrics.read", "Counters and gauges in Prometheus' text format"};
}

spool::SpoolOptions spool_options(const ModelServerConfig& config) {
  spool::SpoolOptions options;
  options.folder = config.prediction_log;
  options.max_bytes = config.prediction_log_bytes;
  options.durability = config.prediction_log_sync ? spool::Durability::kDisk : spool::Durability::kProcess;
  return options;
}

ModelCandidate fetch(mlflow::Client& registry, const std::string& address, const std::string& cache_folder,
                     const std::string& run_id) {
  const mlflow::Client::ResolvedModel model = registry.fetch_model(address, cache_folder);
  return {model.version ? model.version->version : run_id, model.folder, address};
}

serving::ModelSource alias_source(mlflow::Client& registry, const ModelAddress& address,
                                  const std::string& cache_folder) {
  return {[&registry, address] {
            const auto version = registry.find_by_alias(address.name, address.selector);
            if (!version) throw not_found("model '", address.name, "' has no alias '", address.selector, "'");
            return version->version;
          },
          // By number: the alias may have moved on since it was asked for.
          [&registry, address, cache_folder](const std::string& version) {
            return fetch(registry, "models:/" + address.name + "/" + version, cache_folder, "");
          }};
}

}  // namespace

// In the order of construction; destroyed the other way round.
struct ModelServer::Parts {
  explicit Parts(const ModelServerConfig& config)
      : door(config.door),
        address(serving::parse_model_address(config.model)),
        client(http::make_client()),
        model(config.name.empty() ? address.name : config.name,
              config.opener ? config.opener : serving::ServedModel::Opener(serving::open_runtime), clock, metrics),
        http(http_options(config), router, metrics) {
    if (!config.prediction_log.empty()) prediction_log.emplace(spool_options(config), model.name(), metrics);
    predictor.emplace(model, prediction_log ? &*prediction_log : nullptr, clock);
    if (prediction_log && !config.server_url.empty()) {
      forwarder.emplace(*prediction_log,
                        prediction_sink(*client, config.server_url, config.authorization, model.name()), model.name(),
                        metrics);
    }
    router.add(oip::routes(*predictor));
    router.add(scoring::routes(*predictor));
    router.add(metrics_route(metrics));
    identity::check_permissions(router.all());
    door.guard(http);
    http.set_error_renderer(render_error);
    load(config);
  }

  void load(const ModelServerConfig& config) {
    const ModelAddress::Kind kind = address.kind;
    if (kind == ModelAddress::Kind::kFolder) {
      model.replace({"1", address.text, address.text});
      return;
    }
    if (config.server_url.empty()) {
      throw invalid_argument("which server holds ", address.text, "? give --server http://127.0.0.1:5000");
    }
    registry.emplace(*client, config.server_url, config.authorization);
    last_served.emplace(config.cache_folder, config.server_url, address.text);
    if (kind != ModelAddress::Kind::kAlias) {
      const bool loaded = load_first([&] {
        return fetch(*registry, address.text, config.cache_folder,
                     kind == ModelAddress::Kind::kRun ? address.selector : "");
      });
      if (!loaded)
        throw unavailable("the server at ", config.server_url, " cannot be reached, and ", address.text,
                          " was not served from here before; start it again when the server is there");
      return;
    }
    follow_alias(config);
  }

  // False when the registry is away and nothing of the cache will do.
  bool load_first(const std::function<ModelCandidate()>& ask_registry) {
    try {
      const ModelCandidate candidate = ask_registry();
      model.replace(candidate);
      last_served->remember(candidate);
      return true;
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kUnavailable && error.code() != ErrorCode::kDeadlineExceeded) throw;
      log::warning("model.registry_is_away", {{"model", address.text}, {"reason", error.what()}});
    }
    try {
      const auto candidate = last_served->recall();
      if (!candidate) return false;
      model.replace(*candidate);
      log::warning("model.served_from_cache",
                   {{"model", address.text},
                    {"version", candidate->version},
                    {"meaning", "the version that was served last; the registry may want another one by now"}});
      return true;
    } catch (const Error& error) {
      log::error("model.cache_is_of_no_use", {{"model", address.text}, {"reason", error.what()}});
      return false;
    }
  }

  void follow_alias(const ModelServerConfig& config) {
    serving::ModelSource source = alias_source(*registry, address, config.cache_folder);
    source.taken = [this](const ModelCandidate& candidate) { last_served->remember(candidate); };
    const bool loaded = load_first([&] { return source.fetch(source.wanted_version()); });
    if (!loaded) log::warning("model.waiting_for_registry", {{"model", address.text}});
    serving::ModelWatcher::Options options;
    options.interval_ms = config.watch_interval_ms;
    watcher.emplace(model, std::move(source), clock, options);
  }

  identity::Door door;
  const ModelAddress address;
  SystemClock clock;
  metrics::Registry metrics;
  std::unique_ptr<http::Client> client;
  std::optional<mlflow::Client> registry;  // absent for a model of this machine, as the next
  std::optional<serving::LastServed> last_served;
  serving::ServedModel model;
  std::optional<serving::PredictionLog> prediction_log;
  std::optional<serving::Predictor> predictor;
  std::optional<serving::PredictionForwarder> forwarder;
  std::optional<serving::ModelWatcher> watcher;
  http::Router router;
  http::Server http;
};

ModelServer::ModelServer(const ModelServerConfig& config) : parts_(std::make_unique<Parts>(config)) {}

ModelServer::~ModelServer() { stop(); }

int ModelServer::port() const { return parts_->http.port(); }

std::vector<const http::Route*> ModelServer::routes() const { return parts_->router.all(); }

const serving::ServedModel& ModelServer::model() const { return parts_->model; }

void ModelServer::start() {
  if (parts_->watcher) parts_->watcher->start();
  if (parts_->forwarder) parts_->forwarder->start();
  parts_->http.start();
}

void ModelServer::reload() { parts_->door.reload(); }

void ModelServer::stop() {
  parts_->http.stop();
  if (parts_->watcher) parts_->watcher->stop();
  if (parts_->forwarder) parts_->forwarder->stop();
}

}  // namespace slipway::model_server
