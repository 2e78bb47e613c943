#include <iostream>
#include <memory>

#include "app/cli/all.h"
#include "app/cli/settings.h"
#include "domains/packaging/mlmodel.h"
#include "foundation/base/clock.h"
#include "foundation/base/error.h"
#include "foundation/base/json.h"
#include "foundation/base/text.h"
#include "protocols/mlflow/client.h"

namespace slipway::cli {

namespace {

struct RegisterFlags {
  std::string model;
  std::string name;
  std::string experiment;
  std::string server;
  std::vector<std::string> aliases;
  std::vector<std::string> tags;
  bool as_json = false;
};

std::map<std::string, std::string> parse_tags(const std::vector<std::string>& tags) {
  std::map<std::string, std::string> out;
  for (const std::string& tag : tags) {
    const size_t equals = tag.find('=');
    if (equals == std::string::npos || equals == 0) throw invalid_argument("--tag takes KEY=VALUE, got '", tag, "'");
    out[tag.substr(0, equals)] = tag.substr(equals + 1);
  }
  return out;
}

// The run that trained what lies in the folder, found by the content's id; a folder that no run knows gets a run of its
// own, with the folder as its artifact.
std::string run_of_folder(mlflow::Client& client, const RegisterFlags& flags) {
  const std::string uuid = packaging::read_mlmodel(flags.model).model_uuid;
  const std::string experiment = flags.experiment.empty() ? flags.name : flags.experiment;
  if (!uuid.empty()) {
    if (const auto known = client.find_run_by_tag(experiment, "slipway.model_uuid", uuid)) return *known;
  }
  const SystemClock clock;
  std::string run =
      client.create_run(client.ensure_experiment(experiment), "register " + flags.name,
                        {{"mlflow.source.name", "slipway register"}, {"slipway.model_uuid", uuid}}, clock.now_ms());
  client.upload(run, flags.model, "model");
  client.finish_run(run, "FINISHED", clock.now_ms());
  return run;
}

mlflow::RemoteVersion version_of(mlflow::Client& client, const RegisterFlags& flags) {
  if (flags.model.starts_with("models:/")) {
    // A version that is there already: only its aliases and tags change.
    return *client.fetch_model(flags.model, model_cache_folder()).version;
  }
  if (flags.name.empty()) throw invalid_argument("under which name? give --name NAME");
  std::string source = flags.model;
  std::string run;
  if (flags.model.starts_with("runs:/")) {
    const std::string rest = flags.model.substr(6);
    run = rest.substr(0, rest.find('/'));
  } else {
    run = run_of_folder(client, flags);
    source = "runs:/" + run + "/model";
  }
  client.ensure_registered_model(flags.name);
  auto tags = parse_tags(flags.tags);
  // What the run knows of its origin goes along: the version's lineage without a look at the run.
  const auto known = client.run_tags(run);
  for (const char* key :
       {"slipway.model_uuid", "slipway.data_commit", "slipway.data_sha256", "mlflow.source.git.commit"}) {
    const auto found = known.find(key);
    if (found != known.end()) tags.insert(*found);
  }
  return client.create_version(flags.name, source, run, tags);
}

int register_model(const RegisterFlags& flags) {
  const auto http = http::make_client();
  mlflow::Client client(*http, required_server_url(flags.server), server_authorization());
  const auto tags = parse_tags(flags.tags);
  const mlflow::RemoteVersion version = version_of(client, flags);
  if (flags.model.starts_with("models:/")) {
    for (const auto& [key, value] : tags) client.set_version_tag(version.name, version.version, key, value);
  }
  for (const std::string& alias : flags.aliases) client.set_alias(version.name, alias, version.version);
  if (flags.as_json) {
    json::array aliases;
    for (const std::string& alias : flags.aliases) aliases.emplace_back(alias);
    std::cout << json::write_pretty(json::object{{"name", version.name},
                                                 {"version", version.version},
                                                 {"run_id", version.run_id},
                                                 {"source", version.source},
                                                 {"aliases", std::move(aliases)}});
    return kExitOk;
  }
  std::cout << "models:/" << version.name << "/" << version.version;
  for (const std::string& alias : flags.aliases) std::cout << " is now @" << alias;
  std::cout << '\n';
  return kExitOk;
}

}  // namespace

Command register_command() {
  Command command;
  command.name = "register";
  command.group = "Models";
  command.summary = "Make a model of a run or a folder a version in the registry; set aliases and tags";
  command.example =
      "  slipway register model/ --name flights --alias challenger\n"
      "  slipway register models:/flights/3 --alias champion";
  command.declare = [](CLI::App& app) -> Action {
    const auto flags = std::make_shared<RegisterFlags>();
    app.add_option("model", flags->model,
                   "A model directory, runs:/RUN_ID/PATH, or models:/NAME/3 to change its aliases")
        ->required();
    app.add_option("--name", flags->name, "Name of the registered model");
    app.add_option("--alias", flags->aliases, "Alias to point to the version; may be repeated");
    app.add_option("--tag", flags->tags, "KEY=VALUE on the version; may be repeated");
    app.add_option("--experiment", flags->experiment,
                   "Where the run that trained a folder's model is looked for; default: the name");
    app.add_option("--server", flags->server, "URL of the server");
    app.add_flag("--json", flags->as_json, "Print the version as JSON");
    return [flags] { return register_model(*flags); };
  };
  return command;
}

}  // namespace slipway::cli
