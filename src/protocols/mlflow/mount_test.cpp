// Requests through the route table, without sockets.
#include "protocols/mlflow/mount.h"

#include <limits>
#include <set>

#include "protocols/mlflow/mount_fixture.h"

namespace slipway::mlflow {
namespace {

using ::testing::HasSubstr;

TEST_F(Mount, EveryCallHasATwinForTheWebPageAndAPermissionOrAReason) {
  const std::set<std::string> open = {"/health", "/version"};
  std::set<std::string> seen;
  for (const http::Route* route : router_.all()) {
    seen.insert(route->method + " " + route->pattern);
    EXPECT_FALSE(route->permission.empty()) << route->pattern;
    EXPECT_EQ(route->permission == "public", open.count(route->pattern) == 1) << route->pattern;
    EXPECT_FALSE(route->summary.empty()) << route->pattern;
    const bool reads = route->permission == "tracking.read";
    EXPECT_TRUE(!reads || route->method == "GET" || route->method == "POST") << route->pattern;
  }
  for (const std::string& name : seen) {
    const size_t at = name.find(" /api/");
    if (at == std::string::npos) continue;
    EXPECT_EQ(seen.count(name.substr(0, at) + " /ajax-api/" + name.substr(at + 6)), 1U) << name;
  }
}

TEST_F(Mount, ARunIsCreatedLoggedToAndRead) {
  const auto made =
      answer(send("POST", "/api/2.0/mlflow/runs/create", R"({"experimentId":"0","start_time":"5","run_name":"r"})"));
  const auto& info = made.at("run").at("info").as_object();
  const std::string id = json::get_string(info, "run_id");
  EXPECT_EQ(json::get_string(info, "run_uuid"), id);
  EXPECT_EQ(json::get_int(info, "start_time"), 5);
  EXPECT_TRUE(made.at("run").at("inputs").as_object().empty());
  const std::string batch =
      text::concat(R"({"run_id":")", id, R"(","metrics":[{"key":"a","value":NaN,"timestamp":1},{"key":"b",)",
                   R"("value":"-Infinity","timestamp":"2","step":-1}],"params":[{"key":"p","value":""}]})");
  EXPECT_EQ(std::get<std::string>(send("POST", "/api/2.0/mlflow/runs/log-batch", batch).body), "{}");
  const auto run = answer(send("GET", "/ajax-api/2.0/mlflow/runs/get?run_uuid=" + id));
  const auto& metrics = run.at("run").at("data").at("metrics").as_array();
  EXPECT_EQ(json::get_string(metrics.at(0).as_object(), "value"), "NaN");
  EXPECT_EQ(json::get_double(metrics.at(1).as_object(), "value"), std::numeric_limits<double>::lowest());
  EXPECT_EQ(json::get_int(metrics.at(1).as_object(), "step"), -1);
}

TEST_F(Mount, ErrorsCarryTheStatusAndCodeThatClientsKnow) {
  const std::string experiments = "/api/2.0/mlflow/experiments/";
  EXPECT_EQ(code(send("POST", experiments + "create", R"({"name":"Default"})")), "RESOURCE_ALREADY_EXISTS");
  EXPECT_EQ(send("POST", experiments + "create", R"({"name":"Default"})").status, 400);
  EXPECT_EQ(send("GET", experiments + "get-by-name?experiment_name=nobody").status, 404);
  EXPECT_EQ(code(send("GET", experiments + "get-by-name?experiment_name=nobody")), "RESOURCE_DOES_NOT_EXIST");
  EXPECT_EQ(code(send("POST", "/api/2.0/mlflow/no/such", "{}")), "ENDPOINT_NOT_FOUND");
  registry_.create_model("m");
  const auto alias = send("GET", "/api/2.0/mlflow/registered-models/alias?name=m&alias=champion");
  EXPECT_EQ(alias.status, 400);
  EXPECT_THAT(json::get_string(answer(alias), "message"), HasSubstr("alias champion not found"));
}

TEST_F(Mount, OddBodiesAreRefused) {
  const std::string create = "/api/2.0/mlflow/experiments/create";
  for (const char* body : {"[1]", "{", "3", R"({"name":5})", R"({"name":["x"]})",
                           R"({"name":"x","artifactLocation":"a","artifact_location":"b"})"}) {
    EXPECT_EQ(send("POST", create, body).status, 400) << body;
  }
  EXPECT_EQ(send("POST", create, R"({"name":"x"})", "text/plain").status, 400);
  EXPECT_EQ(send("POST", create, R"({"name":"x"})", "").status, 400);
  EXPECT_EQ(send("POST", create, R"("{\"name\":\"x\"}")").status, 200) << "old clients encode twice";
}

TEST_F(Mount, EnumsAreNamesOrNumbers) {
  const std::string id = run_in(tracking::ExperimentId("0")).info.id.value;
  const auto update = [&](const std::string& status) {
    return send("POST", "/api/2.0/mlflow/runs/update",
                text::concat(R"({"run_id":")", id, R"(","status":)", status, "}"));
  };
  EXPECT_EQ(json::get_string(answer(update("3")).at("run_info").as_object(), "status"), "FINISHED");
  EXPECT_EQ(json::get_string(answer(update("\"KILLED\"")).at("run_info").as_object(), "status"), "KILLED");
  EXPECT_EQ(update("9").status, 400);
  EXPECT_EQ(update("\"DONE\"").status, 400);
}

TEST_F(Mount, ArtifactsStreamInAndOutAsDownloads) {
  const std::string root = "/api/2.0/mlflow-artifacts/artifacts";
  EXPECT_EQ(send("PUT", root + "/0/r/page.html", "<b>", "application/octet-stream").status, 200);
  const http::Response page = send("GET", root + "/0/r/page.html");
  EXPECT_EQ(page.status, 200);
  EXPECT_THAT(std::string(page.headers.find("Content-Disposition").value()), HasSubstr("attachment"));
  EXPECT_EQ(page.headers.find("Content-Security-Policy").value(), "sandbox");
  const auto listed = answer(send("GET", root + "?path=0/r"));
  EXPECT_EQ(json::get_string(listed.at("files").at(0).as_object(), "path"), "page.html");
  EXPECT_EQ(send("GET", root + "/0/r").status, 400);
  EXPECT_EQ(send("GET", root + "/0/r/none").status, 404);
  for (const char* path : {"/..%2fx", "/%2e%2e/x", "/a/..%5cx", "/%252e%252e/x"}) {
    EXPECT_EQ(send("PUT", root + path, "x").status, 400) << path;
    EXPECT_EQ(send("DELETE", root + path, "", "").status, 400) << path;
  }
  EXPECT_EQ(send("DELETE", root + "/0/r", "", "").status, 200);
  EXPECT_EQ(send("GET", root + "/0/r/page.html").status, 404);
}

TEST_F(Mount, ATraceIsReportedAndFound) {
  const std::string info =
      R"({"trace":{"trace_info":{"trace_id":"tr-1","trace_location":{"type":"MLFLOW_EXPERIMENT","mlflow_experiment":{"experiment_id":"0"}},)"
      R"("request_time":"2025-04-15T08:49:18.699Z","execution_duration":"1.5s","state":"OK","tags":{"a":"b"}}}})";
  const auto made = answer(send("POST", "/api/3.0/mlflow/traces", info)).at("trace").at("trace_info").as_object();
  EXPECT_EQ(json::get_string(made, "request_time"), "2025-04-15T08:49:18.699Z");
  EXPECT_EQ(json::get_string(made, "execution_duration"), "1.500s");
  EXPECT_EQ(json::get_string(made.at("tags").as_object(), "mlflow.artifactLocation"),
            "mlflow-artifacts:/0/traces/tr-1/artifacts");
  const auto found = answer(
      send("POST", "/api/3.0/mlflow/traces/search", R"({"locations":[{"mlflow_experiment":{"experiment_id":"0"}}]})"));
  EXPECT_EQ(found.at("traces").as_array().size(), 1U);
}

}  // namespace
}  // namespace slipway::mlflow
