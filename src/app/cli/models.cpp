#include <algorithm>
#include <iostream>
#include <memory>

#include "app/cli/all.h"
#include "app/cli/api.h"
#include "app/cli/table_text.h"
#include "foundation/base/error.h"
#include "foundation/base/json.h"
#include "foundation/base/text.h"

namespace slipway::cli {

namespace {

struct ModelsFlags {
  std::string server;
  std::string name;
  bool as_json = false;
};

// All pages of a search of the registry.
json::array search(Api& api, const std::string& path, const std::string& member) {
  json::array out;
  std::string token;
  do {
    const std::string page = token.empty() ? "" : text::concat("&page_token=", http::percent_encode(token));
    const json::value answer = json::parse(api.get(path + page));
    if (const json::value* found = json::find(answer.as_object(), member)) {
      for (const json::value& one : found->as_array()) out.push_back(one);
    }
    token = json::find_string(answer.as_object(), "next_page_token").value_or("");
  } while (!token.empty());
  return out;
}

// "champion=3" of a model, "champion" of the version that it points to.
std::vector<std::string> aliases_of(const json::object& model, const std::string& version) {
  std::vector<std::string> out;
  const json::value* aliases = json::find(model, "aliases");
  if (aliases == nullptr) return out;
  for (const json::value& one : aliases->as_array()) {
    const std::string name = json::get_string(one.as_object(), "alias");
    const std::string to = json::get_string(one.as_object(), "version");
    if (version.empty()) out.push_back(text::concat(name, "=", to));
    if (version == to) out.push_back(name);
  }
  return out;
}

std::string day_of(const json::object& fields, std::string_view key) {
  return text::format_time_ms(json::find_int(fields, key).value_or(0)).substr(0, 19);
}

int list_models(Api& api, const ModelsFlags& flags) {
  const json::array models =
      search(api, "/api/2.0/mlflow/registered-models/search?max_results=1000", "registered_models");
  if (flags.as_json) {
    std::cout << json::write_pretty(models);
    return kExitOk;
  }
  std::vector<std::vector<std::string>> rows;
  for (const json::value& one : models) {
    const json::object& model = one.as_object();
    std::string latest;
    if (const json::value* versions = json::find(model, "latest_versions")) {
      int64_t newest = 0;
      for (const json::value& version : versions->as_array()) {
        newest = std::max(newest, json::get_int(version.as_object(), "version"));
      }
      if (newest != 0) latest = std::to_string(newest);
    }
    rows.push_back({json::get_string(model, "name"), latest, text::join(aliases_of(model, ""), " "),
                    day_of(model, "last_updated_timestamp"), json::find_string(model, "description").value_or("")});
  }
  if (rows.empty()) {
    std::cerr << "no model is registered\n";
    return kExitOk;
  }
  std::cout << table_text({"model", "newest", "aliases", "changed (UTC)", "description"}, rows, 60);
  return kExitOk;
}

int list_versions(Api& api, const ModelsFlags& flags) {
  const std::string name = http::percent_encode(flags.name);
  const json::value answer = json::parse(api.get("/api/2.0/mlflow/registered-models/get?name=" + name));
  const json::object& model = json::get_object(answer.as_object(), "registered_model");
  const std::string filter = text::concat("name='", text::replace_all(flags.name, "'", "''"), "'");
  const json::array versions = search(
      api,
      text::concat("/api/2.0/mlflow/model-versions/search?max_results=10000&filter=", http::percent_encode(filter)),
      "model_versions");
  if (flags.as_json) {
    std::cout << json::write_pretty(versions);
    return kExitOk;
  }
  std::vector<std::vector<std::string>> rows;
  for (const json::value& one : versions) {
    const json::object& version = one.as_object();
    const std::string number = json::get_string(version, "version");
    rows.push_back({number, text::join(aliases_of(model, number), " "), day_of(version, "creation_timestamp"),
                    json::find_string(version, "run_id").value_or(""),
                    json::find_string(version, "source").value_or("")});
  }
  if (rows.empty()) {
    std::cerr << "model '" << flags.name << "' has no version\n";
    return kExitOk;
  }
  std::cout << table_text({"version", "aliases", "made (UTC)", "run", "source"}, rows, 60);
  return kExitOk;
}

}  // namespace

Command models_command() {
  Command command;
  command.name = "models";
  command.group = "Models";
  command.summary = "List a server's registered models, or the versions of one";
  command.example = "  slipway models\n  slipway models flights";
  command.declare = [](CLI::App& app) -> Action {
    const auto flags = std::make_shared<ModelsFlags>();
    app.add_option("name", flags->name, "List the versions of this model");
    app.add_option("--server", flags->server, "URL of the server");
    app.add_flag("--json", flags->as_json, "Print as JSON");
    return [flags] {
      Api api(flags->server);
      return flags->name.empty() ? list_models(api, *flags) : list_versions(api, *flags);
    };
  };
  return command;
}

}  // namespace slipway::cli
