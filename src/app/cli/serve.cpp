#include <iostream>
#include <memory>

#include "app/cli/all.h"
#include "app/cli/door_flags.h"
#include "app/cli/server_signals.h"
#include "app/cli/settings.h"
#include "app/model_server/model_server.h"
#include "domains/serving/model_address.h"
#include "foundation/base/clock.h"
#include "foundation/base/error.h"
#include "foundation/http/message.h"

namespace slipway::cli {

namespace {

struct ServeFlags {
  std::string model;
  std::string name;
  std::string listen;
  std::string server;
  std::string prediction_log;
  DoorFlags door;
  bool prediction_log_sync = false;
  uint64_t prediction_log_mib = 1024;
  int64_t watch_interval_ms = 1000;
};

// Models of a registry are logged unless told otherwise: the server's monitors live on it.
std::string log_folder(const ServeFlags& flags, const serving::ModelAddress& address) {
  if (flags.prediction_log == "off") return "";
  if (!flags.prediction_log.empty()) return flags.prediction_log;
  const bool registered = address.text.starts_with("models:/");
  const std::string& name = flags.name.empty() ? address.name : flags.name;
  return registered ? "./slipway-predictions/" + http::percent_encode(name) : "";
}

model_server::ModelServerConfig config_of(const ServeFlags& flags) {
  const serving::ModelAddress address = serving::parse_model_address(flags.model);
  const Address listen = parse_address(setting("serve-listen", flags.listen));
  model_server::ModelServerConfig config;
  config.model = flags.model;
  config.name = flags.name;
  config.door = door_config(listen.host, flags.door);
  config.port = listen.port;
  config.server_url = address.kind == serving::ModelAddress::Kind::kFolder ? server_url(flags.server)
                                                                           : required_server_url(flags.server);
  config.authorization = server_authorization();
  config.cache_folder = model_cache_folder();
  config.prediction_log = log_folder(flags, address);
  config.prediction_log_sync = flags.prediction_log_sync;
  config.prediction_log_bytes = flags.prediction_log_mib << 20U;
  config.watch_interval_ms = flags.watch_interval_ms;
  config.access_log = text::parse_bool(setting("access-log")).value_or(true);
  return config;
}

int run_serve(const ServeFlags& flags) {
  const ServerSignals signals;
  const int64_t begun_ms = steady_ms();
  const model_server::ModelServerConfig config = config_of(flags);
  model_server::ModelServer server(config);
  server.start();
  const std::string url = text::concat(config.door.tls ? "https" : "http", "://", config.door.host, ":", server.port());
  const std::string version = server.model().status().version;
  std::cerr << "Slipway " << SLIPWAY_VERSION << " serves " << config.model
            << (version.empty() ? ", not loaded yet," : ", version " + version + ",") << " on " << url << " (ready in "
            << steady_ms() - begun_ms << " ms)\n"
            << "  " << url << "/v2/models/" << http::percent_encode(server.model().name()) << "/infer\n"
            << "  " << url << "/invocations\n";
  if (!config.prediction_log.empty()) std::cerr << "predictions are logged in " << config.prediction_log << '\n';
  signals.wait_for_end([&server] { server.reload(); });
  server.stop();
  return kExitOk;
}

}  // namespace

Command serve_command() {
  Command command;
  command.name = "serve";
  command.group = "Models";
  command.summary = "Answer predictions over HTTP; follow the model's alias without dropping a request";
  command.example =
      "  slipway serve models:/flights@champion --server http://127.0.0.1:5000\n"
      "  curl -d '{\"dataframe_records\": [{\"distance\": 1400}]}' http://127.0.0.1:8080/invocations";
  command.declare = [](CLI::App& app) -> Action {
    const auto flags = std::make_shared<ServeFlags>();
    app.add_option("MODEL", flags->model,
                   "models:/NAME@ALIAS, models:/NAME/VERSION, models:/NAME/latest, runs:/RUN_ID/PATH or a model folder")
        ->required();
    app.add_option("--name", flags->name, "What clients call the model; default: its own name");
    app.add_option("--listen", flags->listen, "HOST:PORT (127.0.0.1:8080); port 0 takes a free one");
    declare_door(app, flags->door, "");
    app.add_option("--server", flags->server, "Server that has the model and takes the predictions");
    app.add_option("--prediction-log", flags->prediction_log,
                   "Folder of the local log of predictions, or `off`; models:/... are logged by default, in "
                   "./slipway-predictions/NAME");
    app.add_flag("--prediction-log-sync", flags->prediction_log_sync,
                 "Answer only when the prediction is on the disk: safe from a power cut, slower");
    app.add_option("--prediction-log-max-mib", flags->prediction_log_mib, "Bound of the log; past it the oldest go")
        ->check(CLI::Range(uint64_t{32}, uint64_t{1} << 30U));
    app.add_option("--watch-interval", flags->watch_interval_ms, "Milliseconds between looks at the alias (1000)")
        ->check(CLI::Range(int64_t{10}, int64_t{86'400'000}));
    return [flags] { return run_serve(*flags); };
  };
  return command;
}

}  // namespace slipway::cli
