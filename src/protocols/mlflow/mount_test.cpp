// Requests through the route table, without sockets.
#include "protocols/mlflow/mount.h"

#include <set>

#include "domains/tracking/tracking_fixture.h"
#include "foundation/base/files.h"
#include "foundation/base/json.h"

namespace slipway::mlflow {
namespace {

using ::testing::HasSubstr;

// A body that is there already.
class TextBody final : public http::BodyReader {
 public:
  explicit TextBody(std::string text) : text_(std::move(text)) {}
  size_t read(char* buffer, size_t capacity) override {
    const size_t size = std::min(capacity, text_.size() - at_);
    text_.copy(buffer, size, at_);
    at_ += size;
    return size;
  }

 private:
  std::string text_;
  size_t at_ = 0;
};

class Mount : public tracking::TrackingFixture {
 protected:
  Mount() { router_.add(routes({tracking_, models_, artifacts_, registry_, tracing_})); }

  http::Response send(const std::string& method, const std::string& target, const std::string& body = "",
                      const std::string& content_type = "application/json") {
    http::Request request;
    request.method = method;
    request.target = target;
    const size_t question = target.find('?');
    request.path = target.substr(0, question);
    if (question != std::string::npos) request.query = http::parse_query(target.substr(question + 1)).value();
    if (!content_type.empty()) request.headers.add("Content-Type", content_type);
    TextBody reader(body);
    request.body = &reader;
    std::vector<std::string> allowed;
    const http::Match match = router_.find(method, request.path, &allowed);
    if (match.route == nullptr) return render_error(request, 404, "not_found", "");
    request.parameters = match.parameters;
    return match.route->handler(request);
  }

  static json::object answer(const http::Response& response) {
    return json::parse(std::get<std::string>(response.body)).as_object();
  }
  static std::string code(const http::Response& response) { return json::get_string(answer(response), "error_code"); }

  files::TemporaryFolder folder_;
  std::unique_ptr<blobs::BlobStore> blobs_ = blobs::open_blob_store(folder_.path());
  tracking::Artifacts artifacts_{*blobs_};
  registry::Registry registry_{*database_, tracking_, models_, clock_, events_};
  traces::Tracing tracing_{*database_, tracking_, clock_, ids_};
  http::Router router_;
};

TEST_F(Mount, EveryCallHasATwinForTheWebPageAndAPermissionOrAReason) {
  const std::set<std::string> open = {"/health", "/version", "/api/3.0/mlflow/server-info",
                                      "/ajax-api/3.0/mlflow/server-info"};
  std::set<std::string> seen;
  for (const http::Route* route : router_.all()) {
    seen.insert(route->method + " " + route->pattern);
    EXPECT_EQ(route->permission.empty(), open.count(route->pattern) == 1) << route->pattern;
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
