#include "domains/genai/datasets.h"

#include "domains/genai/genai_fixture.h"

namespace slipway::genai {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class DatasetsTest : public GenaiOnBoth {
 protected:
  Dataset made(const std::string& name, std::vector<ExperimentId> experiments = {}, std::vector<Tag> tags = {}) {
    return datasets().create({name, std::move(tags), std::move(experiments)});
  }

  static NewRecord record(const std::string& inputs, std::optional<std::string> expectations = std::nullopt,
                          std::optional<std::string> tags = std::nullopt) {
    NewRecord out;
    out.inputs = inputs;
    out.expectations = std::move(expectations);
    out.tags = std::move(tags);
    return out;
  }

  std::vector<Record> all(const Dataset& dataset) { return datasets().records(dataset.id, 1000, "").items; }

  std::vector<std::string> found(const std::string& filter, std::vector<std::string> order_by = {},
                                 const std::vector<ExperimentId>& experiments = {}) {
    Search search;
    search.filter = filter;
    search.order_by = std::move(order_by);
    std::vector<std::string> out;
    for (const Dataset& one : datasets().search(experiments, search).items) out.push_back(one.name);
    return out;
  }
};
ON_BOTH_DATABASES(DatasetsTest);

TEST_P(DatasetsTest, AreMadeTaggedAndRemoved) {
  const ExperimentId one = experiment("one");
  const ExperimentId two = experiment("two");
  const Dataset dataset = made("questions", {one, two}, {{"team", "a"}, {"mlflow.user", "ann"}});
  EXPECT_THAT(dataset.id.value, ::testing::MatchesRegex("d-[0-9a-f]{32}"));
  EXPECT_EQ(dataset.created_by, "ann");
  EXPECT_EQ(dataset.schema, std::nullopt);
  EXPECT_THAT(datasets().experiments_of(dataset.id), ElementsAre(one, two));
  datasets().set_tags(dataset.id, {{"team", "b"}, {"new", "c"}});
  datasets().delete_tag(dataset.id, "mlflow.user");
  datasets().delete_tag(dataset.id, "none");
  EXPECT_THAT(datasets().get(dataset.id).tags, ElementsAre(Tag{"new", "c"}, Tag{"team", "b"}));
  datasets().upsert(dataset.id, {record(R"({"q": 1})")});
  datasets().remove(dataset.id);
  datasets().remove(dataset.id);
  fault(ErrorCode::kNotFound, [&] { datasets().get(dataset.id); });
  fault(ErrorCode::kNotFound, [&] { datasets().set_tags(dataset.id, {{"a", "b"}}); });
  fault(ErrorCode::kNotFound, [&] { datasets().upsert(dataset.id, {record("{}")}); });
  EXPECT_THAT(datasets().experiments_of(dataset.id), IsEmpty());
  EXPECT_THAT(all(dataset), IsEmpty());
  for (const char* table : {"evaluation_records", "evaluation_dataset_tags", "evaluation_dataset_experiments"})
    EXPECT_EQ(rows(table), 0) << table;
  fault(ErrorCode::kNotFound, [&] { made("lost", {ExperimentId("999999")}); });
  fault(ErrorCode::kInvalidArgument, [&] { made("  "); });
  EXPECT_EQ(rows("evaluation_datasets"), 0) << "what failed left nothing";
}

TEST_P(DatasetsTest, GoIntoExperimentsAndOut) {
  const ExperimentId one = experiment("one");
  const ExperimentId two = experiment("two");
  const Dataset dataset = made("questions", {one});
  clock_.advance_ms(5);
  EXPECT_EQ(datasets().add_to_experiments(dataset.id, {two, one}).updated_ms, dataset.updated_ms + 5);
  EXPECT_THAT(datasets().experiments_of(dataset.id), ElementsAre(one, two));
  datasets().remove_from_experiments(dataset.id, {one});
  datasets().remove_from_experiments(dataset.id, {one});
  EXPECT_THAT(datasets().experiments_of(dataset.id), ElementsAre(two));
  EXPECT_THAT(fault(ErrorCode::kNotFound, [&] { datasets().add_to_experiments(dataset.id, {ExperimentId("999999")}); }),
              HasSubstr("No Experiment with id=999999"));
  fault(ErrorCode::kNotFound, [&] { datasets().remove_from_experiments(DatasetId("d-none"), {one}); });
}

TEST_P(DatasetsTest, AreFoundByWhatTheyAre) {
  const ExperimentId one = experiment("one");
  const ExperimentId two = experiment("two");
  made("a", {one}, {{"level", "high"}, {"mlflow.user", "ann"}});
  clock_.advance_ms(10);
  made("b", {one, two}, {{"level", "low"}});
  clock_.advance_ms(10);
  made("c");
  EXPECT_THAT(found(""), ElementsAre("c", "b", "a"));
  EXPECT_THAT(found("", {"name ASC"}), ElementsAre("a", "b", "c"));
  EXPECT_THAT(found("", {"created_time"}, {one, two}), ElementsAre("a", "b")) << "each once";
  EXPECT_THAT(found("", {}, {two}), ElementsAre("b"));
  EXPECT_THAT(found("tags.level = 'high'"), ElementsAre("a"));
  EXPECT_THAT(found("tags.level != 'high'"), ElementsAre("b"));
  EXPECT_THAT(found("created_by = 'ann'"), ElementsAre("a"));
  EXPECT_THAT(found("name IN ('a', 'c') AND created_time >= 1700000000020"), ElementsAre("c"));
  EXPECT_THAT(found("name ILIKE 'B%'"), ElementsAre("b"));
  for (const char* wrong : {"color = 'red'", "params.a = 'b'", "name > 'a'", "created_time = 'now'", "tags.a IN ('b')"})
    fault(ErrorCode::kInvalidArgument, [&] { found(wrong); });
  fault(ErrorCode::kInvalidArgument, [&] { found("", {"created_by"}); });
  Search search;
  search.max_results = 2;
  const auto first = datasets().search({}, search);
  ASSERT_TRUE(first.next);
  search.page_token = *first.next;
  const auto second = datasets().search({}, search);
  EXPECT_THAT(second.items, SizeIs(1));
  EXPECT_FALSE(second.next);
}

TEST_P(DatasetsTest, RecordsWithTheSameInputsAreOne) {
  const Dataset dataset = made("questions");
  auto counts = datasets().upsert(
      dataset.id,
      {record(R"({"q": "x", "n": 1})", R"({"answer": "a", "score": 0.8})", R"({"v": "1", "mlflow.user": "ann"})"),
       record(R"({"q": "y"})"), record(R"({"n": 1, "q": "x"})", R"({"answer": "b"})", R"({"v": "2"})")});
  EXPECT_EQ(counts.inserted, 2);
  EXPECT_EQ(counts.updated, 1);
  clock_.advance_ms(7);
  NewRecord again = record(R"({"q":"x","n":1})", R"({"more": [1, 2.50, null]})", R"({"mlflow.user": "bob"})");
  again.outputs = "\"done\"";
  counts = datasets().upsert(dataset.id, {again, record(R"({"q": "x", "n": 1.0})")});
  EXPECT_EQ(counts.inserted, 1) << "1 and 1.0 are not the same";
  EXPECT_EQ(counts.updated, 1);
  const auto records = all(dataset);
  ASSERT_THAT(records, SizeIs(3));
  EXPECT_EQ(records[0].inputs, R"({"q": "x", "n": 1})");
  EXPECT_EQ(records[0].expectations, R"({"answer": "b", "score": 0.8, "more": [1, 2.5, null]})");
  EXPECT_EQ(records[0].tags, R"({"v": "2", "mlflow.user": "bob"})");
  EXPECT_EQ(records[0].outputs, "\"done\"");
  EXPECT_EQ(records[0].created_by, "ann");
  EXPECT_EQ(records[0].updated_by, "bob");
  EXPECT_GT(records[0].updated_ms, records[0].created_ms);
  EXPECT_EQ(records[1].outputs, "{}");
  EXPECT_EQ(records[1].expectations, std::nullopt);
  EXPECT_EQ(datasets().get(dataset.id).record_count, 3);
  EXPECT_EQ(datasets().get(dataset.id).updated_by, "bob");
  again.outputs = "null";
  datasets().upsert(dataset.id, {again});
  EXPECT_EQ(all(dataset)[0].outputs, std::nullopt);
}

TEST_P(DatasetsTest, SourcesAreKept) {
  const Dataset dataset = made("questions");
  NewRecord of_trace = record(R"({"q": 1})");
  of_trace.source = RecordSource{"trace", R"({"trace_id": "tr-1"})"};
  NewRecord of_document = record(R"({"q": 2})");
  of_document.source = RecordSource{"DOCUMENT", R"({"source_id": "page 7"})"};
  datasets().upsert(dataset.id, {of_trace, of_document});
  const auto records = all(dataset);
  EXPECT_EQ(records[0].source->type, "TRACE");
  EXPECT_EQ(records[0].source_id, "tr-1");
  EXPECT_EQ(records[1].source_id, "page 7");
  of_trace.source->type = "RUMOUR";
  fault(ErrorCode::kInvalidArgument, [&] { datasets().upsert(dataset.id, {of_trace}); });
  fault(ErrorCode::kInvalidArgument, [&] { datasets().upsert(dataset.id, {record("[1]")}); });
  fault(ErrorCode::kInvalidArgument, [&] { datasets().upsert(dataset.id, {record("{}", "[1]")}); });
  fault(ErrorCode::kInvalidArgument, [&] { datasets().upsert(dataset.id, {record("{}", std::nullopt, "1")}); });
}

TEST_P(DatasetsTest, SchemaGrowsAndDigestChangesWithRecords) {
  const Dataset dataset = made("questions");
  datasets().upsert(dataset.id, {record(R"({"q": "x", "t": 0.5, "n": 1, "b": true, "l": [], "o": {}, "z": null})")});
  const Dataset first = datasets().get(dataset.id);
  EXPECT_EQ(first.schema,
            R"({"inputs": {"q": "string", "t": "float", "n": "integer", "b": "boolean", "l": "array", "o": "object", )"
            R"("z": "null"}, "outputs": {}, "expectations": {}, "version": "1.0"})");
  EXPECT_NE(first.digest, dataset.digest);
  NewRecord more = record(R"({"q": 5, "w": 1})", R"({"a": "b"})");
  more.outputs = "\"text\"";
  datasets().upsert(dataset.id, {more});
  const Dataset second = datasets().get(dataset.id);
  EXPECT_EQ(second.schema,
            R"({"inputs": {"q": "string", "t": "float", "n": "integer", "b": "boolean", "l": "array", "o": "object", )"
            R"("z": "null", "w": "integer"}, "outputs": "string", "expectations": {"a": "string"}, "version": "1.0"})");
  EXPECT_NE(second.digest, first.digest) << "though the clock stood still";
  datasets().set_tags(dataset.id, {{"a", "b"}});
  EXPECT_EQ(datasets().get(dataset.id).digest, second.digest);
  std::string wide = "{";
  for (int i = 0; i < 2000; ++i) wide += text::concat(i == 0 ? "" : ", ", "\"f", i, "\": 1");
  datasets().upsert(dataset.id, {record(wide + "}")});
  EXPECT_LT(datasets().get(dataset.id).schema->size(), 30'000U);
}

TEST_P(DatasetsTest, RecordsComeInPagesAndGo) {
  const Dataset dataset = made("questions");
  const Dataset other = made("others");
  std::vector<NewRecord> many;
  for (int i = 0; i < 450; ++i) many.push_back(record(text::concat("{\"i\": ", i, "}")));
  EXPECT_EQ(datasets().upsert(dataset.id, many).inserted, 450);
  EXPECT_EQ(datasets().upsert(other.id, many).inserted, 450);
  std::vector<std::string> inputs;
  std::vector<RecordId> ids;
  std::string token;
  int pages = 0;
  do {
    const auto page = datasets().records(dataset.id, 150, token);
    for (const Record& one : page.items) inputs.push_back(one.inputs);
    for (const Record& one : page.items) ids.push_back(one.id);
    token = page.next.value_or("");
    ++pages;
  } while (!token.empty());
  EXPECT_EQ(pages, 3);
  ASSERT_THAT(inputs, SizeIs(450));
  EXPECT_EQ(inputs.front(), "{\"i\": 0}");
  EXPECT_EQ(inputs.back(), "{\"i\": 449}");
  EXPECT_EQ(datasets().remove_records(other.id, ids), 0) << "they are of another";
  ids.resize(440);
  EXPECT_EQ(datasets().remove_records(dataset.id, ids), 440);
  EXPECT_EQ(datasets().remove_records(dataset.id, ids), 0);
  EXPECT_EQ(datasets().get(dataset.id).record_count, 10);
  EXPECT_THAT(all(dataset), SizeIs(10));
  fault(ErrorCode::kInvalidArgument, [&] { datasets().records(dataset.id, 0, ""); });
  fault(ErrorCode::kInvalidArgument, [&] { datasets().records(dataset.id, 1, "no token"); });
}

TEST_P(DatasetsTest, APageEndsWhenItIsLarge) {
  const Dataset dataset = made("questions");
  const std::string large(size_t{6} << 20U, 'x');
  for (int i = 0; i < 4; ++i) datasets().upsert(dataset.id, {record(text::concat("{\"", i, "\": \"", large, "\"}"))});
  const auto first = datasets().records(dataset.id, 1000, "");
  EXPECT_THAT(first.items, SizeIs(3));
  ASSERT_TRUE(first.next);
  EXPECT_THAT(datasets().records(dataset.id, 1000, *first.next).items, SizeIs(1));
}

}  // namespace
}  // namespace slipway::genai
