#include <iostream>
#include <memory>

#include "app/cli/all.h"
#include "app/cli/api.h"
#include "app/cli/table_text.h"
#include "foundation/base/json.h"
#include "foundation/base/text.h"

namespace slipway::cli {

namespace {

void print_table(const json::array& story) {
  std::vector<std::vector<std::string>> rows;
  for (const json::value& one : story) {
    const json::object& line = one.as_object();
    const auto duration = json::find_int(line, "duration_ms");
    rows.push_back({text::format_time_ms(json::get_int(line, "time_ms")).substr(11, 8), json::get_string(line, "what"),
                    json::get_string(line, "subject"), json::get_string(line, "detail"),
                    duration ? text::format_duration_ms(*duration) : ""});
  }
  std::cout << table_text({"time", "what", "subject", "numbers and reasons", "took"}, rows, 100);
}

}  // namespace

Command story_command() {
  Command command;
  command.name = "story";
  command.group = "Monitoring";
  command.summary = "Tell what happened to a model, in one table";
  command.example = "  slipway story flights --server http://127.0.0.1:5000";
  command.declare = [](CLI::App& app) -> Action {
    struct Flags {
      std::string model;
      std::string server;
      bool as_json = false;
    };
    const auto flags = std::make_shared<Flags>();
    app.add_option("model", flags->model, "Name of the registered model")->required();
    app.add_option("--server", flags->server, "URL of the server");
    app.add_flag("--json", flags->as_json, "Print as JSON");
    return [flags] {
      const std::string answer =
          Api(flags->server).get(text::concat("/api/slipway/v1/models/", http::percent_encode(flags->model), "/story"));
      if (flags->as_json) {
        std::cout << answer << '\n';
      } else {
        const json::value document = json::parse(answer);
        print_table(json::get_array(document.as_object(), "story"));
      }
      return kExitOk;
    };
  };
  return command;
}

}  // namespace slipway::cli
