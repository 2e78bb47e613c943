#include "domains/monitoring/prediction_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "domains/monitoring/chunk_codec.h"
#include "foundation/base/error.h"
#include "foundation/base/id.h"
#include "foundation/sql/testing/private_postgres.h"

namespace slipway::monitoring {
namespace {

using tables::Column;
using tables::ColumnType;
using ::testing::ElementsAre;

constexpr int64_t kNow = 20'000 * kDayMs;

PredictionBatch batch_of(const std::vector<std::string>& ids, int64_t time_ms, double first_score = 0.5) {
  PredictionBatch out;
  out.model_version = "1";
  Column x("x", ColumnType::kInteger);
  for (size_t i = 0; i < ids.size(); ++i) {
    out.ids.push_back(ids[i]);
    out.times_ms.push_back(time_ms + static_cast<int64_t>(i));
    out.scores.push_back(first_score);
    x.append_integer(static_cast<int64_t>(i));
  }
  out.inputs.add(std::move(x));
  return out;
}

LabelBatch labels_of(const std::vector<std::string>& ids, double label) {
  LabelBatch out;
  out.ids = ids;
  out.labels.assign(ids.size(), label);
  out.arrivals_ms.assign(ids.size(), kNow);
  return out;
}

std::unique_ptr<sql::Database> open_empty_database(const std::string& kind) {
  return sql::open_database(kind == "sqlite" ? "sqlite::memory:" : sql::PrivatePostgres::instance().new_database());
}

class PredictionStoreTest : public ::testing::TestWithParam<std::string> {
 protected:
  PredictionStoreTest() : database_(open_empty_database(GetParam())), clock_(kNow), store_(*database_, clock_) {}

  std::unique_ptr<sql::Database> database_;
  ManualClock clock_;
  PredictionStore store_;
};

TEST_P(PredictionStoreTest, ABatchSentTwiceIsStoredOnce) {
  const PredictionBatch batch = batch_of({"a", "b", "b"}, 1000);
  const PredictionReceipt first = store_.add_predictions("m", batch);
  EXPECT_EQ(first.accepted, 2U);
  EXPECT_EQ(first.repeated, 1U);
  const PredictionReceipt second = store_.add_predictions("m", batch);
  EXPECT_EQ(second.accepted, 0U);
  EXPECT_EQ(store_.read("m", 0, kDayMs, ReadInputs::kYes).rows(), 2U);
  EXPECT_EQ(store_.add_predictions("other", batch).accepted, 2U) << "ids belong to a model";
}

TEST_P(PredictionStoreTest, LabelsJoinBeforeAfterAgainAndCorrected) {
  LabelReceipt early = store_.add_labels("m", labels_of({"b"}, 1));
  EXPECT_EQ(early.waiting, 1U);
  store_.add_predictions("m", batch_of({"a", "b", "c"}, 1000));
  const LabelReceipt late = store_.add_labels("m", labels_of({"a"}, 0));
  EXPECT_EQ(late.joined, 1U);
  EXPECT_EQ(store_.add_labels("m", labels_of({"a", "b"}, 0)).repeated, 1U) << "a is known, b is corrected";
  const PredictionRows rows = store_.read("m", 0, kDayMs, ReadInputs::kNo);
  ASSERT_EQ(rows.rows(), 3U);
  EXPECT_EQ(rows.labels[0], 0);
  EXPECT_EQ(rows.labels[1], 0);
  EXPECT_TRUE(std::isnan(rows.labels[2]));
}

// A client that sends a constant as its request id, or a proxy that puts its own on each.
TEST_P(PredictionStoreTest, PredictionsWithOneIdAllCountAndALabelReachesTheLast) {
  PredictionBatch first = batch_of({"same", "same"}, 1000, 0.1);
  first.keys = {"k1-0", "k1-1"};
  PredictionReceipt receipt = store_.add_predictions("m", first);
  EXPECT_EQ(receipt.accepted, 2U);
  EXPECT_EQ(receipt.reused, 1U);
  EXPECT_EQ(store_.add_labels("m", labels_of({"same"}, 1)).ambiguous, 1U);
  PredictionBatch second = batch_of({"same", "other"}, kDayMs + 1000, 0.2);
  second.keys = {"k2-0", "k2-1"};
  EXPECT_EQ(store_.add_predictions("m", second).accepted, 2U);
  for (const PredictionBatch* again : {&first, &second}) {
    receipt = store_.add_predictions("m", *again);
    EXPECT_EQ(receipt.accepted, 0U) << "the same batch, sent again";
    EXPECT_EQ(receipt.repeated, 2U);
    EXPECT_EQ(receipt.reused, 0U);
  }
  const LabelReceipt labels = store_.add_labels("m", labels_of({"same", "other"}, 0));
  EXPECT_EQ(labels.joined, 2U);
  EXPECT_EQ(labels.ambiguous, 1U);
  const PredictionRows rows = store_.read("m", 0, 2 * kDayMs, ReadInputs::kNo);
  ASSERT_EQ(rows.rows(), 4U);
  EXPECT_TRUE(std::isnan(rows.labels[0]));
  EXPECT_EQ(rows.labels[1], 1) << "it was the last when the first label came";
  EXPECT_EQ(rows.labels[2], 0);
  EXPECT_EQ(rows.labels[3], 0);
}

TEST_P(PredictionStoreTest, ALabelThatWaitedReachesTheLastPredictionOfItsBatch) {
  store_.add_labels("m", labels_of({"same"}, 1));
  PredictionBatch batch = batch_of({"same", "same"}, 1000);
  batch.keys = {"k-0", "k-1"};
  store_.add_predictions("m", batch);
  const PredictionRows rows = store_.read("m", 0, kDayMs, ReadInputs::kNo);
  ASSERT_EQ(rows.rows(), 2U);
  EXPECT_TRUE(std::isnan(rows.labels[0]));
  EXPECT_EQ(rows.labels[1], 1);
  batch.keys.pop_back();
  EXPECT_THROW(store_.add_predictions("m", batch), Error) << "a key for each prediction or none at all";
}

TEST_P(PredictionStoreTest, RevisionsTellWhichDaysChanged) {
  store_.add_predictions("m", batch_of({"a"}, 0));
  store_.add_predictions("m", batch_of({"b"}, 5 * kDayMs));
  store_.add_labels("m", labels_of({"a"}, 1));
  const auto days = store_.day_revisions("m");
  ASSERT_EQ(days.size(), 2U);
  EXPECT_EQ(days[0].day, 0);
  EXPECT_GT(days[0].labels, days[1].predictions);
  EXPECT_EQ(days[1].labels, 0);
  EXPECT_EQ(store_.newest_ms("m"), 5 * kDayMs);
  EXPECT_EQ(store_.newest_ms("nobody"), std::nullopt);
}

TEST_P(PredictionStoreTest, FaultyBatchesAreRefusedWhole) {
  PredictionBatch uneven = batch_of({"a", "b"}, 0);
  uneven.scores.pop_back();
  EXPECT_THROW(store_.add_predictions("m", uneven), Error);
  EXPECT_THROW(store_.add_predictions("m", batch_of({"a", ""}, 0)), Error);
  EXPECT_THROW(store_.add_predictions("m", batch_of({"a"}, kNow + 2 * kDayMs)), Error);
  EXPECT_THROW(store_.add_predictions("m", batch_of({"a"}, -1)), Error);
  EXPECT_EQ(store_.read("m", 0, kNow * 2, ReadInputs::kNo).rows(), 0U);
}

TEST_P(PredictionStoreTest, PartsWithOtherColumnsComeTogether) {
  store_.add_predictions("m", batch_of({"a"}, 0));
  PredictionBatch fractions;
  fractions.model_version = "2";
  fractions.ids = {"b"};
  fractions.times_ms = {1};
  fractions.scores = {0.1};
  fractions.inputs.add(Column::of_doubles("x", {1.5}));
  Column word("word", ColumnType::kText);
  word.append_text("hey");
  fractions.inputs.add(std::move(word));
  store_.add_predictions("m", fractions);
  const PredictionRows rows = store_.read("m", 0, 10, ReadInputs::kYes);
  EXPECT_THAT(rows.inputs.get("x").doubles(), ElementsAre(0, 1.5));
  EXPECT_TRUE(rows.inputs.get("word").is_missing(0));
  EXPECT_EQ(rows.inputs.get("word").text(1), "hey");
  EXPECT_THAT(rows.versions, ElementsAre("1", "2"));
}

// Random batches and labels in any order, against plain maps.
TEST_P(PredictionStoreTest, AnyOrderOfPredictionsAndLabelsGivesTheSameJoin) {
  SeededIdSource ids(7);
  std::map<std::string, int64_t> times;
  std::map<std::string, double> labels;
  for (int step = 0; step < 120; ++step) {
    std::vector<std::string> some;
    for (size_t i = 0; i < 1 + ids.next_u64() % 40; ++i) some.push_back("p" + std::to_string(ids.next_u64() % 600));
    if (step % 2 == 0) {
      const int64_t time_ms = static_cast<int64_t>(ids.next_u64() % static_cast<uint64_t>(6 * kDayMs));
      const PredictionBatch batch = batch_of(some, time_ms);
      store_.add_predictions("m", batch);
      for (size_t i = 0; i < some.size(); ++i) times.try_emplace(some[i], batch.times_ms[i]);
    } else {
      const auto label = static_cast<double>(ids.next_u64() % 2);
      store_.add_labels("m", labels_of(some, label));
      for (const std::string& id : some) labels[id] = label;
    }
  }
  std::multimap<int64_t, double> expected;
  for (const auto& [id, time_ms] : times) expected.emplace(time_ms, labels.contains(id) ? labels[id] : -1);
  const PredictionRows rows = store_.read("m", 0, 10 * kDayMs, ReadInputs::kYes);
  std::multimap<int64_t, double> found;
  for (size_t i = 0; i < rows.rows(); ++i)
    found.emplace(rows.times_ms[i], std::isnan(rows.labels[i]) ? -1 : rows.labels[i]);
  const auto sorted = [](const std::multimap<int64_t, double>& map) {
    std::vector<std::pair<int64_t, double>> out(map.begin(), map.end());
    std::sort(out.begin(), out.end());
    return out;
  };
  EXPECT_EQ(sorted(found), sorted(expected));
  EXPECT_EQ(rows.inputs.rows(), rows.rows());
}

INSTANTIATE_TEST_SUITE_P(Databases, PredictionStoreTest, ::testing::Values("sqlite", "postgresql"),
                         [](const auto& test) { return test.param; });

TEST(ChunkCodec, EveryTypeComesBackWithItsHoles) {
  tables::Table table;
  Column number("number", ColumnType::kDouble);
  Column whole("whole", ColumnType::kInteger);
  Column wide("wide", ColumnType::kInteger);
  Column truth("truth", ColumnType::kBoolean);
  Column word("word", ColumnType::kText);
  Column none("none", ColumnType::kText);
  for (int i = 0; i < 700; ++i) {
    i % 5 == 0 ? number.append_missing() : number.append_double(i * 0.1);
    i % 7 == 0 ? whole.append_missing() : whole.append_integer(1000 - i);
    wide.append_integer(i % 2 == 0 ? INT64_MIN : INT64_MAX);
    truth.append_integer(i % 2);
    word.append_text("word" + std::to_string(i % 300));
    none.append_missing();
  }
  for (Column* column : {&number, &whole, &wide, &truth, &word, &none}) table.add(std::move(*column));
  const tables::Table back = decode_chunk(encode_chunk(table));
  ASSERT_EQ(back.column_count(), table.column_count());
  for (const Column& column : table.columns()) {
    const Column& other = back.get(column.name());
    EXPECT_EQ(other.type(), column.type());
    for (size_t row = 0; row < column.size(); ++row) {
      ASSERT_EQ(other.is_missing(row), column.is_missing(row)) << column.name() << " " << row;
      ASSERT_EQ(other.display(row), column.display(row)) << column.name() << " " << row;
    }
  }
  EXPECT_EQ(encode_chunk(back), encode_chunk(table));
}

TEST(ChunkCodec, DamagedBytesAreDataLossNeverACrash) {
  Column word("word", ColumnType::kText);
  for (int i = 0; i < 20; ++i) word.append_text(std::to_string(i));
  tables::Table table;
  table.add(std::move(word));
  const std::string good = encode_chunk(table);
  for (size_t cut = 0; cut < good.size(); ++cut) EXPECT_THROW(decode_chunk(good.substr(0, cut)), Error) << cut;
  for (size_t at = 0; at < good.size(); ++at) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 0x55);
    try {
      decode_chunk(bad);
    } catch (const Error&) {  // or it reads as another table: the bytes carry no checksum
    }
  }
}

}  // namespace
}  // namespace slipway::monitoring
