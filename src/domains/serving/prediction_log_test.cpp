#include "domains/serving/prediction_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "domains/serving/fake_runtime.h"
#include "domains/serving/prediction_forwarder.h"
#include "domains/serving/predictor.h"

namespace slipway::serving {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Rows with a missing cell in every kind of column.
tables::Table mixed_rows() {
  tables::Column a("a", tables::ColumnType::kDouble);
  a.append_double(0.1);
  a.append_missing();
  a.append_double(NAN);
  tables::Column b("b", tables::ColumnType::kInteger);
  b.append_missing();
  b.append_integer(INT64_MIN);
  b.append_integer(7);
  tables::Column carrier("carrier", tables::ColumnType::kText);
  carrier.append_text("é");
  carrier.append_text("");
  carrier.append_missing();
  tables::Table rows;
  rows.add(std::move(a));
  rows.add(std::move(b));
  rows.add(std::move(carrier));
  return rows;
}

TEST(PredictionRecord, SurvivesEncodingWithMissingCells) {
  const tables::Table rows = mixed_rows();
  const std::vector<std::string> ids = {"x-0", "x-1", "x-2"};
  std::string bytes;
  encode_record({"3", 1234, &ids, &rows, &rows}, bytes);
  const PredictionBatch batch = decode_record(bytes);
  EXPECT_EQ(batch.model_version, "3");
  EXPECT_EQ(batch.prediction_ids, ids);
  EXPECT_THAT(batch.time_ms, ElementsAre(1234, 1234, 1234));
  ASSERT_EQ(batch.inputs.size(), 3U);
  EXPECT_EQ(batch.inputs[0].doubles()[0], 0.1);
  EXPECT_TRUE(batch.inputs[0].is_missing(1));
  EXPECT_TRUE(std::isnan(batch.inputs[0].doubles()[2]));
  EXPECT_FALSE(batch.inputs[0].is_missing(2));
  EXPECT_TRUE(batch.inputs[1].is_missing(0));
  EXPECT_EQ(batch.inputs[1].integers()[1], INT64_MIN);
  EXPECT_EQ(batch.inputs[2].text(0), "é");
  EXPECT_FALSE(batch.inputs[2].is_missing(1));
  EXPECT_TRUE(batch.outputs[2].is_missing(2));
}

TEST(PredictionRecord, KeysAreTheRequestsOwnAndOneForEachRow) {
  const tables::Table rows = mixed_rows();
  const std::vector<std::string> ids = {"same", "same", "same"};
  std::string bytes;
  encode_record({"3", 1234, &ids, &rows, &rows, "k"}, bytes);
  EXPECT_THAT(decode_record(bytes).keys, ElementsAre("k-0", "k-1", "k-2"));
  // As it was written before there were keys: the format's number, then all but the key.
  const std::string without = std::string(1, '\1') + bytes.substr(1 + sizeof(uint32_t) + 1);
  const PredictionBatch old = decode_record(without);
  EXPECT_THAT(old.prediction_ids, ElementsAre("same", "same", "same"));
  EXPECT_TRUE(old.keys.empty());
  EXPECT_FALSE(old.fits(decode_record(bytes))) << "both kinds in one batch would have too few keys";
}

TEST(PredictionRecord, EveryTruncationIsRefused) {
  const tables::Table rows = mixed_rows();
  const std::vector<std::string> ids = {"x-0", "x-1", "x-2"};
  std::string bytes;
  encode_record({"3", 1234, &ids, &rows, &rows}, bytes);
  for (size_t size = 0; size < bytes.size(); ++size) EXPECT_THROW(decode_record(bytes.substr(0, size)), Error);
  EXPECT_THROW(decode_record(bytes + "x"), Error);
}

tables::Table one_row(double a) {
  tables::Column column("a", tables::ColumnType::kDouble);
  column.append_double(a);
  tables::Table rows;
  rows.add(std::move(column));
  return rows;
}

struct Fixture {
  files::TemporaryFolder folder;
  ManualClock clock{5000};
  metrics::Registry registry;
  ServedModel model{"m", open_fake, clock, registry};
  spool::SpoolOptions options = [this] {
    spool::SpoolOptions wanted;
    wanted.folder = folder.file("log");
    return wanted;
  }();
  PredictionLog log{options, "m", registry};
  Predictor predictor{model, &log, clock};
  std::vector<PredictionBatch> sent;
  std::optional<ErrorCode> failure;
  PredictionForwarder forwarder{log,
                                [this](const PredictionBatch& batch) {
                                  if (failure) throw Error(*failure, "the receiver says no");
                                  sent.push_back(batch);
                                },
                                "m", registry};

  Fixture() { model.replace(fake_candidate("1", "100")); }
  double predict(double a, const std::string& request_id) {
    PredictionContext context;
    context.request_id = request_id;
    return predictor.predict(*predictor.current(), one_row(a), context).get("score").doubles()[0];
  }
};

TEST(Predictor, AnswersCountsAndRemembers) {
  Fixture f;
  EXPECT_EQ(f.predict(1, "r1"), 101);
  f.clock.advance_ms(10);
  EXPECT_EQ(f.predict(2, "r2"), 102);
  EXPECT_EQ(f.forwarder.forward_once(), PredictionForwarder::Outcome::kSent);
  ASSERT_EQ(f.sent.size(), 1U);
  EXPECT_THAT(f.sent[0].prediction_ids, ElementsAre("r1", "r2"));
  EXPECT_THAT(f.sent[0].time_ms, ElementsAre(5000, 5010));
  EXPECT_THAT(f.sent[0].outputs[0].doubles(), ElementsAre(101, 102));
  EXPECT_EQ(f.forwarder.forward_once(), PredictionForwarder::Outcome::kNothingPending);
  EXPECT_THAT(f.registry.expose(), HasSubstr(R"(slipway_inference_rows_total{model="m",version="1"} 2)"));
}

TEST(Predictor, RequestsWithTheSameIdHaveKeysOfTheirOwn) {
  Fixture f;
  f.predict(1, "constant");
  f.predict(2, "constant");
  f.forwarder.forward_once();
  ASSERT_EQ(f.sent.size(), 1U);
  EXPECT_THAT(f.sent[0].prediction_ids, ElementsAre("constant", "constant"));
  ASSERT_EQ(f.sent[0].keys.size(), 2U);
  EXPECT_NE(f.sent[0].keys[0], f.sent[0].keys[1]);
}

TEST(Predictor, IdsComeFromTheCallerOrTheRequest) {
  EXPECT_THAT(default_prediction_ids("r", 1), ElementsAre("r"));
  EXPECT_THAT(default_prediction_ids("r", 2), ElementsAre("r-0", "r-1"));
  Fixture f;
  PredictionContext context;
  context.prediction_ids = {"mine"};
  context.event_time_ms = 42;
  f.predictor.predict(*f.predictor.current(), one_row(1), context);
  f.forwarder.forward_once();
  EXPECT_THAT(f.sent.at(0).prediction_ids, ElementsAre("mine"));
  EXPECT_THAT(f.sent.at(0).time_ms, ElementsAre(42));
  context.prediction_ids = {"one", "two"};
  EXPECT_THROW(f.predictor.predict(*f.predictor.current(), one_row(1), context), Error);
  context.prediction_ids = {""};
  EXPECT_THROW(f.predictor.predict(*f.predictor.current(), one_row(1), context), Error);
}

TEST(Predictor, NoRowsAreAnsweredWithNoRows) {
  Fixture f;
  tables::Table rows;
  rows.add(tables::Column("a", tables::ColumnType::kDouble));
  const tables::Table answer = f.predictor.predict(*f.predictor.current(), rows, {});
  EXPECT_EQ(answer.get("score").size(), 0U);
}

TEST(PredictionForwarder, ABatchHoldsOneVersion) {
  Fixture f;
  f.predict(1, "r1");
  f.model.replace(fake_candidate("2", "200"));
  f.predict(1, "r2");
  f.forwarder.forward_once();
  f.forwarder.forward_once();
  ASSERT_EQ(f.sent.size(), 2U);
  EXPECT_EQ(f.sent[0].model_version, "1");
  EXPECT_EQ(f.sent[1].model_version, "2");
}

TEST(PredictionForwarder, AFailureKeepsTheBatchForLater) {
  Fixture f;
  f.predict(1, "r1");
  f.failure = ErrorCode::kUnavailable;
  EXPECT_EQ(f.forwarder.forward_once(), PredictionForwarder::Outcome::kFailed);
  EXPECT_THAT(f.registry.expose(), HasSubstr(R"(slipway_prediction_forward_failures_total{model="m"} 1)"));
  f.failure.reset();
  EXPECT_EQ(f.forwarder.forward_once(), PredictionForwarder::Outcome::kSent);
  EXPECT_THAT(f.sent.at(0).prediction_ids, ElementsAre("r1"));
}

TEST(PredictionForwarder, ABatchThatIsNeverTakenIsSkippedAndCounted) {
  Fixture f;
  f.predict(1, "r1");
  f.failure = ErrorCode::kInvalidArgument;
  EXPECT_EQ(f.forwarder.forward_once(), PredictionForwarder::Outcome::kSent);
  f.failure.reset();
  f.predict(2, "r2");
  f.forwarder.forward_once();
  ASSERT_EQ(f.sent.size(), 1U);
  EXPECT_THAT(f.sent[0].prediction_ids, ElementsAre("r2"));
  EXPECT_THAT(f.registry.expose(), HasSubstr(R"(slipway_prediction_forward_rejected_rows_total{model="m"} 1)"));
}

TEST(PredictionForwarder, StoppingSendsTheRest) {
  Fixture f;
  f.forwarder.start();
  for (int i = 0; i < 50; ++i) f.predict(i, "r" + std::to_string(i));
  f.forwarder.stop();
  size_t rows = 0;
  for (const PredictionBatch& batch : f.sent) rows += batch.rows();
  EXPECT_EQ(rows, 50U);
}

TEST(PredictionForwarder, GoesOnAfterARestartWhereItWas) {
  const files::TemporaryFolder folder;
  ManualClock clock{0};
  metrics::Registry registry;
  spool::SpoolOptions options;
  options.folder = folder.file("log");
  const tables::Table rows = one_row(1);
  std::vector<std::string> seen;
  for (int start = 0; start < 3; ++start) {
    PredictionLog log(options, "m", registry);
    PredictionForwarder forwarder(
        log,
        [&](const PredictionBatch& batch) {
          seen.insert(seen.end(), batch.prediction_ids.begin(), batch.prediction_ids.end());
        },
        "m", registry);
    forwarder.forward_once();
    const std::vector<std::string> ids = {"start " + std::to_string(start)};
    log.append({"1", 0, &ids, &rows, &rows});
  }
  EXPECT_THAT(seen, ElementsAre("start 0", "start 1"));
}

}  // namespace
}  // namespace slipway::serving
