#include <iostream>
#include <memory>

#include "app/cli/all.h"
#include "app/cli/replay_traffic.h"
#include "app/cli/settings.h"
#include "foundation/base/error.h"
#include "foundation/base/json.h"
#include "foundation/base/text.h"

namespace slipway::cli {

namespace {

struct Flags {
  ReplayPlan plan;
  std::string from;
  std::string until;
  std::string every = "1h";
  std::string label_delay = "3d";
  std::string speed;
  bool as_json = false;
};

int64_t required_time(const std::string& flag, const std::string& value) {
  const auto time = text::parse_time_ms(value);
  if (!time) throw invalid_argument(flag, " takes a time as in 2013-09-01 or 2013-09-01T05:00:00Z, got '", value, "'");
  return *time;
}

int report(const Flags& flags, const ReplayResult& result) {
  if (flags.as_json) {
    std::cout << json::write_pretty(json::object{{"rows", result.rows},
                                                 {"requests", result.requests},
                                                 {"failed_requests", result.failed_requests},
                                                 {"labels", result.labels},
                                                 {"duration_ms", result.duration_ms},
                                                 {"latency_p50_ms", result.latency_p50_ms},
                                                 {"latency_p99_ms", result.latency_p99_ms},
                                                 {"first_failure", result.first_failure}});
  } else {
    std::cout << result.rows << " rows in " << result.requests << " requests, " << result.failed_requests << " failed; "
              << result.labels << " labels; " << text::format_duration_ms(result.duration_ms) << "; latency p50 "
              << text::format_fixed(result.latency_p50_ms, 2) << " ms, p99 "
              << text::format_fixed(result.latency_p99_ms, 2) << " ms\n";
    if (!result.first_failure.empty()) std::cout << "first failure: " << result.first_failure << '\n';
  }
  return result.failed_requests == 0 ? kExitOk : kExitFailed;
}

}  // namespace

Command replay_command() {
  Command command;
  command.name = "replay";
  command.group = "Monitoring";
  command.summary = "Send a recorded table to a model server as live traffic, its labels to the monitor later";
  command.example =
      "  slipway replay live.parquet --model flights --to http://127.0.0.1:8080 --time-column judged_at --id-column "
      "flight_id "
      "--target late --label-delay 3d --speed 2d";
  command.declare = [](CLI::App& app) -> Action {
    const auto flags = std::make_shared<Flags>();
    ReplayPlan& plan = flags->plan;
    app.add_option("data", plan.data, "Table with one row per prediction")->required();
    app.add_option("--model", plan.model, "Name of the served model")->required();
    app.add_option("--to", plan.serve_url, "URL of the model server")->required();
    app.add_option("--server", plan.server_url, "URL of the server that gets the labels");
    app.add_option("--time-column", plan.time_column, "When each row happened")->required();
    app.add_option("--id-column", plan.id_column, "Names a row, to join its label later")->required();
    app.add_option("--target", plan.target, "Label column; without it no labels are sent");
    app.add_option("--from", flags->from, "First moment to replay");
    app.add_option("--until", flags->until, "Stop before this moment");
    app.add_option("--every", flags->every, "Rows of one such span go in one request");
    app.add_option("--label-delay", flags->label_delay, "How long after its row a label arrives");
    app.add_option("--speed", flags->speed, "Recorded time per second, as in 2d; default: as fast as it goes");
    app.add_flag("--slow-for-pipelines", plan.slow_for_pipelines,
                 "A tenth of the speed while the server runs a pipeline");
    app.add_option("--connections", plan.connections, "Requests under way at once")->check(CLI::Range(1, 64));
    app.add_flag("--json", flags->as_json, "Print the outcome as JSON");
    return [flags] {
      ReplayPlan& chosen = flags->plan;
      if (!flags->from.empty()) chosen.from_ms = required_time("--from", flags->from);
      if (!flags->until.empty()) chosen.until_ms = required_time("--until", flags->until);
      chosen.every_ms = text::parse_duration_ms(flags->every);
      chosen.label_delay_ms = text::parse_duration_ms(flags->label_delay);
      if (!flags->speed.empty()) chosen.speed_ms_per_second = text::parse_duration_ms(flags->speed);
      chosen.server_url = server_url(chosen.server_url);
      chosen.authorization = server_authorization();
      chosen.serve_authorization = model_server_authorization();
      return report(*flags, replay_traffic(chosen));
    };
  };
  return command;
}

}  // namespace slipway::cli
