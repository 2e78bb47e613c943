// Every route of a running server is tried by somebody who does not say who he is and by a user whom nobody gave a
// permission. A route that is not listed here as open must refuse both.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "app/server/server.h"
#include "foundation/base/error.h"
#include "foundation/base/files.h"
#include "foundation/base/hash.h"
#include "foundation/base/json.h"
#include "foundation/http/client.h"

namespace slipway::server {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kHidden = "hidden-from-strangers";

// For everybody, unasked.
const std::set<std::string> kPublicRoutes = {"GET /health", "GET /version"};

// For every user: what they show is what he may see, or nobody's secret; what they make is his own.
const std::set<std::string> kForEveryUser = {"GET /",
                                             "POST /graphql",
                                             "GET /api/slipway/v1/monitors",
                                             "POST experiments/create",
                                             "GET experiments/search",
                                             "POST experiments/search",
                                             "POST runs/search",
                                             "POST logged-models/search",
                                             "POST registered-models/create",
                                             "GET registered-models/search",
                                             "GET model-versions/search",
                                             "GET traces",
                                             "POST traces/search",
                                             "GET users/current",
                                             "GET users/current/permissions",
                                             "GET server-info",
                                             "GET ui-telemetry",
                                             "POST ui-telemetry",
                                             "GET assistant/config",
                                             "GET assistant/providers",
                                             "GET gateway-proxy",
                                             "GET mcp-servers",
                                             "GET mcp-servers/endpoints",
                                             "POST gateway/secrets/create",
                                             "GET gateway/secrets/list",
                                             "GET gateway/secrets/config",
                                             "GET gateway/model-definitions/list",
                                             "GET gateway/endpoints/list",
                                             "GET gateway/supported-providers",
                                             "GET gateway/supported-models",
                                             "GET gateway/provider-config",
                                             "GET v1/models"};

struct Reply {
  int status = 0;
  std::string body;
};

class EveryRoute : public testing::Test {
 protected:
  EveryRoute() : server_(config()) {
    server_.start();
    make_things();
  }
  ~EveryRoute() override { server_.stop(); }

  ServerConfig config() const {
    ServerConfig out;
    out.port = 0;
    out.data_folder = folder_.file("data");
    out.door.has_users = true;
    out.admin_password = "a password of the admin";
    out.default_permission = identity::Permission::kNone;
    out.program = "/bin/false";
    out.access_log = false;
    return out;
  }

  static std::string basic(const std::string& name, const std::string& password) {
    return "Basic " + base64_encode(name + ":" + password);
  }

  Reply send(const std::string& method, const std::string& target, const std::string& body,
             const std::string& authorization) const {
    http::ClientRequest request;
    request.method = method;
    request.url = text::concat("http://127.0.0.1:", server_.port(), target);
    request.body = body;
    request.headers.add("Content-Type", "application/json");
    const auto experiment = values_.find("experiment_id");
    if (experiment != values_.end()) request.headers.add("X-Mlflow-Experiment-Id", experiment->second);
    if (!authorization.empty()) request.headers.add("Authorization", authorization);
    const http::ClientResponse answer = client_->send(request);
    return {answer.status, answer.body};
  }

  json::object made(const std::string& method, const std::string& target, const std::string& body) const {
    const Reply reply = send(method, target, body, admin_);
    if (reply.status / 100 != 2)
      throw internal_error(method, " ", target, " answered ", reply.status, ": ", reply.body);
    return reply.body.empty() ? json::object() : json::parse(reply.body).as_object();
  }

  // One of everything, made by the administrator and shared with nobody.
  void make_things() {
    const std::string api = "/api/2.0/mlflow/";
    const std::string own = "/api/slipway/v1/";
    const std::string name = text::concat(R"({"name":")", kHidden, R"("})");
    values_["name"] = values_["model"] = values_["pipeline"] = values_["experiment_name"] = kHidden;
    values_["experiment_id"] = json::get_string(made("POST", api + "experiments/create", name), "experiment_id");
    const json::object run =
        made("POST", api + "runs/create", text::concat(R"({"experiment_id":")", values_["experiment_id"], R"("})"));
    values_["run_id"] = json::get_string(run.at("run").at("info").as_object(), "run_id");
    made("POST", api + "registered-models/create", name);
    made("POST", api + "model-versions/create",
         text::concat(R"({"name":")", kHidden, R"(","source":"runs:/)", values_["run_id"], R"(/m","run_id":")",
                      values_["run_id"], R"("})"));
    files::write_atomic(folder_.file("reference.csv"), "x,score\n1,0.5\n2,0.25\n");
    made("PUT", own + "monitors/" + kHidden,
         text::concat(R"({"model_name":")", kHidden, R"(","window":"1d","reference":{"path":")",
                      folder_.file("reference.csv"), R"("}})"));
    made("PUT", own + "pipelines/" + kHidden, R"({"folder":"/tmp","steps":[["version"]]})");
    values_["id"] = json::get_string(made("POST", own + "pipelines/" + kHidden + "/runs", ""), "id");
    made("POST", own + "models/" + kHidden + "/predictions",
         R"({"model_version":"1","prediction_ids":["p"],"time_ms":[1],"inputs":{"x":[1]},"outputs":{"score":[1]}})");
    made("POST", "/api/2.0/mlflow/users/create", R"({"username":"stranger","password":"a password of his"})");
    make_genai_things();
    make_endpoint();
    name_other_things();
  }

  // The id of what was made: the answer's `field`, or the one of its object `what`.
  std::string id_of(const std::string& call, const std::string& body, std::string_view what,
                    std::string_view field) const {
    const json::object answer = made("POST", "/api/3.0/mlflow/" + call, body);
    return json::get_string(what.empty() ? answer : answer.at(what).as_object(), field);
  }

  void make_genai_things() {
    const std::string experiment = values_["experiment_id"];
    const std::string in_it = text::concat(R"({"experiment_id":")", experiment, R"(","name":")", kHidden, R"(")");
    values_["model_id"] = json::get_string(
        made("POST", "/api/2.0/mlflow/logged-models", in_it + "}").at("model").at("info").as_object(), "model_id");
    values_["trace_id"] = values_["trace_ids"] = values_["request_id"] = "tr-hidden";
    trace_ = json::parse(text::concat(
        R"({"trace_info":{"trace_id":"tr-hidden","trace_location":{"type":"MLFLOW_EXPERIMENT","mlflow_experiment":)",
        R"({"experiment_id":")", experiment, R"("}},"request_time":"2025-04-15T08:49:18.699Z","state":"OK"}})"));
    made("POST", "/api/3.0/mlflow/traces", json::write(json::object{{"trace", trace_}}));
    values_["dataset_id"] =
        id_of("datasets/create", text::concat(R"({"name":"d","experiment_ids":[")", experiment, R"("]})"), "dataset",
              "dataset_id");
    values_["scorer_ids"] = id_of("scorers/register", in_it + R"(,"serialized_scorer":"{}"})", "", "scorer_id");
    values_["issue_id"] = id_of("issues", in_it + R"(,"description":"d"})", "issue", "issue_id");
  }

  void make_endpoint() {
    const std::string gateway = "gateway/";
    values_["secret_id"] =
        id_of(gateway + "secrets/create", R"({"secret_name":"s","secret_value":{"api_key":"sk-1234567890"}})", "secret",
              "secret_id");
    values_["model_definition_id"] =
        id_of(gateway + "model-definitions/create",
              text::concat(R"({"name":"d","provider":"openai","model_name":"m","secret_id":")", values_["secret_id"],
                           R"("})"),
              "model_definition", "model_definition_id");
    values_["endpoint_id"] =
        id_of(gateway + "endpoints/create",
              text::concat(R"({"name":")", kHidden, R"(","model_configs":[{"linkage_type":)",
                           R"("PRIMARY","model_definition_id":")", values_["model_definition_id"], R"("}]})"),
              "endpoint", "endpoint_id");
    values_["endpoint_name"] = kHidden;
  }

  void name_other_things() {
    values_.insert({{"experiment_ids", values_["experiment_id"]},
                    {"run_ids", values_["run_id"]},
                    {"run_uuid", values_["run_id"]},
                    {"version", "1"},
                    {"alias", "champion"},
                    {"challenger_version", "1"},
                    {"reason", "a try"},
                    {"kind", "stage.finished"},
                    {"subject", "a try"},
                    {"path", values_["experiment_id"] + "/" + values_["run_id"]},
                    {"artifact", values_["experiment_id"] + "/" + values_["run_id"] + "/artifacts/f"},
                    {"repository", "project"},
                    {"folder", "d4"},
                    {"username", "admin"},
                    {"timestamp_ms", "1"},
                    {"assessment_id", "a-1"},
                    {"webhook_id", "w-1"},
                    {"tag_key", "k"},
                    {"metric_key", "k"},
                    {"new_name", "taken"},
                    {"stage", "None"},
                    {"source", text::concat("runs:/", values_["run_id"], "/m")},
                    {"resource_type", "experiment"},
                    {"resource_id", values_["experiment_id"]},
                    {"permission", "READ"},
                    {"password", "a long password"},
                    {"upload_id", "u"},
                    {"model_json", "{}"},
                    {"artifact_file_path", "f"},
                    {"key", "k"},
                    {"value", "v"}});
  }

  std::string filled(std::string pattern) const {
    for (size_t open; (open = pattern.find('{')) != std::string::npos;) {
      const size_t close = pattern.find('}', open);
      std::string name = pattern.substr(open + 1, close - open - 1);
      if (name.ends_with('*')) name.pop_back();
      const auto found = values_.find(name);
      pattern.replace(open, close - open + 1, found == values_.end() ? "unknown" : found->second);
    }
    return pattern;
  }

  Reply try_route(const http::Route& route, const std::string& authorization) const {
    std::string query;
    json::object body = {{"promote", true}, {"attributes", json::object()}, {"trace", trace_}};
    for (const auto& [name, value] : values_) {
      query += text::concat(query.empty() ? "?" : "&", name, "=", http::percent_encode(value));
      body[name] = name.ends_with("_ids") ? json::value(json::array{json::value(value)}) : json::value(value);
    }
    const bool reads = route.method == "GET";
    return send(route.method, filled(route.pattern) + query, reads ? "" : json::write(body), authorization);
  }

  // "POST runs/get" for MLflow's calls, wherever they are mounted; "GET /metrics" for others.
  static std::string call_of(const http::Route& route) {
    const size_t at = route.pattern.find("/mlflow/");
    return text::concat(route.method, " ", at == std::string::npos ? route.pattern : route.pattern.substr(at + 8));
  }

  files::TemporaryFolder folder_;
  SlipwayServer server_;
  std::unique_ptr<http::Client> client_ = http::make_client();
  const std::string admin_ = basic("admin", "a password of the admin");
  const std::string user_ = basic("stranger", "a password of his");
  std::map<std::string, std::string> values_;
  json::value trace_;
};

TEST_F(EveryRoute, RefusesWhoeverDoesNotSayWhoHeIs) {
  for (const http::Route* route : server_.routes()) {
    const Reply reply = try_route(*route, "");
    const int expected = kPublicRoutes.contains(call_of(*route)) ? 200 : 401;
    EXPECT_EQ(reply.status, expected) << route->method << ' ' << route->pattern << ": " << reply.body;
  }
}

TEST_F(EveryRoute, RefusesAUserToWhomNobodyGaveAPermission) {
  std::set<std::string> open;
  for (const http::Route* route : server_.routes()) {
    const std::string call = call_of(*route);
    if (kPublicRoutes.contains(call)) continue;
    const Reply reply = try_route(*route, user_);
    if (!kForEveryUser.contains(call)) {
      EXPECT_EQ(reply.status, 403) << call << " (" << route->pattern << ") needs a rule: " << reply.body;
      continue;
    }
    open.insert(call);
    EXPECT_LT(reply.status, 500) << call << ": " << reply.body;
    const bool shows = reply.status == 200 && (route->method == "GET" || call.ends_with("search"));
    if (shows) {
      EXPECT_THAT(reply.body, Not(HasSubstr(kHidden))) << call;
    }
  }
  EXPECT_EQ(open, kForEveryUser) << "a route that is not there any more needs no exception";
}

TEST_F(EveryRoute, AModelsPermissionsHoldForItsDecisionsAndMonitors) {
  const std::string own = "/api/slipway/v1/";
  const std::string decisions = text::concat(own, "models/", kHidden, "/decisions");
  const std::string decision = R"({"alias":"champion","challenger_version":"1","promote":true,"reason":"a try"})";
  const auto give = [&](const std::string& permission) {
    made("POST", "/api/3.0/mlflow/users/permissions/grant",
         text::concat(R"({"username":"stranger","resource_type":"registered_model","resource_id":")", kHidden,
                      R"(","permission":")", permission, R"("})"));
  };
  const auto champion = [&] {
    return send("GET", text::concat("/api/2.0/mlflow/registered-models/alias?alias=champion&name=", kHidden), "",
                admin_)
        .status;
  };
  const std::string monitor = text::concat(own, "monitors/", kHidden);
  give("READ");
  EXPECT_EQ(send("GET", decisions, "", user_).status, 200);
  EXPECT_EQ(send("GET", monitor, "", user_).status, 200);
  EXPECT_THAT(send("GET", own + "monitors", "", user_).body, HasSubstr(kHidden));
  EXPECT_EQ(send("POST", decisions, decision, user_).status, 403);
  EXPECT_NE(champion(), 200) << "nobody moved it";
  give("EDIT");
  EXPECT_EQ(send("POST", decisions, decision, user_).status, 201);
  EXPECT_EQ(champion(), 200);
  EXPECT_EQ(send("DELETE", monitor, "", user_).status, 403) << "definitions are the administrators'";
}

}  // namespace
}  // namespace slipway::server
