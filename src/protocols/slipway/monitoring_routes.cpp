#include "protocols/slipway/monitoring_routes.h"

#include <limits>

#include "foundation/base/blocking.h"
#include "foundation/base/error.h"
#include "foundation/base/files.h"
#include "foundation/base/json.h"
#include "foundation/tables/io.h"
#include "protocols/slipway/model_permission.h"
#include "protocols/slipway/monitoring_codec.h"
#include "protocols/slipway/query.h"

namespace slipway::protocol {

namespace {

using http::Request;
using http::Response;
using identity::Permission;
using identity::Permissions;
using monitoring::Monitors;

constexpr size_t kMaxDefinition = size_t{1} << 20U;
constexpr size_t kMaxBatch = size_t{256} << 20U;
constexpr int64_t kDefaultLimit = 100;
constexpr int64_t kMaxLimit = 10'000;
constexpr const char* kMonitors = "/api/slipway/v1/monitors";
constexpr const char* kMonitor = "/api/slipway/v1/monitors/{name}";
constexpr const char* kModel = "/api/slipway/v1/models/{name}";

std::string name_in(const Request& request) { return std::string(request.parameter("name")); }

size_t limit_in(const Request& request) {
  const int64_t limit = query_int(request, "limit", kDefaultLimit);
  if (limit < 1 || limit > kMaxLimit) throw invalid_argument("'limit' must be from 1 to ", kMaxLimit, ", got ", limit);
  return static_cast<size_t>(limit);
}

json::value window_value(const monitoring::Window& window) { return json::parse(monitoring::window_json(window)); }

// The definition, what went wrong last, and the newest window.
json::value encode(const Monitors& monitors, const monitoring::Monitor& monitor) {
  json::value out = json::parse(monitoring::monitor_json(monitor));
  const std::string error = monitors.last_error(monitor.name);
  const auto windows = monitors.list_windows(monitor.name, 1);
  out.as_object()["last_error"] = error.empty() ? json::value(nullptr) : json::value(error);
  out.as_object()["latest_window"] = windows.empty() ? json::value(nullptr) : window_value(windows.front());
  return out;
}

Response answer(const json::value& document) { return Response::json(200, json::write(document)); }

Response windows_answer(const Monitors& monitors, const std::string& name, size_t limit) {
  json::array out;
  for (const monitoring::Window& window : monitors.list_windows(name, limit)) out.push_back(window_value(window));
  return answer(json::object{{"windows", std::move(out)}});
}

Response record_predictions(Monitors& monitors, Request& request) {
  const auto batch = decode_predictions(request.read_body(kMaxBatch));
  const BlockingSection blocking;
  const auto receipt = monitors.record_predictions(name_in(request), batch);
  return answer(
      json::object{{"accepted", receipt.accepted}, {"repeated", receipt.repeated}, {"reused", receipt.reused}});
}

Response record_labels(Monitors& monitors, Request& request) {
  const auto batch = decode_labels(request.read_body(kMaxBatch));
  const BlockingSection blocking;
  const auto receipt = monitors.record_labels(name_in(request), batch);
  return answer(json::object{{"joined", receipt.joined},
                             {"waiting", receipt.waiting},
                             {"repeated", receipt.repeated},
                             {"ambiguous", receipt.ambiguous}});
}

// Parquet and CSV have writers to files only.
std::string file_content(const tables::Table& table, const std::string& extension) {
  const files::TemporaryFolder folder;
  const std::string path = folder.file("recent." + extension);
  tables::write_table(table, path);
  return files::read(path);
}

Response recent(const Monitors& monitors, const Request& request) {
  const int64_t from_ms = query_int(request, "from_ms", 0);
  const int64_t to_ms = query_int(request, "to_ms", std::numeric_limits<int64_t>::max());
  const auto labelled = text::parse_bool(request.find_query("labelled").value_or("false"));
  if (!labelled) throw invalid_argument("'labelled' must be true or false");
  const std::string format(request.find_query("format").value_or("json"));
  if (format != "json" && format != "csv" && format != "parquet")
    throw invalid_argument("'format' must be parquet, csv or json, got '", format, "'");
  const BlockingSection blocking;
  const auto rows = *labelled ? monitoring::RecentRows::kLabelled : monitoring::RecentRows::kAll;
  const tables::Table table = monitors.recent(name_in(request), from_ms, to_ms, rows);
  if (format == "json") return Response::json(200, encode_table(table));
  if (format == "csv") return Response::text(200, file_content(table, format), "text/csv; charset=utf-8");
  return Response::text(200, file_content(table, format), "application/vnd.apache.parquet");
}

Response list(const Monitors& monitors, Permissions& permissions, const Request& request) {
  json::array out;
  for (const monitoring::Monitor& monitor : monitors.list()) {
    if (may_read(permissions, request, monitor.model)) out.push_back(encode(monitors, monitor));
  }
  return answer(json::object{{"monitors", std::move(out)}});
}

Response put(Monitors& monitors, Request& request) {
  const monitoring::Monitor monitor = monitoring::parse_monitor(name_in(request), request.read_body(kMaxDefinition));
  const BlockingSection blocking;
  monitors.put(monitor);
  return answer(encode(monitors, monitor));
}

Response evaluate(Monitors& monitors, const Request& request) {
  const BlockingSection blocking;
  monitors.evaluate(name_in(request));
  return windows_answer(monitors, name_in(request), kDefaultLimit);
}

std::vector<http::Route> model_routes(Monitors& monitors, Permissions& permissions) {
  const std::string model = kModel;
  const auto on = [&](Permission needed, http::Handler handler) {
    return on_model(permissions, needed, std::move(handler));
  };
  return {
      {"POST", model + "/predictions",
       on(Permission::kEdit, [&monitors](Request& request) { return record_predictions(monitors, request); }),
       "registry.write", "Record a batch of predictions"},
      {"POST", model + "/labels",
       on(Permission::kEdit, [&monitors](Request& request) { return record_labels(monitors, request); }),
       "registry.write", "Record labels for predictions"},
      {"GET", model + "/recent",
       on(Permission::kRead, [&monitors](Request& request) { return recent(monitors, request); }), "registry.read",
       "Recent predictions joined with their labels, as a table"},
  };
}

std::vector<http::Route> definition_routes(Monitors& monitors, Permissions& permissions) {
  return {
      {"GET", kMonitors, [&monitors, &permissions](Request& request) { return list(monitors, permissions, request); },
       "registry.read", "Every monitor with its latest window"},
      {"PUT", kMonitor, [&monitors](Request& request) { return put(monitors, request); }, "monitoring.write",
       "Create or replace a monitor"},
      {"GET", kMonitor,
       on_monitor(permissions, monitors, Permission::kRead,
                  [&monitors](Request& request) { return answer(encode(monitors, monitors.get(name_in(request)))); }),
       "registry.read", "A monitor with its latest window"},
      {"DELETE", kMonitor,
       [&monitors](Request& request) {
         monitors.remove(name_in(request));
         return Response::empty(204);
       },
       "monitoring.write", "Remove a monitor with its windows and alerts"},
  };
}

std::vector<http::Route> result_routes(Monitors& monitors, Permissions& permissions) {
  const std::string monitor = kMonitor;
  const auto on = [&](Permission needed, http::Handler handler) {
    return on_monitor(permissions, monitors, needed, std::move(handler));
  };
  const auto windows = [&monitors](Request& request) {
    return windows_answer(monitors, name_in(request), limit_in(request));
  };
  const auto alerts = [&monitors](Request& request) {
    return Response::json(200, encode_alerts(monitors.list_alerts(name_in(request), limit_in(request))));
  };
  const auto report = [&monitors](Request& request) {
    return Response::html(200, monitors.report_page(name_in(request)));
  };
  return {
      {"GET", monitor + "/windows", on(Permission::kRead, windows), "registry.read",
       "The newest windows of a monitor, ascending"},
      {"GET", monitor + "/alerts", on(Permission::kRead, alerts), "registry.read", "Alerts of a monitor, newest first"},
      {"GET", monitor + "/report", on(Permission::kRead, report), "registry.read",
       "A monitor's windows and alerts as a page"},
      {"POST", monitor + "/evaluate",
       on(Permission::kEdit, [&monitors](Request& request) { return evaluate(monitors, request); }), "registry.write",
       "Close and compute every window that has rows"},
  };
}

}  // namespace

std::vector<http::Route> monitoring_routes(Monitors& monitors, Permissions& permissions) {
  std::vector<http::Route> out = model_routes(monitors, permissions);
  for (auto& route : definition_routes(monitors, permissions)) out.push_back(std::move(route));
  for (auto& route : result_routes(monitors, permissions)) out.push_back(std::move(route));
  return out;
}

}  // namespace slipway::protocol
