#include <yaml-cpp/yaml.h>

#include <filesystem>
#include <iomanip>
#include <iostream>
#include <memory>
#include <thread>

#include "app/cli/all.h"
#include "app/cli/api.h"
#include "app/cli/table_text.h"
#include "foundation/base/clock.h"
#include "foundation/base/error.h"
#include "foundation/base/files.h"
#include "foundation/base/json.h"

namespace slipway::cli {

namespace {

constexpr const char* kPipelines = "/api/slipway/v1/pipelines";
constexpr const char* kRuns = "/api/slipway/v1/pipeline-runs";

struct PipelineOptions {
  std::string server;
  std::string file;
  std::string name;
  std::vector<std::string> attributes;
  bool wait = false;
  bool as_json = false;
};

// The words of a command line: blanks separate, except inside quotes and inside {{...}}, which may hold an expression.
std::vector<std::string> split_words(const std::string& line) {
  std::vector<std::string> out(1);
  char quote = 0;
  int braces = 0;
  for (size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (line.compare(i, 2, "{{") == 0) ++braces;
    if (i > 0 && line.compare(i - 1, 2, "}}") == 0) --braces;
    if (quote == 0 && (c == '"' || c == '\'')) {
      quote = c;
    } else if (c == quote) {
      quote = 0;
    } else if (c == ' ' && quote == 0 && braces <= 0) {
      if (!out.back().empty()) out.emplace_back();
    } else {
      out.back().push_back(c);
    }
  }
  if (out.back().empty()) out.pop_back();
  return out;
}

// "train --config 'a b.yaml'" or a list of words, as a list of words.
json::array words_of(const YAML::Node& step, const std::string& file) {
  json::array out;
  if (step.IsSequence()) {
    for (const auto& word : step) out.emplace_back(word.as<std::string>());
  } else if (step.IsScalar()) {
    for (const std::string& word : split_words(step.as<std::string>())) out.emplace_back(word);
  }
  if (out.empty()) {
    throw invalid_argument(file, ":", step.Mark().line + 1, ": a step is a command line or a list of words");
  }
  return out;
}

int apply(const PipelineOptions& options) {
  try {
    const YAML::Node document = YAML::Load(files::read(options.file));
    if (!document.IsMap() || !document["name"] || !document["steps"] || !document["steps"].IsSequence()) {
      throw invalid_argument(options.file,
                             ": a pipeline has a `name`, a list of `steps`, and a `folder` (default: the file's own)");
    }
    namespace fs = std::filesystem;
    fs::path folder = fs::absolute(options.file).parent_path();
    if (document["folder"]) folder /= document["folder"].as<std::string>();
    json::array steps;
    for (const auto& step : document["steps"]) steps.emplace_back(words_of(step, options.file));
    const auto name = document["name"].as<std::string>();
    const json::object body = {{"folder", folder.lexically_normal().string()}, {"steps", steps}};
    const std::string answer =
        Api(options.server).put(text::concat(kPipelines, "/", http::percent_encode(name)), json::write(body));
    if (options.as_json) {
      std::cout << answer << '\n';
    } else {
      std::cout << "pipeline " << name << " has " << steps.size() << " steps, in " << folder.lexically_normal().string()
                << '\n';
    }
    return kExitOk;
  } catch (const YAML::Exception& error) {
    throw invalid_argument(options.file, ":", error.mark.line + 1, ": ", error.msg);
  }
}

int list(const PipelineOptions& options) {
  const std::string answer = Api(options.server).get(kPipelines);
  if (options.as_json) {
    std::cout << answer << '\n';
    return kExitOk;
  }
  const json::value document = json::parse(answer);
  std::vector<std::vector<std::string>> rows;
  for (const json::value& one : json::get_array(document.as_object(), "pipelines")) {
    rows.push_back({json::get_string(one.as_object(), "name"), json::get_string(one.as_object(), "folder")});
  }
  std::cout << table_text({"pipeline", "folder"}, rows, 100);
  return kExitOk;
}

void print_run(const json::object& run, bool with_log) {
  std::cout << json::get_string(run, "id") << "  " << std::left << std::setw(12) << json::get_string(run, "pipeline")
            << "  " << std::setw(9) << json::get_string(run, "state") << "  " << json::get_string(run, "trigger")
            << '\n';
  for (const json::value& step : json::get_array(run, "steps")) {
    const json::object& fields = step.as_object();
    std::cout << "  "
              << (json::get_int(fields, "exit_code") == 0   ? "ok      "
                  : json::get_int(fields, "exit_code") == 1 ? "refused "
                                                            : "failed  ")
              << text::format_duration_ms(json::get_int(fields, "duration_ms")) << "  "
              << json::get_string(fields, "command") << '\n';
  }
  const std::string message = json::get_string(run, "message");
  if (!message.empty()) std::cout << "  " << message << '\n';
  if (with_log) std::cout << json::get_string(run, "log");
}

int list_runs(const PipelineOptions& options) {
  const std::string answer =
      Api(options.server).get(text::concat(kRuns, "?pipeline=", http::percent_encode(options.name)));
  if (options.as_json) {
    std::cout << answer << '\n';
    return kExitOk;
  }
  const json::value document = json::parse(answer);
  for (const json::value& run : json::get_array(document.as_object(), "runs")) print_run(run.as_object(), false);
  return kExitOk;
}

bool ended(const json::object& run) {
  const std::string state = json::get_string(run, "state");
  return state != "waiting" && state != "queued" && state != "running";
}

int start(const PipelineOptions& options) {
  Api api(options.server);
  json::object attributes;
  for (const std::string& pair : options.attributes) {
    const size_t equals = pair.find('=');
    if (equals == std::string::npos) throw invalid_argument("--set takes name=value, got '", pair, "'");
    attributes[pair.substr(0, equals)] = pair.substr(equals + 1);
  }
  json::value run = json::parse(api.post(text::concat(kPipelines, "/", http::percent_encode(options.name), "/runs"),
                                         json::write(json::object{{"attributes", attributes}})));
  const std::string path = text::concat(kRuns, "/", json::get_string(run.as_object(), "id"));
  while (options.wait && !ended(run.as_object())) {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    run = json::parse(api.get(path));
  }
  if (options.as_json) {
    std::cout << json::write_pretty(run);
  } else {
    const bool failed = ended(run.as_object()) && json::get_string(run.as_object(), "state") != "succeeded";
    print_run(run.as_object(), failed);
  }
  return !options.wait || json::get_string(run.as_object(), "state") == "succeeded" ? kExitOk : kExitFailed;
}

int show(const PipelineOptions& options) {
  const std::string answer = Api(options.server).get(text::concat(kRuns, "/", options.name));
  if (options.as_json) {
    std::cout << answer << '\n';
  } else {
    print_run(json::parse(answer).as_object(), true);
  }
  return kExitOk;
}

int cancel(const PipelineOptions& options) {
  Api(options.server).post(text::concat(kRuns, "/", options.name, "/cancel"), "{}");
  if (!options.as_json) std::cout << "run " << options.name << " is being cancelled\n";
  return kExitOk;
}

int remove(const PipelineOptions& options) {
  Api(options.server).remove(text::concat(kPipelines, "/", http::percent_encode(options.name)), "");
  if (!options.as_json) std::cout << "pipeline " << options.name << " is removed; its runs are kept\n";
  return kExitOk;
}

}  // namespace

Command pipeline_command() {
  Command command;
  command.name = "pipeline";
  command.group = "Pipelines";
  command.summary = "Define and run pipelines on the server";
  command.example =
      "  slipway pipeline apply pipeline.yaml --server http://127.0.0.1:5000\n  slipway pipeline run retrain --wait";
  command.declare = [](CLI::App& app) -> Action {
    const auto options = std::make_shared<PipelineOptions>();
    const auto action = std::make_shared<Action>();
    app.require_subcommand(1);
    const auto add = [&](const char* name, const char* summary, int (*run)(const PipelineOptions&)) {
      CLI::App* child = app.add_subcommand(name, summary);
      child->add_option("--server", options->server, "URL of the server");
      child->add_flag("--json", options->as_json, "Print as JSON");
      child->callback([options, action, run] { *action = [options, run] { return run(*options); }; });
      return child;
    };
    add("apply", "Create or replace a pipeline from its YAML file", apply)
        ->add_option("file", options->file, "pipeline.yaml")
        ->required();
    add("list", "List pipelines", list);
    CLI::App* run = add("run", "Start a run", start);
    run->add_option("name", options->name, "The pipeline")->required();
    run->add_option("--set", options->attributes, "name=value for {{name}} in the steps");
    run->add_flag("--wait", options->wait, "Wait for the end; exit with 1 when it fails");
    add("runs", "List runs, newest first", list_runs)->add_option("name", options->name, "Of this pipeline only");
    add("show", "Show a run with its log", show)->add_option("run", options->name, "The run's id")->required();
    add("cancel", "End a run", cancel)->add_option("run", options->name, "The run's id")->required();
    add("delete", "Remove a pipeline; its runs are kept", remove)
        ->add_option("name", options->name, "The pipeline")
        ->required();
    return [action] { return (*action)(); };
  };
  return command;
}

}  // namespace slipway::cli
