#include "protocols/slipway/pipeline_routes.h"

#include "foundation/base/error.h"
#include "foundation/base/json.h"

namespace slipway::protocol {

namespace {

constexpr size_t kMaxBody = size_t{1} << 20U;
constexpr int64_t kDefaultPage = 100;

json::object encode(const pipelines::Pipeline& pipeline) {
  json::array steps;
  for (const auto& step : pipeline.steps) {
    json::array arguments;
    for (const std::string& argument : step.arguments) arguments.emplace_back(argument);
    steps.emplace_back(std::move(arguments));
  }
  return {{"name", pipeline.name}, {"folder", pipeline.folder}, {"steps", steps}, {"timeout_ms", pipeline.timeout_ms}};
}

json::object encode(const pipelines::PipelineRun& run) {
  json::object attributes;
  for (const auto& [name, value] : run.attributes) attributes[name] = value;
  json::array steps;
  for (const auto& step : run.steps) {
    steps.emplace_back(
        json::object{{"command", step.command}, {"exit_code", step.exit_code}, {"duration_ms", step.duration_ms}});
  }
  return {{"id", run.id},
          {"pipeline", run.pipeline},
          {"state", pipelines::name_of(run.state)},
          {"trigger", run.trigger},
          {"attributes", attributes},
          {"steps", steps},
          {"message", run.message},
          {"created_ms", run.created_ms},
          {"started_ms", run.started_ms},
          {"ended_ms", run.ended_ms}};
}

pipelines::Pipeline decode_pipeline(const std::string& name, const std::string& body) {
  const json::value document = json::parse(body);
  const json::object& fields = json::as_object(document, "a pipeline");
  pipelines::Pipeline out;
  out.name = name;
  out.folder = json::get_string(fields, "folder");
  for (const json::value& step : json::get_array(fields, "steps")) {
    if (!step.is_array()) throw invalid_argument("each of 'steps' must be a list of words");
    pipelines::Step one;
    for (const json::value& word : step.as_array()) {
      if (!word.is_string()) throw invalid_argument("each of 'steps' must be a list of words");
      one.arguments.emplace_back(word.as_string());
    }
    out.steps.push_back(std::move(one));
  }
  out.timeout_ms = json::find_int(fields, "timeout_ms").value_or(out.timeout_ms);
  return out;
}

std::map<std::string, std::string> decode_attributes(const std::string& body) {
  std::map<std::string, std::string> out;
  if (text::trim(body).empty()) return out;
  const json::value document = json::parse(body);
  const json::value* attributes = json::find(json::as_object(document, "the body"), "attributes");
  if (attributes == nullptr) return out;
  for (const auto& member : json::as_object(*attributes, "'attributes'")) {
    out[member.key()] = json::get_string(attributes->as_object(), member.key());
  }
  return out;
}

int64_t limit_of(const http::Request& request) {
  const auto limit = request.find_query("limit");
  if (!limit) return kDefaultPage;
  const auto parsed = text::parse_int(*limit);
  if (!parsed || *parsed < 1 || *parsed > 1000) throw invalid_argument("limit must be 1 to 1000");
  return *parsed;
}

template <typename T>
json::array encode_all(const std::vector<T>& items) {
  json::array out;
  for (const T& item : items) out.emplace_back(encode(item));
  return out;
}

http::Response answer(const json::value& document, int status = 200) {
  return http::Response::json(status, json::write(document));
}

}  // namespace

std::vector<http::Route> pipeline_routes(pipelines::Pipelines& all) {
  const std::string base = "/api/slipway/v1/pipelines";
  const std::string runs = "/api/slipway/v1/pipeline-runs";
  return {
      {"GET", base,
       [&all](http::Request&) {
         return answer(json::object{{"pipelines", encode_all(all.list())}});
       },
       "pipelines.read", "List pipelines"},
      {"PUT", base + "/{name}",
       [&all](http::Request& request) {
         const auto pipeline = decode_pipeline(std::string(request.parameter("name")), request.read_body(kMaxBody));
         all.put(pipeline);
         return answer(encode(pipeline));
       },
       "pipelines.admin", "Define a pipeline"},
      {"GET", base + "/{name}",
       [&all](http::Request& request) { return answer(encode(all.get(std::string(request.parameter("name"))))); },
       "pipelines.read", "Show a pipeline"},
      {"DELETE", base + "/{name}",
       [&all](http::Request& request) {
         all.remove(std::string(request.parameter("name")));
         return http::Response::empty(204);
       },
       "pipelines.admin", "Remove a pipeline; its runs are kept"},
      {"POST", base + "/{name}/runs",
       [&all](http::Request& request) {
         auto attributes = decode_attributes(request.read_body(kMaxBody));
         return answer(encode(all.start(std::string(request.parameter("name")), "manual", std::move(attributes))), 201);
       },
       "pipelines.admin", "Start a run"},
      {"GET", runs,
       [&all](http::Request& request) {
         const std::string name(request.find_query("pipeline").value_or(""));
         return answer(json::object{{"runs", encode_all(all.list_runs(name, static_cast<int>(limit_of(request))))}});
       },
       "pipelines.read", "List runs, newest first"},
      {"GET", runs + "/{id}",
       [&all](http::Request& request) {
         const auto run = all.get_run(std::string(request.parameter("id")));
         json::object out = encode(run);
         out["log"] = run.log;
         return answer(out);
       },
       "pipelines.read", "Show a run with its log"},
      {"POST", runs + "/{id}/cancel",
       [&all](http::Request& request) {
         all.cancel(std::string(request.parameter("id")));
         return answer(json::object{});
       },
       "pipelines.admin", "Cancel a run"},
  };
}

}  // namespace slipway::protocol
