#include "protocols/slipway/monitoring_routes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "foundation/base/error.h"
#include "foundation/base/json.h"
#include "foundation/identity/permissions.h"
#include "protocols/slipway/monitoring_codec.h"

namespace slipway::protocol {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr int64_t kDayMs = 86'400'000;

template <typename Decode>
std::string refusal(Decode&& decode, const std::string& body) {
  try {
    decode(body);
  } catch (const Error& error) {
    return error.what();
  }
  return "accepted";
}

TEST(MonitoringCodec, ColumnsTakeTheKindOfTheirValues) {
  const auto batch = decode_predictions(
      R"({"prediction_ids": ["a", "b"], "time_ms": [5, 6], "model_version": 3, "extra": {"x": [1]},
          "inputs": {"whole": [1, null], "fraction": [1, 2.5], "word": ["x", "é"], "truth": [true, false], "none": [null, null]},
          "outputs": {"label": ["no", "yes"], "score": [1, 0.25]}})");
  EXPECT_EQ(batch.model_version, "3");
  EXPECT_THAT(batch.ids, ElementsAre("a", "b"));
  EXPECT_THAT(batch.times_ms, ElementsAre(5, 6));
  EXPECT_THAT(batch.scores, ElementsAre(1, 0.25));
  EXPECT_EQ(batch.inputs.get("whole").type(), tables::ColumnType::kInteger);
  EXPECT_TRUE(batch.inputs.get("whole").is_missing(1));
  EXPECT_THAT(batch.inputs.get("fraction").doubles(), ElementsAre(1, 2.5));
  EXPECT_EQ(batch.inputs.get("word").text(1), "é");
  EXPECT_EQ(batch.inputs.get("truth").type(), tables::ColumnType::kBoolean);
  EXPECT_EQ(batch.inputs.get("none").missing_count(), 2U);
}

TEST(MonitoringCodec, FaultsNameWhatIsWrong) {
  const auto predictions = [](const std::string& body) { decode_predictions(body); };
  EXPECT_THAT(refusal(predictions, R"({"model_version": "1", "prediction_ids": []})"),
              HasSubstr("'outputs' is missing"));
  EXPECT_THAT(refusal(predictions, R"({"outputs": {}})"), HasSubstr("model_version"));
  EXPECT_THAT(refusal(predictions, R"({"inputs": {"x": [1, "a"]}})"), HasSubstr("'x' mixes"));
  EXPECT_THAT(refusal(predictions, R"({"inputs": {"x": [[1]]}})"), HasSubstr("'x' must hold plain values"));
  EXPECT_THAT(refusal(predictions, R"({"time_ms": [1.5]})"), HasSubstr("time_ms"));
  EXPECT_NE(refusal(predictions, R"({"prediction_ids": [1]})"), "accepted");
  EXPECT_NE(refusal(predictions, "[]"), "accepted");
  const auto labels = [](const std::string& body) { decode_labels(body); };
  EXPECT_THAT(refusal(labels, R"({"prediction_ids": ["a"]})"), HasSubstr("'labels' is missing"));
  EXPECT_THAT(refusal(labels, R"({"labels": ["late"]})"), HasSubstr("numbers"));
  EXPECT_THAT(refusal(labels, R"({"labels": [NaN]})"), HasSubstr("finite"));
}

// The routes as a client sees them, without a socket.
class MonitoringRoutesTest : public ::testing::Test {
 protected:
  MonitoringRoutesTest()
      : database_(sql::open_database("sqlite::memory:")),
        clock_(1000 * kDayMs),
        monitors_(*database_, clock_, bus_, registry_, [](const monitoring::ReferenceSource&) {
          tables::Table table;
          table.add(tables::Column::of_doubles("x", {1, 2, 3, 4, 5, 6, 7, 8}));
          return table;
        }) {
    router_.add(monitoring_routes(monitors_, permissions_));
  }

  class Body final : public http::BodyReader {
   public:
    explicit Body(std::string text) : text_(std::move(text)) {}
    size_t read(char* buffer, size_t capacity) override {
      const size_t count = text_.copy(buffer, capacity, at_);
      at_ += count;
      return count;
    }

   private:
    std::string text_;
    size_t at_ = 0;
  };

  http::Response call(const std::string& method, const std::string& path, const std::string& body = "",
                      http::Query query = {}) {
    Body reader(body);
    http::Request request;
    request.method = method;
    request.query = std::move(query);
    request.body = &reader;
    request.caller = caller_;
    const http::Match match = router_.find(method, "/api/slipway/v1" + path, nullptr);
    if (match.route == nullptr) throw not_found("no route ", method, " ", path);
    request.parameters = match.parameters;
    return match.route->handler(request);
  }

  json::value json_of(const http::Response& response) { return json::parse(std::get<std::string>(response.body)); }

  std::unique_ptr<sql::Database> database_;
  ManualClock clock_;
  jobs::EventBus bus_;
  metrics::Registry registry_;
  monitoring::Monitors monitors_;
  identity::Permissions permissions_{*database_, identity::Permission::kNone};
  std::shared_ptr<const identity::Caller> caller_ = identity::Caller::anybody();
  http::Router router_;
};

constexpr const char* kDefinition =
    R"({"model_name": "m", "window": "1d", "reference": {"path": "r.parquet"},
        "rules": [{"name": "x moved", "metric": "column_drift:x", "op": "<", "threshold": 0.05, "action": {"pipeline": "retrain"}}]})";
constexpr const char* kBatch =
    R"({"model_version": "1", "prediction_ids": ["a", "b", "c", "d"], "time_ms": [1, 2, 3, 4],
        "inputs": {"x": [50.5, 60, 70, 80]}, "outputs": {"probability": [0.1, 0.9, 0.2, 0.8]}})";

TEST_F(MonitoringRoutesTest, APredictionGoesFromTheBatchToWindowAlertReportAndTable) {
  EXPECT_EQ(call("PUT", "/monitors/drift", kDefinition).status, 200);
  EXPECT_EQ(json::write(json_of(call("POST", "/models/m/predictions", kBatch))),
            R"({"accepted":4,"repeated":0,"reused":0})");
  EXPECT_EQ(json::write(json_of(call("POST", "/models/m/predictions", kBatch))),
            R"({"accepted":0,"repeated":4,"reused":0})");
  EXPECT_EQ(json::write(json_of(
                call("POST", "/models/m/labels", R"({"prediction_ids": ["a", "b", "z"], "labels": [0, 1, 1]})"))),
            R"({"joined":2,"waiting":1,"repeated":0,"ambiguous":0})");
}

TEST_F(MonitoringRoutesTest, IdsThatAreUsedAgainAreCounted) {
  const std::string batch =
      R"({"model_version": "1", "prediction_ids": ["a", "a"], "keys": ["k-0", "k-1"], "time_ms": [1, 2], "outputs": {}})";
  EXPECT_EQ(json::write(json_of(call("POST", "/models/m/predictions", batch))),
            R"({"accepted":2,"repeated":0,"reused":1})");
  EXPECT_THAT(registry_.expose(), HasSubstr(R"(slipway_monitor_reused_prediction_ids_total{model="m"} 1)"));
}

TEST_F(MonitoringRoutesTest, EvaluateAnswersTheWindows) {
  call("PUT", "/monitors/drift", kDefinition);
  call("POST", "/models/m/predictions", kBatch);
  call("POST", "/models/m/labels", R"({"prediction_ids": ["a", "b"], "labels": [0, 1]})");
  const json::value windows = json_of(call("POST", "/monitors/drift/evaluate"));
  const json::object& window = json::get_array(windows.as_object(), "windows")[0].as_object();
  EXPECT_EQ(json::get_int(window, "rows"), 4);
  EXPECT_EQ(json::get_double(window, "label_coverage"), 0.5);
  EXPECT_EQ(json::get_double(json::get_object(window, "performance"), "auc"), 1);
  const json::value alerts = json_of(call("GET", "/monitors/drift/alerts"));
  const json::object& alert = json::get_array(alerts.as_object(), "alerts")[0].as_object();
  EXPECT_EQ(json::get_string(alert, "state"), "firing");
  EXPECT_EQ(json::get_string(alert, "pipeline"), "retrain");
  EXPECT_THAT(std::get<std::string>(call("GET", "/monitors/drift/report").body), HasSubstr("x moved"));
}

TEST_F(MonitoringRoutesTest, RecentIsATable) {
  call("POST", "/models/m/predictions", kBatch);
  call("POST", "/models/m/labels", R"({"prediction_ids": ["b"], "labels": [1]})");
  const std::string body =
      std::get<std::string>(call("GET", "/models/m/recent", "", {{"labelled", "true"}, {"from_ms", "0"}}).body);
  EXPECT_EQ(
      body,
      R"({"rows":1,"columns":{"x":[60.0],"probability":[0.9],"label":[1.0],"time_ms":[2],"model_version":["1"]}})");
  EXPECT_THROW(call("GET", "/models/m/recent", "", {{"format", "xml"}}), Error);
  EXPECT_THROW(call("GET", "/models/m/recent", "", {{"from_ms", "yesterday"}}), Error);
}

TEST_F(MonitoringRoutesTest, DefinitionsAreListedShownAndRemoved) {
  call("PUT", "/monitors/drift", kDefinition);
  const json::value listed = json_of(call("GET", "/monitors"));
  EXPECT_EQ(json::get_array(listed.as_object(), "monitors").size(), 1U);
  const json::value shown = json_of(call("GET", "/monitors/drift"));
  EXPECT_EQ(json::get_string(shown.as_object(), "window"), "1d");
  EXPECT_TRUE(shown.as_object().at("latest_window").is_null());
  EXPECT_EQ(call("DELETE", "/monitors/drift").status, 204);
  EXPECT_THROW(call("GET", "/monitors/drift"), Error);
  EXPECT_THROW(call("GET", "/monitors/drift/windows"), Error);
  EXPECT_THROW(call("PUT", "/monitors/bad", R"({"model_name": "m"})"), Error);
}

}  // namespace
}  // namespace slipway::protocol
