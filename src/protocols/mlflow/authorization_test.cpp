// Who may have which call answered: every route of the table is tried by a stranger, then the rules one by one.
#include <map>
#include <set>

#include "protocols/mlflow/mount_fixture.h"

namespace slipway::mlflow {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Users have no permission but those they are given or earn by making things.
class Authorized : public Mount {
 protected:
  Authorized() : Mount(identity::Permission::kNone) {
    owner_ = account("owner");
    stranger_ = account("stranger");
    caller_ = owner_;
    experiment_ =
        json::get_string(answer(post("2.0/mlflow/experiments/create", R"({"name":"private"})")), "experiment_id");
    run_ = json::get_string(
        answer(post("2.0/mlflow/runs/create", text::concat(R"({"experiment_id":")", experiment_, R"("})")))
            .at("run")
            .at("info")
            .as_object(),
        "run_id");
    model_id_ = json::get_string(
        answer(post("2.0/mlflow/logged-models", text::concat(R"({"experiment_id":")", experiment_, R"(","name":"m"})")))
            .at("model")
            .at("info")
            .as_object(),
        "model_id");
    post("2.0/mlflow/registered-models/create", R"({"name":"secret"})");
    post("2.0/mlflow/model-versions/create",
         text::concat(R"({"name":"secret","source":"runs:/)", run_, R"(/m","run_id":")", run_, R"("})"));
    post("3.0/mlflow/traces", trace_in(experiment_, "tr-secret"));
    send("PUT", "/api/2.0/mlflow-artifacts/artifacts/" + experiment_ + "/" + run_ + "/artifacts/secret.txt", "secret",
         "");
    dataset_ = genai_.datasets().create({"d", {}, {tracking::ExperimentId(experiment_)}}).id.value;
    scorer_ = genai_.scorers().add(tracking::ExperimentId(experiment_), "secret", "{}").scorer_id.value;
    genai::Issue issue;
    issue.experiment_id = tracking::ExperimentId(experiment_);
    issue.name = "slow";
    issue_ = genai_.issues().add(issue).id.value;
    make_endpoint();
  }

  void make_endpoint() {
    const auto id = [this](const std::string& call, const std::string& body, std::string_view what,
                           std::string_view field) {
      return json::get_string(answer(post("3.0/mlflow/gateway/" + call, body)).at(what).as_object(), field);
    };
    secret_id_ = id("secrets/create", R"({"secret_name":"s","secret_value":{"api_key":"sk-1234567890"}})", "secret",
                    "secret_id");
    definition_id_ =
        id("model-definitions/create",
           text::concat(R"({"name":"d","provider":"openai","model_name":"m","secret_id":")", secret_id_, R"("})"),
           "model_definition", "model_definition_id");
    endpoint_id_ = id("endpoints/create",
                      text::concat(R"({"name":"secret","model_configs":[{"linkage_type":"PRIMARY",)",
                                   R"("model_definition_id":")", definition_id_, R"("}]})"),
                      "endpoint", "endpoint_id");
  }

  std::shared_ptr<const identity::Caller> account(const std::string& name) {
    const identity::User user = accounts_.create(name, "a long password");
    return std::make_shared<const identity::Caller>(
        identity::Caller{user.name, user.is_admin, identity::Permission::kNone, user.id});
  }
  http::Response post(const std::string& path, const std::string& body) { return send("POST", "/api/" + path, body); }
  static std::string trace_in(const std::string& experiment, const std::string& id) {
    return text::concat(R"({"trace":{"trace_info":{"trace_id":")", id,
                        R"(","trace_location":{"type":"MLFLOW_EXPERIMENT","mlflow_experiment":{"experiment_id":")",
                        experiment, R"("}},"request_time":"2025-04-15T08:49:18.699Z","state":"OK"}}})");
  }
  void give(identity::ResourceKind kind, const std::string& id, identity::Permission permission) {
    permissions_.put(stranger_->user_id, {kind, id}, permission);
  }
  int status_as_stranger(const std::string& method, const std::string& target, const std::string& body = "") {
    caller_ = stranger_;
    const int status = send(method, target, body).status;
    caller_ = owner_;
    return status;
  }

  // Everything of the owner, by every name that a call may use.
  std::map<std::string, std::string> everything() const {
    return {{"experiment_id", experiment_},
            {"experiment_name", "private"},
            {"run_id", run_},
            {"run_ids", run_},
            {"experiment_ids", experiment_},
            {"model_id", model_id_},
            {"name", "secret"},
            {"version", "1"},
            {"trace_id", "tr-secret"},
            {"trace_ids", "tr-secret"},
            {"request_id", "tr-secret"},
            {"dataset_id", dataset_},
            {"scorer_ids", scorer_},
            {"issue_id", issue_},
            {"path", experiment_ + "/" + run_},
            {"whole_path", experiment_ + "/" + run_},
            {"artifact", experiment_ + "/" + run_ + "/artifacts/secret.txt"},
            {"folder", experiment_ + "/" + run_},
            {"username", "owner"},
            {"key", "k"},
            {"value", "v"},
            {"metric_key", "k"},
            {"new_name", "taken"},
            {"alias", "a"},
            {"assessment_id", "a-1"},
            {"webhook_id", "w-1"},
            {"tag_key", "k"},
            {"resource_type", "experiment"},
            {"resource_id", experiment_},
            {"permission", "READ"},
            {"source", "runs:/" + run_ + "/m"},
            {"stage", "None"},
            {"status", "FINISHED"},
            {"model_json", "{}"},
            {"upload_id", "u"},
            {"password", "a long password"},
            {"artifact_file_path", "secret.txt"},
            {"secret_id", secret_id_},
            {"model_definition_id", definition_id_},
            {"endpoint_id", endpoint_id_},
            {"endpoint_name", "secret"},
            {"model", "secret"}};
  }

  std::shared_ptr<const identity::Caller> owner_;
  std::shared_ptr<const identity::Caller> stranger_;
  std::string experiment_;
  std::string run_;
  std::string model_id_;
  std::string dataset_;
  std::string scorer_;
  std::string issue_;
  std::string secret_id_;
  std::string definition_id_;
  std::string endpoint_id_;
};

std::string filled(std::string pattern, const std::map<std::string, std::string>& values) {
  for (size_t open = pattern.find('{'); open != std::string::npos; open = pattern.find('{', open)) {
    const size_t close = pattern.find('}', open);
    std::string name = pattern.substr(open + 1, close - open - 1);
    if (name.ends_with('*')) name.pop_back();
    pattern.replace(open, close - open + 1, values.at(name));
  }
  return pattern;
}

TEST_F(Authorized, AStrangerGetsNothingByAnyRoute) {
  // These are for everybody who said who he is, because what they show or make depends on who that is.
  const std::set<std::string> for_all = {"experiments/search",
                                         "runs/search",
                                         "registered-models/search",
                                         "model-versions/search",
                                         "logged-models/search",
                                         "traces/search",
                                         "experiments/create",
                                         "registered-models/create",
                                         "users/current",
                                         "users/current/permissions",
                                         "server-info",
                                         "ui-telemetry",
                                         "gateway-proxy",
                                         "assistant/config",
                                         "assistant/providers",
                                         "mcp-servers",
                                         "mcp-servers/endpoints",
                                         "gateway/secrets/create",
                                         "gateway/secrets/list",
                                         "gateway/model-definitions/list",
                                         "gateway/endpoints/list",
                                         "gateway/supported-providers",
                                         "gateway/supported-models",
                                         "gateway/provider-config",
                                         "gateway/secrets/config",
                                         "v1/models"};
  const auto values = everything();
  std::string query;
  json::object body;
  for (const auto& [name, value] : values) {
    query += text::concat(query.empty() ? "?" : "&", name, "=", http::percent_encode(value));
    if (name.ends_with("_ids")) {
      body[name] = json::array{json::value(value)};
    } else {
      body[name] = value;
    }
  }
  // The old trace calls and the reported trace.
  body["timestamp_ms"] = 1;
  body["trace"] = json::parse(trace_in(experiment_, "tr-secret")).at("trace");
  size_t tried = 0;
  caller_ = stranger_;
  for (const http::Route* route : router_.all()) {
    if (route->permission == "public" || route->pattern == "/graphql") continue;
    const size_t at = route->pattern.find("/mlflow/");
    const std::string call = at == std::string::npos ? route->pattern : route->pattern.substr(at + 8);
    if (for_all.count(call) > 0 || (route->method == "GET" && call == "traces")) continue;
    const bool in_query = route->method == "GET" || route->method == "PUT" || call == "upload-artifact";
    const http::Response response = send(route->method, filled(route->pattern, values) + (in_query ? query : ""),
                                         in_query ? "" : json::write(body));
    EXPECT_EQ(response.status, 403) << route->method << ' ' << route->pattern << ": "
                                    << (response.body.index() == 0 ? std::get<std::string>(response.body) : "");
    ++tried;
  }
  EXPECT_GT(tried, 150U);
}

TEST_F(Authorized, SearchesShowWhatTheCallerMayRead) {
  const std::string ids = text::concat(R"({"experiment_ids":[")", experiment_, R"("]})");
  const auto found = [&](const std::string& path, const std::string& body, const std::string& list) {
    caller_ = stranger_;
    const auto fields = answer(post(path, body));
    caller_ = owner_;
    return fields.contains(list) ? fields.at(list).as_array().size() : 0;
  };
  const auto check_all = [&](size_t expected) {
    EXPECT_EQ(found("2.0/mlflow/experiments/search", R"({"max_results":10})", "experiments"), expected);
    EXPECT_EQ(found("2.0/mlflow/runs/search", ids, "runs"), expected);
    EXPECT_EQ(found("2.0/mlflow/logged-models/search", ids, "models"), expected);
    EXPECT_EQ(found("3.0/mlflow/traces/search",
                    text::concat(R"({"locations":[{"mlflow_experiment":{"experiment_id":")", experiment_, R"("}}]})"),
                    "traces"),
              expected);
  };
  check_all(0);
  give(identity::ResourceKind::kExperiment, experiment_, identity::Permission::kRead);
  check_all(1);
  caller_ = stranger_;
  EXPECT_TRUE(answer(send("GET", "/api/2.0/mlflow/registered-models/search")).empty());
  EXPECT_TRUE(answer(send("GET", "/api/2.0/mlflow/model-versions/search")).empty());
  give(identity::ResourceKind::kModel, "secret", identity::Permission::kRead);
  EXPECT_EQ(answer(send("GET", "/api/2.0/mlflow/registered-models/search")).at("registered_models").as_array().size(),
            1U);
  EXPECT_EQ(answer(send("GET", "/api/2.0/mlflow/model-versions/search")).at("model_versions").as_array().size(), 1U);
}

TEST_F(Authorized, GraphqlAsksAsItsCallsDo) {
  const std::string query = text::concat(
      R"({"query":"{ e: mlflowGetExperiment(input: {experimentId: \")", experiment_,
      R"(\"}) { experiment { name } } r: mlflowGetRun(input: {runId: \")", run_,
      R"(\"}) { run { info { runId } modelVersions { name } } } f: mlflowListArtifacts(input: {runId: \")", run_,
      R"(\"}) { rootUri } s: mlflowSearchRuns(input: {experimentIds: [\")", experiment_,
      R"(\"]}) { runs { info { runId } } } v: mlflowSearchModelVersions(input: {}) { modelVersions { name } } }"})");
  caller_ = stranger_;
  const http::Response refused = send("POST", "/graphql", query);
  EXPECT_EQ(refused.status, 200);
  const std::string text = std::get<std::string>(refused.body);
  EXPECT_THAT(text, HasSubstr(R"("e":null)"));
  EXPECT_THAT(text, HasSubstr(R"("r":null)"));
  EXPECT_THAT(text, HasSubstr(R"("f":null)"));
  EXPECT_THAT(text, Not(HasSubstr(run_)));
  EXPECT_THAT(text, Not(HasSubstr("secret")));
  give(identity::ResourceKind::kExperiment, experiment_, identity::Permission::kRead);
  const std::string shown = std::get<std::string>(send("POST", "/graphql", query).body);
  EXPECT_THAT(shown, HasSubstr(run_));
  EXPECT_THAT(shown, Not(HasSubstr("secret"))) << "the model is not the caller's to see";
}

TEST_F(Authorized, LevelsAllowWhatTheyAreNamedFor) {
  const std::string api = "/api/2.0/mlflow/";
  const std::string run = text::concat(R"({"run_id":")", run_, R"(","key":"k","value":"v"})");
  const std::string file =
      text::concat("/api/2.0/mlflow-artifacts/artifacts/", experiment_, "/", run_, "/artifacts/secret.txt");
  const auto statuses = [&] {
    return std::vector<int>{status_as_stranger("GET", api + "runs/get?run_id=" + run_), status_as_stranger("GET", file),
                            status_as_stranger("POST", api + "runs/set-tag", run),
                            status_as_stranger("POST", api + "runs/delete", run)};
  };
  EXPECT_THAT(statuses(), ::testing::ElementsAre(403, 403, 403, 403));
  give(identity::ResourceKind::kExperiment, experiment_, identity::Permission::kRead);
  EXPECT_THAT(statuses(), ::testing::ElementsAre(200, 200, 403, 403));
  give(identity::ResourceKind::kExperiment, experiment_, identity::Permission::kEdit);
  EXPECT_THAT(statuses(), ::testing::ElementsAre(200, 200, 200, 403));
  give(identity::ResourceKind::kExperiment, experiment_, identity::Permission::kManage);
  EXPECT_THAT(statuses(), ::testing::ElementsAre(200, 200, 200, 200));
}

TEST_F(Authorized, NoLocationReachesIntoAnothersFiles) {
  caller_ = stranger_;
  const auto create = [&](const std::string& name, const std::string& location) {
    return post("2.0/mlflow/experiments/create",
                text::concat(R"({"name":")", name, R"(","artifact_location":")", location, R"("})"))
        .status;
  };
  for (const std::string& location : {"mlflow-artifacts:/" + experiment_, "mlflow-artifacts:/" + experiment_ + "/x",
                                      std::string("mlflow-artifacts:/"), std::string("mlflow-artifacts:/12345"),
                                      "mlflow-artifacts://host/" + experiment_, "mlflow-artifacts:/./" + experiment_,
                                      "mlflow-artifacts:/" + experiment_ + "/"}) {
    EXPECT_EQ(create("x", location), 403) << location;
  }
  EXPECT_EQ(create("team", "mlflow-artifacts:/team/a"), 200);
  EXPECT_EQ(status_as_stranger("PUT", "/api/2.0/mlflow-artifacts/artifacts/team/a/f"), 200);
  EXPECT_EQ(status_as_stranger("DELETE", "/api/2.0/mlflow-artifacts/artifacts/team"), 403) << "nobody's";
  caller_ = owner_;
  EXPECT_EQ(create("y", "mlflow-artifacts:/team/a/b"), 403);
  EXPECT_EQ(create("z", "mlflow-artifacts:/team"), 403) << "holds another's";
}

TEST_F(Authorized, AVersionIsMadeOnlyOfWhatItsMakerMayRead) {
  caller_ = stranger_;
  post("2.0/mlflow/registered-models/create", R"({"name":"mine"})");
  const auto create = [&](const std::string& rest) {
    return post("2.0/mlflow/model-versions/create", R"({"name":"mine",)" + rest + "}").status;
  };
  EXPECT_EQ(create(text::concat(R"("source":"runs:/)", run_, R"(/m","run_id":")", run_, R"(")")), 403);
  EXPECT_EQ(create(text::concat(R"("source":"models:/)", model_id_, R"(","model_id":")", model_id_, R"(")")), 403);
  EXPECT_EQ(create(R"("source":"models:/secret/1")"), 403);
  EXPECT_EQ(create(text::concat(R"("source":"mlflow-artifacts:/)", experiment_, "/", run_,
                                R"(/artifacts/m","run_id":")", run_, R"(")")),
            403);
}

TEST_F(Authorized, MetricsOfAnothersLoggedModelAreNotWritten) {
  caller_ = stranger_;
  const std::string own =
      json::get_string(answer(post("2.0/mlflow/experiments/create", R"({"name":"own"})")), "experiment_id");
  const std::string run =
      json::get_string(answer(post("2.0/mlflow/runs/create", text::concat(R"({"experiment_id":")", own, R"("})")))
                           .at("run")
                           .at("info")
                           .as_object(),
                       "run_id");
  const std::string metric = text::concat(R"("key":"k","value":1,"timestamp":1,"model_id":")", model_id_, R"(")");
  EXPECT_EQ(post("2.0/mlflow/runs/log-metric", text::concat(R"({"run_id":")", run, R"(",)", metric, "}")).status, 403);
  EXPECT_EQ(
      post("2.0/mlflow/runs/log-batch", text::concat(R"({"run_id":")", run, R"(","metrics":[{)", metric, "}]}")).status,
      403);
}

TEST_F(Authorized, SharingTakesManage) {
  const std::string grant = "/api/3.0/mlflow/users/permissions/grant";
  const auto body = [&](const std::string& id) {
    return text::concat(R"({"username":"stranger","resource_type":"experiment","resource_id":")", id,
                        R"(","permission":"READ"})");
  };
  EXPECT_EQ(status_as_stranger("POST", grant, body(experiment_)), 403);
  EXPECT_EQ(status_as_stranger("POST", grant, body("*")), 403);
  EXPECT_EQ(send("POST", grant, body("*")).status, 403) << "for all is for administrators";
  EXPECT_EQ(send("POST", grant, body(experiment_)).status, 200);
  EXPECT_EQ(status_as_stranger("GET", "/api/2.0/mlflow/experiments/get?experiment_id=" + experiment_), 200);
  EXPECT_EQ(send("POST", "/api/3.0/mlflow/users/permissions/revoke", body(experiment_)).status, 200);
  EXPECT_EQ(status_as_stranger("GET", "/api/2.0/mlflow/experiments/get?experiment_id=" + experiment_), 403);
}

TEST_F(Authorized, TokensHaveOneRoleForEverythingAndNoUsers) {
  caller_ = std::make_shared<const identity::Caller>(identity::Caller{"ci", false, identity::Permission::kManage, 0});
  EXPECT_EQ(send("GET", "/api/2.0/mlflow/runs/get?run_id=" + run_).status, 200);
  EXPECT_EQ(send("GET", "/api/2.0/mlflow-artifacts/artifacts?path=").status, 200);
  EXPECT_EQ(post("2.0/mlflow/users/create", R"({"username":"x","password":"a long password"})").status, 403);
  EXPECT_EQ(send("GET", "/api/2.0/mlflow/users/get?username=owner").status, 403);
  EXPECT_EQ(send("GET", "/api/2.0/mlflow/users/current").status, 400);
  EXPECT_EQ(post("3.0/mlflow/users/permissions/grant",
                 text::concat(R"({"username":"stranger","resource_type":"experiment","resource_id":")", experiment_,
                              R"(","permission":"READ"})"))
                .status,
            403);
}

TEST_F(Mount, WithoutUsersTheirCallsAreNotThere) {
  http::Router router;
  router.add(routes(
      {tracking_, models_, artifacts_, registry_, tracing_, genai_, permissions_, webhooks_, gateway_, providers_}));
  for (const http::Route* route : router.all()) {
    EXPECT_EQ(route->pattern.find("/users/"), std::string::npos) << route->pattern;
    EXPECT_EQ(route->pattern.find("/permissions/"), std::string::npos) << route->pattern;
  }
}

TEST_F(Authorized, ADatasetTakesPermissionOnAllItsExperiments) {
  give(identity::ResourceKind::kExperiment, experiment_, identity::Permission::kEdit);
  const std::string path = "/api/3.0/mlflow/datasets/" + dataset_;
  EXPECT_EQ(status_as_stranger("GET", path), 200);
  EXPECT_EQ(status_as_stranger("DELETE", path), 403) << "that takes MANAGE";
  const std::string other = tracking_.create_experiment({"other", "", {}}).value;
  const std::string body = text::concat(R"({"experiment_ids":[")", other, R"("]})");
  EXPECT_EQ(status_as_stranger("POST", path + "/add-experiments", body), 403) << "it is not his to put things into";
  genai_.datasets().add_to_experiments(genai::DatasetId(dataset_), {tracking::ExperimentId(other)});
  EXPECT_EQ(status_as_stranger("GET", path), 403);
  genai_.datasets().remove_from_experiments(genai::DatasetId(dataset_),
                                            {tracking::ExperimentId(other), tracking::ExperimentId(experiment_)});
  EXPECT_EQ(status_as_stranger("GET", path), 403) << "in no experiment it is the administrators'";
  EXPECT_EQ(status_as_stranger("GET", "/api/3.0/mlflow/datasets/d-unknown"), 403)
      << "and an unknown one looks the same";
  EXPECT_EQ(status_as_stranger("POST", "/api/3.0/mlflow/datasets/create", R"({"name":"free"})"), 403);
  EXPECT_EQ(status_as_stranger("GET", "/api/3.0/mlflow/datasets/search"), 403);
}

}  // namespace
}  // namespace slipway::mlflow
