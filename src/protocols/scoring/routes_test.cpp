#include "protocols/scoring/routes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "domains/serving/fake_runtime.h"
#include "protocols/scoring/errors.h"
#include "protocols/scoring/json_frame.h"
#include "protocols/scoring/predictions.h"
#include "protocols/scoring/tabular_frame.h"

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

TEST(Invocations, AMissingCellIsTheSameInEveryFormat) {
  Fixture f;
  const auto status = [&f](const std::string& body, const std::string& type) { return f.invoke(body, type).status; };
  const std::string csv = "text/csv";
  const std::string json = "application/json";
  EXPECT_EQ(status("a,b\n1,\n", csv), 200) << "b may be missing";
  EXPECT_EQ(status(R"({"dataframe_split": {"columns": ["a", "b"], "data": [[1, null]]}})", json), 200);
  EXPECT_EQ(status("a;b\n1.5;40.0\n", csv), 200) << "a whole number with a point, cut by semicolons";
  EXPECT_EQ(status("a,b\n1,40.5\n", csv), 400);
  EXPECT_EQ(status("a,x\n1,40.5\n", csv), 200) << "an optional column that is not there";
  EXPECT_EQ(status("x\n1\n", csv), 400) << "a required one";
  packaging::Signature strict;
  strict.inputs = {{"l", tables::ColumnType::kInteger, true}, {"t", tables::ColumnType::kBoolean, true}};
  EXPECT_THROW(read_csv_frame("l,t\n,true\n", strict), ScoringError);
  EXPECT_THROW(read_csv_frame("l,t\n1,\n", strict), ScoringError);
  EXPECT_THROW(read_json_frame(R"({"dataframe_records": [{"l": null, "t": true}]})", strict), ScoringError);
  EXPECT_THROW(read_json_frame(R"({"dataframe_records": [{"l": 1, "t": null}]})", strict), ScoringError);
  EXPECT_EQ(read_csv_frame("l,t\n1,true\n", strict).rows(), 1U);
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
  for (const auto form : {serving::AnswerForm::kFrame, serving::AnswerForm::kArray}) {
    EXPECT_EQ(write_predictions(outputs, form),
              R"({"predictions": [{"label": "late", "p": 0.25}, {"label": null, "p": NaN}]})");
  }
}

TEST(Predictions, OneColumnHasItsNameOnlyInAFrame) {
  tables::Table outputs;
  outputs.add(tables::Column::of_doubles("probability", {0.5}));
  EXPECT_EQ(write_predictions(outputs, serving::AnswerForm::kFrame), R"({"predictions": [{"probability": 0.5}]})");
  EXPECT_EQ(write_predictions(outputs, serving::AnswerForm::kArray), R"({"predictions": [0.5]})");
}

}  // namespace
}  // namespace slipway::scoring
