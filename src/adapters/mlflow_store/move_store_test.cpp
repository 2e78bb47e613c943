#include "adapters/mlflow_store/move_store.h"

#include <map>

#include "adapters/mlflow_store/slipway_store.h"
#include "domains/genai/genai.h"
#include "domains/registry/registry.h"
#include "domains/traces/tracing.h"
#include "domains/tracking/tracking_fixture.h"
#include "foundation/base/files.h"

namespace slipway::mlflow_store {

namespace {

using tracking::RunId;
using tracking::TrackingFixture;

// Two Slipways: one that is filled by its own calls, and one that things move to.
class MoveTest : public TrackingFixture {
 protected:
  MoveTest() {
    const auto iris = experiment("iris");
    const auto run = run_in(iris, "first", {{"color", "red"}});
    tracking_.log_batch(run.info.id, {{point("loss", 0.5, 1, 0), point("loss", 0.25, 2, 1)}, {{"lr", "0.1"}}, {}});
    run_ = run.info.id;
    registry_.create_model("model", "what it is", {{"x", "y"}});
    registry::NewVersion version;
    version.name = "model";
    version.source = run.info.artifact_uri + "/model";
    version.run_id = run_.value;
    for (int i = 0; i < 3; ++i) registry_.create_version(version);
    registry_.delete_version("model", 3);
    registry_.set_alias("model", "champion", 2);
    traces::Trace trace;
    trace.id = traces::TraceId("tr-1");
    trace.experiment_id = iris;
    trace.state = "OK";
    trace.tags = {{"a", "b"}};
    tracing_.traces().put(trace);
    traces::Span span;
    span.trace_id = trace.id;
    span.span_id = "0123456789abcdef";
    span.name = "root";
    span.start_ns = 5;
    span.end_ns = 9;
    tracing_.traces().log_spans(iris, {{{}, {span}}}, run_.value);
    blobs_->put("artifacts/" + iris.value + "/" + run_.value + "/artifacts/a/b.txt", "content");
  }

  // One of everything that the genai domain keeps.
  void add_evaluation() {
    const tracking::ExperimentId iris = tracking_.get_run(run_).info.experiment_id;
    const genai::Dataset dataset = genai_.datasets().create({"questions", {{"mlflow.user", "me"}}, {iris}});
    genai::NewRecord first;
    first.inputs = R"({"q": "why?", "n": 1.0})";
    first.outputs = R"(["because", null])";
    first.expectations = R"({"tone": "calm"})";
    first.source = genai::RecordSource{"HUMAN", R"({"user": "me"})"};
    genai::NewRecord second;
    second.inputs = R"({"q": "how?"})";
    genai_.datasets().upsert(dataset.id, {first, second});
    genai_.scorers().add(iris, "kind", "{}");
    genai_.scorers().add(iris, "kind", R"({"b": 2})");
    genai_.scorers().set_online(iris, "kind", 0.5, "name = 'x'", [](const std::string&) {});
    genai::Issue issue;
    issue.experiment_id = iris;
    issue.name = "slow";
    issue.description = "answers take long";
    issue.severity = "low";
    issue.root_causes = {"a, b", "c"};
    genai_.issues().add(issue);
    dataset_ = dataset.id;
  }

  Report move(bool only_look = false, const std::string& prefix = "") {
    SlipwayTarget target(*other_.database, *other_.blobs, "other", only_look);
    Report out;
    database_->read([&](sql::Transaction& transaction) {
      SlipwaySource source(transaction, *blobs_, "this");
      MoveOptions options;
      options.only_look = only_look;
      options.rename_prefix = prefix;
      out = move_store(source, target, options);
    });
    return out;
  }

  struct Other {
    files::TemporaryFolder folder;
    std::unique_ptr<sql::Database> database = sql::open_database("sqlite::memory:");
    std::unique_ptr<blobs::BlobStore> blobs = blobs::open_blob_store(folder.file("blobs"));
    ManualClock clock{5};
    SeededIdSource ids{8};
    jobs::EventBus events;
    tracking::Tracking tracking{*database, clock, ids, events};
    tracking::LoggedModels models{*database, clock, ids};
    traces::Tracing tracing{*database, tracking, clock, ids};
    genai::Genai genai{*database, tracing, clock, ids};
    registry::Registry registry{*database, tracking, models, clock, events};
  };

  files::TemporaryFolder folder_;
  std::unique_ptr<blobs::BlobStore> blobs_ = blobs::open_blob_store(folder_.file("blobs"));
  traces::Tracing tracing_{*database_, tracking_, clock_, ids_};
  genai::Genai genai_{*database_, tracing_, clock_, ids_};
  registry::Registry registry_{*database_, tracking_, models_, clock_, events_};
  RunId run_;
  genai::DatasetId dataset_{""};
  Other other_;
};

TEST_F(MoveTest, EverythingArrives) {
  const Report report = move();
  EXPECT_TRUE(report.is_complete());
  EXPECT_EQ(report.tally[Kind::kMetricPoints].in_target, 2);
  EXPECT_EQ(report.tally[Kind::kArtifacts].moved, 1);
  EXPECT_EQ(report.artifact_bytes, 7u);
  const tracking::Run run = other_.tracking.get_run(run_);
  EXPECT_EQ(run.info.name, "first");
  EXPECT_EQ(run.info.artifact_uri, tracking_.get_run(run_).info.artifact_uri);
  EXPECT_EQ(run.metrics[0].value, 0.25);
  EXPECT_EQ(other_.registry.find_by_alias("model", "champion")->version, 2);
  registry::NewVersion next;
  next.name = "model";
  next.source = run.info.artifact_uri;
  next.run_id = run_.value;
  EXPECT_EQ(other_.registry.create_version(next).version, 4) << "the number of a deleted version stays taken";
  EXPECT_EQ(other_.tracing.traces().spans(traces::TraceId("tr-1"), std::nullopt, 10).size(), 1u);
}

TEST_F(MoveTest, ASecondMoveFindsEverything) {
  move();
  const Report report = move();
  EXPECT_TRUE(report.is_complete());
  for (size_t i = 0; i < kKinds; ++i) EXPECT_EQ(report.tally[static_cast<Kind>(i)].moved, 0) << i;
  EXPECT_EQ(report.tally[Kind::kArtifacts].already, 1);
}

TEST_F(MoveTest, WhatIsMissingIsAdded) {
  move();
  tracking_.log_batch(run_, {{point("loss", 0.1, 3, 2)}, {}, {}});
  const Report report = move();
  EXPECT_TRUE(report.is_complete());
  EXPECT_EQ(report.tally[Kind::kMetricPoints].moved, 1);
  EXPECT_EQ(report.tally[Kind::kMetricPoints].already, 2);
}

TEST_F(MoveTest, LookingWritesNothing) {
  const Report report = move(true);
  EXPECT_EQ(report.tally[Kind::kRuns].moved, 1);
  EXPECT_EQ(report.tally[Kind::kMetricPoints].moved, 2);
  EXPECT_EQ(report.tally[Kind::kArtifacts].moved, 1);
  EXPECT_FALSE(other_.tracking.find_experiment_by_name("iris"));
  EXPECT_FALSE(other_.blobs->find("artifacts/1/" + run_.value + "/artifacts/a/b.txt"));
}

TEST_F(MoveTest, CollidingExperimentsAreRefusedOrRenamed) {
  other_.tracking.create_experiment({"mine", "", {}});
  const std::string told = fault(ErrorCode::kFailedPrecondition, [&] { move(); });
  EXPECT_NE(told.find("experiment 1 'iris': 1 is 'mine'"), std::string::npos) << told;
  EXPECT_FALSE(other_.tracking.find_experiment_by_name("iris"));
  const Report report = move(false, "old/");
  EXPECT_TRUE(report.is_complete());
  const auto moved = other_.tracking.find_experiment_by_name("old/iris");
  ASSERT_TRUE(moved);
  EXPECT_EQ(moved->id.value, "2");
  EXPECT_EQ(moved->artifact_location, "mlflow-artifacts:/2");
  EXPECT_EQ(other_.tracking.get_run(run_).info.experiment_id.value, "2");
  EXPECT_TRUE(other_.blobs->find("artifacts/2/" + run_.value + "/artifacts/a/b.txt"));
  EXPECT_EQ(move(false, "old/").tally[Kind::kRuns].already, 1);
}

TEST_F(MoveTest, OtherContentStaysAndIsTold) {
  move();
  registry_.set_model_description("model", "something else");
  blobs_->put("artifacts/1/" + run_.value + "/artifacts/a/b.txt", "CONTENT");
  tracking_.set_tag(run_, {"color", "blue"});
  const Report report = move();
  EXPECT_FALSE(report.is_complete());
  ASSERT_EQ(report.problem_count, 2);
  EXPECT_EQ(report.problems[0], "run " + run_.value + " was left alone: tag 'color' is 'red' here and 'blue' there");
  EXPECT_NE(report.problems[1].find("description"), std::string::npos);
  EXPECT_EQ(report.tally[Kind::kMetricPoints].in_target, 0) << "what hangs on a run that differs is not looked at";
  EXPECT_EQ(other_.registry.get_model("model").description, "what it is");
}

TEST_F(MoveTest, AFileWithOtherContentStays) {
  move();
  blobs_->put("artifacts/1/" + run_.value + "/artifacts/a/b.txt", "CONTENT");
  const Report report = move();
  EXPECT_EQ(report.problem_count, 1);
  EXPECT_EQ(other_.blobs->get("artifacts/1/" + run_.value + "/artifacts/a/b.txt"), "content");
}

TEST_F(MoveTest, EvaluationDatasetsScorersAndIssuesArrive) {
  add_evaluation();
  EXPECT_EQ(move(true).tally[Kind::kEvaluationRecords].moved, 2);
  EXPECT_FALSE(other_.database->read_value<int64_t>([](sql::Transaction& transaction) {
    return transaction.query_int("SELECT count(*) FROM evaluation_datasets").value();
  })) << "looking changes nothing";
  const Report report = move();
  EXPECT_TRUE(report.is_complete()) << text::join(report.problems, "\n");
  for (const Kind kind : {Kind::kEvaluationDatasets, Kind::kEvaluationDatasetTags, Kind::kEvaluationDatasetLinks,
                          Kind::kScorers, Kind::kOnlineScorings, Kind::kIssues}) {
    EXPECT_EQ(report.tally[kind].in_target, 1) << mlflow_store::name_of(kind);
  }
  EXPECT_EQ(report.tally[Kind::kEvaluationRecords].in_target, 2);
  EXPECT_EQ(report.tally[Kind::kScorerVersions].in_target, 2);
  const genai::Dataset here = genai_.datasets().get(dataset_);
  const genai::Dataset there = other_.genai.datasets().get(dataset_);
  EXPECT_EQ(there.digest, here.digest);
  EXPECT_EQ(there.schema, here.schema);
  EXPECT_EQ(there.record_count, 2);
  const auto ours = genai_.datasets().records(dataset_, 10, "");
  const auto theirs = other_.genai.datasets().records(dataset_, 10, "");
  ASSERT_EQ(theirs.items.size(), ours.items.size());
  for (size_t i = 0; i < ours.items.size(); ++i) EXPECT_EQ(genai::difference(ours.items[i], theirs.items[i]), "");
  const Report again = move();
  EXPECT_TRUE(again.is_complete());
  EXPECT_EQ(again.tally[Kind::kEvaluationRecords].already, 2);
  EXPECT_EQ(again.tally[Kind::kIssues].already, 1);
}

TEST_F(MoveTest, ADatasetThatWasChangedThereIsLeftAlone) {
  add_evaluation();
  move();
  genai::NewRecord more;
  more.inputs = R"({"q": "when?"})";
  other_.genai.datasets().upsert(dataset_, {more});
  const Report report = move();
  EXPECT_FALSE(report.is_complete());
  ASSERT_EQ(report.problem_count, 1);
  EXPECT_NE(report.problems[0].find("evaluation dataset 'questions' was left alone: digest"), std::string::npos)
      << report.problems[0];
  EXPECT_EQ(other_.genai.datasets().get(dataset_).record_count, 3);
}

}  // namespace

}  // namespace slipway::mlflow_store
