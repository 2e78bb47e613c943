#include "protocols/mlflow/client.h"

#include <gmock/gmock.h>

#include <cmath>
#include <functional>

#include "foundation/base/error.h"
#include "foundation/base/files.h"
#include "foundation/base/json.h"

namespace slipway::mlflow {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Collected final : public http::BodyWriter {
 public:
  void write(std::string_view bytes) override { all.append(bytes); }
  std::string all;
};

// A server in memory: answers come from `answers` by "METHOD path?query", artifacts are kept.
class ScriptedHttp final : public http::Client {
 public:
  http::ClientResponse send(const http::ClientRequest& request) override {
    const std::string call = request.method + " " + request.url.substr(std::string_view("http://server").size());
    calls.push_back(call);
    bodies.push_back(request.body);
    if (request.method == "PUT") return put(call, request);
    std::vector<http::ClientResponse>* replies = nullptr;
    for (auto& [start, found] : answers) {
      if (call.starts_with(start)) replies = &found;  // in order of text: the longest start comes last
    }
    if (replies != nullptr) {
      http::ClientResponse reply = replies->front();
      if (replies->size() > 1) replies->erase(replies->begin());
      return reply;
    }
    return {404, {}, R"({"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "nothing here"})"};
  }

  void stream(const http::ClientRequest& request, const std::function<void(const http::ClientResponse&)>& on_head,
              const std::function<bool(std::string_view)>& on_body) override {
    const std::string call = request.url.substr(std::string_view("http://server").size());
    calls.push_back("STREAM " + call);
    const auto found = artifacts.find(call);
    on_head({found == artifacts.end() ? 404 : 200, {}, ""});
    on_body(found == artifacts.end() ? "{}" : found->second);
  }

  void answer(const std::string& call, const std::string& body, int status = 200) {
    answers[call].push_back({status, {}, body});
  }

  std::map<std::string, std::vector<http::ClientResponse>> answers;
  std::map<std::string, std::string> artifacts;  // by path of the URL
  std::vector<std::string> calls;
  std::vector<std::string> bodies;

 private:
  http::ClientResponse put(const std::string& call, const http::ClientRequest& request) {
    Collected body;
    request.stream_body(body);
    EXPECT_EQ(body.all.size(), request.stream_length.value());
    artifacts[call.substr(4)] = body.all;
    return {200, {}, "{}"};
  }
};

const std::string kProxy = "/api/2.0/mlflow-artifacts/artifacts";

ErrorCode code_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.code();
  }
  return ErrorCode::kInternal;
}

TEST(MlflowClient, FindsAnExperimentOrMakesIt) {
  ScriptedHttp http;
  Client client(http, "http://server/");
  http.answer("POST /api/2.0/mlflow/experiments/create", R"({"experiment_id": "7"})");
  EXPECT_EQ(client.ensure_experiment("a b"), "7");
  EXPECT_EQ(http.calls[0], "GET /api/2.0/mlflow/experiments/get-by-name?experiment_name=a%20b");
  http.answer("GET /api/2.0/mlflow/experiments/get-by-name",
              R"({"experiment": {"experiment_id": "3", "lifecycle_stage": "active"}})");
  EXPECT_EQ(client.ensure_experiment("a b"), "3");
}

TEST(MlflowClient, ADeletedExperimentIsNotLoggedTo) {
  ScriptedHttp http;
  Client client(http, "http://server");
  http.answer("GET /api/2.0/mlflow/experiments/get-by-name",
              R"({"experiment": {"experiment_id": "3", "lifecycle_stage": "deleted"}})");
  EXPECT_EQ(code_of([&] { client.ensure_experiment("x"); }), ErrorCode::kFailedPrecondition);
}

TEST(MlflowClient, SplitsABatchWithinTheLimits) {
  ScriptedHttp http;
  Client client(http, "http://server");
  http.answer("POST /api/2.0/mlflow/runs/log-batch", "{}");
  std::vector<LoggedMetric> metrics;
  std::map<std::string, std::string> params;
  for (int i = 0; i < 2000; ++i) metrics.push_back({"auc", i == 5 ? std::nan("") : 0.5, 1000, i});
  for (int i = 0; i < 120; ++i) params["p" + std::to_string(i)] = "v";
  client.log_batch("r", metrics, params, {{"tag", "x"}});
  ASSERT_EQ(http.bodies.size(), 3U);
  size_t points = 0;
  size_t logged = 0;
  for (const std::string& body : http.bodies) {
    const json::value document = json::parse(body);
    const json::object& batch = document.as_object();
    const size_t in_metrics = json::get_array(batch, "metrics").size();
    const size_t in_params = json::get_array(batch, "params").size();
    EXPECT_LE(in_params, 100U);
    EXPECT_LE(in_metrics + in_params + 50, 1000U);
    points += in_metrics;
    logged += in_params;
  }
  EXPECT_EQ(points, 2000U);
  EXPECT_EQ(logged, 120U);
  EXPECT_THAT(http.bodies[0], HasSubstr("\"value\":\"NaN\""));
}

TEST(MlflowClient, WaitsWhileTheServerIsBusy) {
  ScriptedHttp http;
  Client client(http, "http://server");
  http.answer("POST /api/2.0/mlflow/runs/update", "busy", 503);
  http.answer("POST /api/2.0/mlflow/runs/update", "{}");
  client.finish_run("r", "FINISHED", 5);
  EXPECT_EQ(http.calls.size(), 2U);
}

TEST(MlflowClient, TellsErrorsByTheirCodeAndByTheStatus) {
  ScriptedHttp http;
  Client client(http, "http://server");
  EXPECT_EQ(code_of([&] { client.run_tags("r"); }), ErrorCode::kNotFound);
  http.answer("GET /api/2.0/mlflow/runs/get", R"({"error_code": "PERMISSION_DENIED", "message": "no"})", 403);
  EXPECT_EQ(code_of([&] { client.run_tags("r"); }), ErrorCode::kPermissionDenied);
  http.answers.clear();
  http.answer("GET /api/2.0/mlflow/runs/get", "<html>bad gateway</html>", 502);
  EXPECT_EQ(code_of([&] { client.run_tags("r"); }), ErrorCode::kUnavailable);
  EXPECT_EQ(code_of([&] { Client(http, "server:5000"); }), ErrorCode::kInvalidArgument);
}

TEST(MlflowClient, ReadsWhatARunLogged) {
  ScriptedHttp http;
  Client client(http, "http://server");
  http.answer("GET /api/2.0/mlflow/runs/get",
              R"({"run": {"info": {"run_id": "r"}, "data": {"metrics": [{"key": "auc", "value": 0.7},
                  {"key": "bad", "value": NaN}], "params": [{"key": "p", "value": "1"}], "tags": [{"key": "t", "value": "x"}]}}})");
  EXPECT_EQ(client.run_metrics("r").at("auc"), 0.7);
  EXPECT_TRUE(std::isnan(client.run_metrics("r").at("bad")));
  EXPECT_EQ(client.run_params("r").at("p"), "1");
  EXPECT_EQ(client.run_tags("r").at("t"), "x");
}

TEST(MlflowClient, AnUnknownAliasIsAbsentHoweverTheServerSaysIt) {
  ScriptedHttp http;
  Client client(http, "http://server");
  EXPECT_FALSE(client.find_by_alias("m", "champion"));
  http.answer("GET /api/2.0/mlflow/registered-models/alias",
              R"({"error_code": "INVALID_PARAMETER_VALUE", "message": "Registered model alias champion not found."})",
              400);
  EXPECT_FALSE(client.find_by_alias("m", "champion"));
  http.answers.clear();
  http.answer("GET /api/2.0/mlflow/registered-models/alias",
              R"({"model_version": {"name": "m", "version": "4", "run_id": "r", "source": "s", "aliases": ["champion"],
                  "tags": [{"key": "k", "value": "v"}]}})");
  const auto found = client.find_by_alias("m", "champion");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->version, "4");
  EXPECT_THAT(found->aliases, ElementsAre("champion"));
  EXPECT_EQ(found->tags.at("k"), "v");
}

// A run whose artifacts lie behind the server's proxy.
void with_run(ScriptedHttp& http) {
  http.answer("GET /api/2.0/mlflow/runs/get",
              R"({"run": {"info": {"artifact_uri": "mlflow-artifacts:/1/r/artifacts"}}})");
}

TEST(MlflowClient, UploadsAFolderBelowTheRun) {
  ScriptedHttp http;
  with_run(http);
  Client client(http, "http://server", "secret");
  files::TemporaryFolder folder;
  files::write_atomic(folder.file("m/MLmodel"), "flavors: {}");
  files::write_atomic(folder.file("m/code/a b.py"), "x");
  client.upload("r", folder.file("m"), "model");
  client.upload("r", folder.file("m/MLmodel"), "");
  EXPECT_EQ(http.artifacts.at(kProxy + "/1/r/artifacts/model/MLmodel"), "flavors: {}");
  EXPECT_EQ(http.artifacts.at(kProxy + "/1/r/artifacts/model/code/a%20b.py"), "x");
  EXPECT_TRUE(http.artifacts.contains(kProxy + "/1/r/artifacts/MLmodel"));
  EXPECT_EQ(code_of([&] { client.upload("r", folder.file("nothing"), ""); }), ErrorCode::kNotFound);
}

void with_model(ScriptedHttp& http, const std::string& entry = "MLmodel") {
  http.answer("GET /api/2.0/mlflow/registered-models/alias",
              R"({"model_version": {"name": "m", "version": "4", "run_id": "r", "source": "s"}})");
  http.answer("GET /api/2.0/mlflow/model-versions/get-download-uri",
              R"({"artifact_uri": "mlflow-artifacts:/1/r/artifacts/model"})");
  http.answer("GET " + kProxy + "?path=1%2Fr%2Fartifacts%2Fmodel%2Fcode",
              R"({"files": [{"path": "a.py", "is_dir": false, "file_size": 1}]})");
  http.answer("GET " + kProxy + "?path=1%2Fr%2Fartifacts%2Fmodel",
              R"({"files": [{"path": ")" + entry +
                  R"(", "is_dir": false, "file_size": 11}, {"path": "code", "is_dir": true}]})");
  http.artifacts[kProxy + "/1/r/artifacts/model/MLmodel"] = "flavors: {}";
  http.artifacts[kProxy + "/1/r/artifacts/model/code/a.py"] = "x";
}

TEST(MlflowClient, FetchesAVersionOnce) {
  ScriptedHttp http;
  with_model(http);
  Client client(http, "http://server");
  files::TemporaryFolder cache;
  const Client::ResolvedModel first = client.fetch_model("models:/m@champion", cache.path());
  EXPECT_EQ(files::read(first.folder + "/MLmodel"), "flavors: {}");
  EXPECT_EQ(files::read(first.folder + "/code/a.py"), "x");
  EXPECT_EQ(first.version->version, "4");
  const size_t calls = http.calls.size();
  EXPECT_EQ(client.fetch_model("models:/m@champion", cache.path()).folder, first.folder);
  EXPECT_EQ(http.calls.size(), calls + 2);  // where it points and where it lies, no file
}

TEST(MlflowClient, ABrokenDownloadLeavesNothingBehind) {
  ScriptedHttp http;
  with_model(http);
  http.artifacts.erase(kProxy + "/1/r/artifacts/model/code/a.py");
  Client client(http, "http://server");
  files::TemporaryFolder cache;
  EXPECT_THROW(client.fetch_model("models:/m@champion", cache.path()), Error);
  EXPECT_TRUE(std::filesystem::is_empty(cache.path()));
}

TEST(MlflowClient, RefusesNamesThatLeaveTheFolder) {
  for (const std::string name : {"..", "../x", "/etc/passwd", "a\\\\b"}) {
    ScriptedHttp http;
    with_model(http, name);
    Client client(http, "http://server");
    files::TemporaryFolder cache;
    EXPECT_EQ(code_of([&] { client.fetch_model("models:/m@champion", cache.path()); }), ErrorCode::kInvalidArgument);
  }
}

TEST(MlflowClient, TakesTheNewestVersionForLatestAndSaysWhatAnAddressMustBe) {
  ScriptedHttp http;
  with_model(http);
  http.answer(
      "GET /api/2.0/mlflow/registered-models/get?",
      R"({"registered_model": {"latest_versions": [{"name": "m", "version": "2"}, {"name": "m", "version": "10"}]}})");
  Client client(http, "http://server");
  files::TemporaryFolder cache;
  EXPECT_EQ(client.fetch_model("models:/m/latest", cache.path()).version->version, "10");
  for (const char* address : {"models:/m", "runs:/abc", "m"}) {
    EXPECT_THROW(client.fetch_model(address, cache.path()), Error) << address;
  }
}

TEST(MlflowClient, ArtifactsOutsideOfTheServerAreRefused) {
  ScriptedHttp http;
  http.answer("GET /api/2.0/mlflow/runs/get", R"({"run": {"info": {"artifact_uri": "/srv/mlruns/1"}}})");
  Client client(http, "http://server");
  files::TemporaryFolder folder;
  files::write_atomic(folder.file("a"), "x");
  EXPECT_EQ(code_of([&] { client.upload("r", folder.file("a"), ""); }), ErrorCode::kUnimplemented);
}

}  // namespace
}  // namespace slipway::mlflow
