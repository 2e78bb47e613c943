#include <algorithm>
#include <iostream>
#include <memory>

#include "app/cli/all.h"
#include "app/cli/api.h"
#include "app/cli/table_text.h"
#include "foundation/base/clock.h"
#include "foundation/base/error.h"
#include "foundation/base/json.h"
#include "foundation/base/text.h"

namespace slipway::cli {

namespace {

constexpr size_t kMetricsShown = 4;

struct RunsFlags {
  std::string server;
  std::vector<std::string> experiments;
  std::string filter;
  std::vector<std::string> order;
  int limit = 20;
  bool as_json = false;
};

// Every experiment by its id, page by page.
std::vector<std::pair<std::string, std::string>> list_experiments(Api& api) {
  std::vector<std::pair<std::string, std::string>> out;
  std::string token;
  do {
    json::object body = {{"max_results", 1000}};
    if (!token.empty()) body["page_token"] = token;
    const json::value answer = json::parse(api.post("/api/2.0/mlflow/experiments/search", json::write(body)));
    if (const json::value* found = json::find(answer.as_object(), "experiments")) {
      for (const json::value& one : found->as_array()) {
        out.emplace_back(json::get_string(one.as_object(), "experiment_id"), json::get_string(one.as_object(), "name"));
      }
    }
    token = json::find_string(answer.as_object(), "next_page_token").value_or("");
  } while (!token.empty());
  return out;
}

json::array ids_of(const std::vector<std::pair<std::string, std::string>>& all, const std::vector<std::string>& names) {
  json::array out;
  for (const auto& [id, name] : all) {
    if (names.empty()) out.emplace_back(id);
  }
  for (const std::string& wanted : names) {
    const auto found = std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.second == wanted; });
    if (found == all.end()) throw not_found("there is no experiment '", wanted, "'");
    out.emplace_back(found->first);
  }
  return out;
}

std::string metrics_text(const json::object& data) {
  const json::value* metrics = json::find(data, "metrics");
  if (metrics == nullptr) return "";
  std::vector<std::string> shown;
  for (const json::value& one : metrics->as_array()) {
    if (shown.size() == kMetricsShown) {
      shown.emplace_back("...");
      break;
    }
    const json::value& value = one.as_object().at("value");
    shown.push_back(
        text::concat(json::get_string(one.as_object(), "key"), "=",
                     value.is_number() ? text::format_double(value.to_number<double>()) : json::write(value)));
  }
  return text::join(shown, " ");
}

std::string name_of(const std::vector<std::pair<std::string, std::string>>& experiments, const std::string& id) {
  const auto found =
      std::find_if(experiments.begin(), experiments.end(), [&](const auto& one) { return one.first == id; });
  return found == experiments.end() ? id : found->second;
}

std::vector<std::string> row_of(const json::object& run,
                                const std::vector<std::pair<std::string, std::string>>& experiments) {
  const json::object& info = json::get_object(run, "info");
  const int64_t start_ms = json::find_int(info, "start_time").value_or(0);
  const auto end_ms = json::find_int(info, "end_time");
  return {json::get_string(info, "run_id"),
          json::find_string(info, "run_name").value_or(""),
          name_of(experiments, json::get_string(info, "experiment_id")),
          json::find_string(info, "status").value_or(""),
          start_ms == 0 ? "" : text::format_time_ms(start_ms).substr(0, 19),
          end_ms && *end_ms >= start_ms ? text::format_duration_ms(*end_ms - start_ms) : "",
          metrics_text(json::get_object(run, "data"))};
}

int list_runs(const RunsFlags& flags) {
  Api api(flags.server);
  const auto experiments = list_experiments(api);
  json::object body = {{"experiment_ids", ids_of(experiments, flags.experiments)}, {"max_results", flags.limit}};
  if (!flags.filter.empty()) body["filter"] = flags.filter;
  if (!flags.order.empty()) body["order_by"] = json::array(flags.order.begin(), flags.order.end());
  const json::value answer = json::parse(api.post("/api/2.0/mlflow/runs/search", json::write(body)));
  const json::value* runs = json::find(answer.as_object(), "runs");
  if (flags.as_json) {
    std::cout << json::write_pretty(runs == nullptr ? json::value(json::array()) : *runs);
    return kExitOk;
  }
  if (runs == nullptr || runs->as_array().empty()) {
    std::cerr << "no runs" << (flags.filter.empty() ? "" : " match the filter") << '\n';
    return kExitOk;
  }
  std::vector<std::vector<std::string>> rows;
  for (const json::value& run : runs->as_array()) rows.push_back(row_of(run.as_object(), experiments));
  std::cout << table_text({"run", "name", "experiment", "status", "started (UTC)", "took", "metrics"}, rows, 60);
  if (json::find(answer.as_object(), "next_page_token") != nullptr) {
    std::cerr << "there are more; --limit shows up to 1000\n";
  }
  return kExitOk;
}

}  // namespace

Command runs_command() {
  Command command;
  command.name = "runs";
  command.group = "Models";
  command.summary = "List a server's runs, newest first";
  command.example = "  slipway runs --experiment iris --filter \"metrics.auc > 0.7\" --order-by \"metrics.auc DESC\"";
  command.declare = [](CLI::App& app) -> Action {
    const auto flags = std::make_shared<RunsFlags>();
    app.add_option("--experiment", flags->experiments, "Only runs of these experiments, by name");
    app.add_option("--filter", flags->filter, "A filter in MLflow's language");
    app.add_option("--order-by", flags->order, "In this order, as in \"metrics.auc DESC\"");
    app.add_option("--limit", flags->limit, "At most so many")->check(CLI::Range(1, 1000))->capture_default_str();
    app.add_option("--server", flags->server, "URL of the server");
    app.add_flag("--json", flags->as_json, "Print as JSON");
    return [flags] { return list_runs(*flags); };
  };
  return command;
}

}  // namespace slipway::cli
