#include "protocols/oip/routes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "domains/serving/fake_runtime.h"

namespace slipway::oip {
namespace {

using testing::HasSubstr;

class TextBody final : public http::BodyReader {
 public:
  explicit TextBody(std::string text) : text_(std::move(text)) {}
  size_t read(char* buffer, size_t capacity) override {
    const size_t size = std::min(capacity, text_.size() - at_);
    std::memcpy(buffer, text_.data() + at_, size);
    at_ += size;
    return size;
  }

 private:
  std::string text_;
  size_t at_ = 0;
};

struct Fixture {
  ManualClock clock{1000};
  metrics::Registry registry;
  serving::ServedModel model{"m", serving::open_fake, clock, registry};
  serving::Predictor predictor{model, nullptr, clock};
  http::Router router;

  Fixture() {
    router.add(routes(predictor));
    model.replace(serving::fake_candidate("3", "100"));
  }
  http::Response send(const std::string& method, const std::string& path, const std::string& content = "",
                      const std::string& header_length = "") {
    TextBody body(content);
    http::Request request;
    request.method = method;
    request.path = path;
    request.request_id = "rid";
    request.body = &body;
    if (!header_length.empty()) request.headers.add("Inference-Header-Content-Length", header_length);
    const http::Match match = router.find(method, path, nullptr);
    if (match.route == nullptr) throw not_found(path);
    request.parameters = match.parameters;
    return match.route->handler(request);
  }
  std::string body(const std::string& method, const std::string& path, const std::string& content = "") {
    return std::get<std::string>(send(method, path, content).body);
  }
};

constexpr const char* kTwoRows = R"({"inputs":[{"name":"a","shape":[2],"datatype":"FP64","data":[1,2.5]}]})";

TEST(OipRoutes, InferAnswersInJson) {
  Fixture f;
  EXPECT_EQ(f.body("POST", "/v2/models/m/infer", kTwoRows),
            R"({"model_name":"m","model_version":"3","id":"rid","outputs":[)"
            R"({"name":"score","datatype":"FP64","shape":[2],"data":[101.0,102.5]}]})");
  EXPECT_EQ(f.send("POST", "/v2/models/m/versions/3/infer", kTwoRows).status, 200);
}

TEST(OipRoutes, InferAnswersInBinaryWhereAsked) {
  Fixture f;
  const http::Response response = f.send("POST", "/v2/models/m/infer",
                                         R"({"id":"q","parameters":{"binary_data_output":true},)"
                                         R"("inputs":[{"name":"a","shape":[1],"datatype":"FP64","data":[1]}]})");
  const std::string body = std::get<std::string>(response.body);
  const size_t length = std::stoul(std::string(*response.headers.find("inference-header-content-length")));
  EXPECT_THAT(body.substr(0, length), HasSubstr(R"("parameters":{"binary_data_size":8})"));
  double score = 0;
  ASSERT_EQ(body.size() - length, sizeof(score));
  std::memcpy(&score, body.data() + length, sizeof(score));
  EXPECT_EQ(score, 101);
}

TEST(OipRoutes, UnknownModelsVersionsAndOutputsAreRefused) {
  Fixture f;
  EXPECT_THROW(f.send("POST", "/v2/models/zz/infer", kTwoRows), Error);
  EXPECT_THROW(f.send("POST", "/v2/models/m/versions/9/infer", kTwoRows), Error);
  EXPECT_THROW(f.send("GET", "/v2/models/m/versions/9/ready"), Error);
  EXPECT_THROW(
      f.send("POST", "/v2/models/m/infer",
             R"({"inputs":[{"name":"a","shape":[1],"datatype":"FP64","data":[1]}],"outputs":[{"name":"zz"}]})"),
      Error);
}

TEST(OipRoutes, MetadataShowsTheTensorsAndARefusal) {
  Fixture f;
  EXPECT_THROW(f.model.replace(serving::fake_candidate("4", "broken")), Error);
  const std::string metadata = f.body("GET", "/v2/models/m");
  EXPECT_THAT(metadata, HasSubstr(R"("versions":["3"])"));
  EXPECT_THAT(metadata, HasSubstr(R"({"name":"a","datatype":"FP64","shape":[-1]})"));
  EXPECT_THAT(metadata, HasSubstr(R"("refused_version":"4","refused_reason":"no model in broken")"));
  EXPECT_EQ(f.body("POST", "/v2/repository/index"),
            R"([{"name":"m","version":"3","state":"READY","reason":"version 4 refused: no model in broken"}])");
}

TEST(OipRoutes, HealthTellsLiveFromReady) {
  ManualClock clock{0};
  metrics::Registry registry;
  serving::ServedModel model("m", serving::open_fake, clock, registry);
  const serving::Predictor predictor(model, nullptr, clock);
  const std::vector<http::Route> table = routes(predictor);
  http::Request request;
  std::map<std::string, int> statuses;
  for (const http::Route& route : table) {
    if (route.pattern.starts_with("/v2/health/")) statuses[route.pattern] = route.handler(request).status;
  }
  EXPECT_EQ(statuses["/v2/health/live"], 200);
  EXPECT_EQ(statuses["/v2/health/ready"], 503);
}

}  // namespace
}  // namespace slipway::oip
