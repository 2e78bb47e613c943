#include "protocols/scoring/routes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "domains/serving/fake_runtime.h"
#include "protocols/scoring/predictions.h"

namespace slipway::scoring {
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
  std::vector<http::Route> table = routes(predictor);

  Fixture() { model.replace(serving::fake_candidate("3", "100")); }
  http::Response invoke(const std::string& content, const std::string& type) {
    TextBody body(content);
    http::Request request;
    request.request_id = "rid";
    request.body = &body;
    if (!type.empty()) request.headers.add("Content-Type", type);
    return table.at(0).handler(request);
  }
};

constexpr const char* kRow = R"({"dataframe_records": [{"a": 1, "b": 2}]})";

TEST(ScoringRoutes, InvocationsAnswerAFlatList) {
  Fixture f;
  const http::Response response = f.invoke(kRow, "application/json; charset=UTF-8");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(std::get<std::string>(response.body), R"({"predictions": [121.0]})");
  EXPECT_EQ(f.invoke(kRow, "").status, 200) << "no Content-Type is JSON";
}

TEST(ScoringRoutes, OtherContentTypesAre415) {
  Fixture f;
  for (const char* type : {"text/plain", "application/json; format=pandas-split", "text/csv; charset=latin1"}) {
    const http::Response response = f.invoke(kRow, type);
    EXPECT_EQ(response.status, 415) << type;
    EXPECT_THAT(std::get<std::string>(response.body), HasSubstr("application/vnd.apache.parquet"));
  }
}

TEST(ScoringRoutes, RefusalsHaveMlflowsShape) {
  Fixture f;
  const http::Response response = f.invoke(R"({"inputs": {"b": [1]}})", "application/json");
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(std::get<std::string>(response.body),
            R"({"error_code": "INVALID_PARAMETER_VALUE", "message": )"
            R"("Failed to enforce schema of data. Error: Model is missing inputs ['a']."})");
}

TEST(Predictions, SeveralColumnsBecomeRowObjects) {
  tables::Column label("label", tables::ColumnType::kText);
  label.append_text("late");
  label.append_missing();
  tables::Column score("p", tables::ColumnType::kDouble);
  score.append_double(0.25);
  score.append_missing();
  tables::Table outputs;
  outputs.add(std::move(label));
  outputs.add(std::move(score));
  EXPECT_EQ(write_predictions(outputs),
            R"({"predictions": [{"label": "late", "p": 0.25}, {"label": null, "p": NaN}]})");
}

}  // namespace
}  // namespace slipway::scoring
