#include <cmath>
#include <iostream>
#include <memory>

#include "app/cli/all.h"
#include "app/cli/api.h"
#include "app/cli/table_text.h"
#include "foundation/base/error.h"
#include "foundation/base/files.h"
#include "foundation/base/json.h"
#include "foundation/base/yaml.h"

namespace slipway::cli {

namespace {

constexpr const char* kMonitors = "/api/slipway/v1/monitors";

struct MonitorOptions {
  std::string server;
  std::string file;
  std::string name;
  std::string html;
  int limit = 100;
  bool as_json = false;
};

std::string path_of(const std::string& name) { return text::concat(kMonitors, "/", http::percent_encode(name)); }

std::string day(int64_t time_ms) { return text::format_time_ms(time_ms).substr(0, 10); }

// A number that may be missing, as "-".
std::string shown(const json::object& from, std::string_view key) {
  const auto value = json::find_double(from, key);
  return value ? text::format_fixed(*value, 4) : "-";
}

int apply(const MonitorOptions& options) {
  json::value document = json::parse_yaml(files::read(options.file));
  const std::string name = json::get_string(json::as_object(document, options.file), "name");
  const std::string answer = Api(options.server).put(path_of(name), json::write(document));
  if (options.as_json) {
    std::cout << answer << '\n';
  } else {
    const json::value applied = json::parse(answer);
    std::cout << "monitor " << name << " watches model " << json::get_string(applied.as_object(), "model_name")
              << " with " << json::get_array(applied.as_object(), "rules").size() << " rules\n";
  }
  return kExitOk;
}

int list(const MonitorOptions& options) {
  const std::string answer = Api(options.server).get(kMonitors);
  if (options.as_json) {
    std::cout << answer << '\n';
    return kExitOk;
  }
  const json::value document = json::parse(answer);
  std::vector<std::vector<std::string>> rows;
  for (const json::value& one : json::get_array(document.as_object(), "monitors")) {
    const json::object& monitor = one.as_object();
    const json::value* latest = json::find(monitor, "latest_window");
    rows.push_back({json::get_string(monitor, "name"), json::get_string(monitor, "model_name"),
                    latest == nullptr ? "none yet" : day(json::get_int(latest->as_object(), "start_ms")),
                    latest == nullptr ? "-" : shown(latest->as_object(), "drift_share"),
                    json::find_string(monitor, "last_error").value_or("")});
  }
  std::cout << table_text({"monitor", "model", "latest window", "drift share", "last error"}, rows, 100);
  return kExitOk;
}

int show(const MonitorOptions& options) {
  const std::string answer = Api(options.server).get(path_of(options.name));
  std::cout << (options.as_json ? answer + "\n" : json::write_pretty(json::parse(answer)));
  return kExitOk;
}

std::vector<std::string> cells_of(const json::object& window) {
  const json::value* prediction = json::find(window, "prediction_drift");
  const json::object& performance = json::get_object(window, "performance");
  return {day(json::get_int(window, "start_ms")),
          std::to_string(json::get_int(window, "rows")),
          shown(window, "drift_share"),
          prediction == nullptr ? "-" : shown(prediction->as_object(), "score"),
          shown(performance, "auc"),
          shown(performance, "log_loss"),
          shown(window, "label_coverage"),
          json::find_bool(window, "drifted").value_or(false) ? "DRIFT" : "stable"};
}

int windows_of(const MonitorOptions& options) {
  const std::string answer =
      Api(options.server).get(text::concat(path_of(options.name), "/windows?limit=", options.limit));
  if (options.as_json) {
    std::cout << answer << '\n';
    return kExitOk;
  }
  const json::value document = json::parse(answer);
  std::vector<std::vector<std::string>> rows;
  for (const json::value& window : json::get_array(document.as_object(), "windows")) {
    rows.push_back(cells_of(window.as_object()));
  }
  std::cout << table_text({"from", "rows", "drift share", "prediction", "AUC", "log loss", "labels", "verdict"}, rows);
  return kExitOk;
}

int report(const MonitorOptions& options) {
  Api api(options.server);
  if (!options.html.empty()) {
    files::write_atomic(options.html, api.get(path_of(options.name) + "/report"));
    std::cerr << "wrote " << options.html << '\n';
  }
  if (!options.as_json) {
    windows_of(options);
    const json::value document = json::parse(api.get(path_of(options.name) + "/alerts"));
    for (const json::value& one : json::get_array(document.as_object(), "alerts")) {
      const json::object& alert = one.as_object();
      const auto pipeline = json::find_string(alert, "pipeline");
      std::cout << "alert " << json::get_string(alert, "rule") << " " << json::get_string(alert, "state") << ": "
                << shown(alert, "value") << " against " << text::format_double(json::get_double(alert, "threshold"))
                << " in the window from " << day(json::get_int(alert, "window_start_ms"))
                << (pipeline ? text::concat(", starts pipeline ", *pipeline) : "") << '\n';
    }
    return kExitOk;
  }
  json::object out = {{"monitor", json::parse(api.get(path_of(options.name)))}};
  const json::value windows =
      json::parse(api.get(text::concat(path_of(options.name), "/windows?limit=", options.limit)));
  const json::value alerts = json::parse(api.get(path_of(options.name) + "/alerts"));
  out["windows"] = windows.as_object().at("windows");
  out["alerts"] = alerts.as_object().at("alerts");
  std::cout << json::write_pretty(out);
  return kExitOk;
}

int evaluate(const MonitorOptions& options) {
  const std::string answer = Api(options.server).post(path_of(options.name) + "/evaluate", "");
  if (!options.as_json) return windows_of(options);
  std::cout << answer << '\n';
  return kExitOk;
}

int remove(const MonitorOptions& options) {
  Api(options.server).remove(path_of(options.name), "");
  if (!options.as_json) std::cout << "monitor " << options.name << " is removed, with its windows and alerts\n";
  return kExitOk;
}

}  // namespace

Command monitor_command() {
  Command command;
  command.name = "monitor";
  command.group = "Monitoring";
  command.summary = "Watch models on the server: windows, drift, live performance, alerts";
  command.example =
      "  slipway monitor apply monitor.yaml --server http://127.0.0.1:5000\n"
      "  slipway monitor report flights --html monitor.html";
  command.declare = [](CLI::App& app) -> Action {
    const auto options = std::make_shared<MonitorOptions>();
    const auto action = std::make_shared<Action>();
    app.require_subcommand(1);
    const auto add = [&](const char* name, const char* summary, int (*run)(const MonitorOptions&)) {
      CLI::App* child = app.add_subcommand(name, summary);
      child->add_option("--server", options->server, "URL of the server");
      child->add_flag("--json", options->as_json, "Print as JSON");
      child->callback([options, action, run] { *action = [options, run] { return run(*options); }; });
      return child;
    };
    const auto add_named = [&](const char* name, const char* summary, int (*run)(const MonitorOptions&)) {
      CLI::App* child = add(name, summary, run);
      child->add_option("name", options->name, "The monitor")->required();
      return child;
    };
    add("apply", "Create or replace a monitor from its YAML file", apply)
        ->add_option("file", options->file, "monitor.yaml")
        ->required();
    add("list", "List monitors with their latest window", list);
    add_named("show", "Show a definition and the latest window", show);
    add_named("windows", "List windows, oldest first", windows_of)
        ->add_option("--limit", options->limit, "At most so many, the newest")
        ->capture_default_str();
    add_named("report", "Windows and alerts", report)
        ->add_option("--html", options->html, "Write the page to this file");
    add_named("evaluate", "Close every window that has rows, now", evaluate);
    add_named("delete", "Remove a monitor with its windows and alerts", remove);
    return [action] { return (*action)(); };
  };
  return command;
}

}  // namespace slipway::cli
