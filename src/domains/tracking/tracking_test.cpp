#include "domains/tracking/tracking.h"

#include <cmath>
#include <limits>

#include "domains/tracking/tracking_fixture.h"
#include "foundation/base/json.h"

namespace slipway::tracking {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

std::string value_of_tag(const std::vector<Tag>& tags, const std::string& key) {
  for (const Tag& tag : tags) {
    if (tag.key == key) return tag.value;
  }
  return "(none)";
}

class Experiments : public TrackingFixture {};
class Runs : public TrackingFixture {};
class Metrics : public TrackingFixture {};

TEST_F(Experiments, TheDefaultOneIsThereFromTheStart) {
  EXPECT_EQ(tracking_.get_experiment(ExperimentId("0")).name, "Default");
  EXPECT_EQ(tracking_.find_experiment_by_name("Default")->id.value, "0");
  const Tracking again(*database_, clock_, ids_, events_);
  EXPECT_THAT(tracking_.search_experiments({}).items, SizeIs(1));
}

TEST_F(Experiments, CarryPlaceTimesAndTags) {
  const ExperimentId id = tracking_.create_experiment({"a", "", {{"team", "x"}}});
  const Experiment found = tracking_.get_experiment(id);
  EXPECT_EQ(found.artifact_location, "mlflow-artifacts:/" + id.value);
  EXPECT_EQ(found.created_ms, clock_.now_ms());
  EXPECT_THAT(found.tags, ElementsAre(Tag{"team", "x"}));
}

TEST_F(Experiments, ANameIsTakenEvenByADeletedOne) {
  const ExperimentId id = experiment("a");
  tracking_.delete_experiment(id);
  EXPECT_THAT(fault(ErrorCode::kAlreadyExists, [&] { experiment("a"); }), HasSubstr("already exists"));
  EXPECT_EQ(tracking_.find_experiment_by_name("a")->lifecycle, Lifecycle::kDeleted);
}

TEST_F(Experiments, DeletingAndRestoringTakesTheRunsAlong) {
  const ExperimentId id = experiment();
  const RunId run = run_in(id).info.id;
  tracking_.delete_experiment(id);
  EXPECT_EQ(tracking_.get_run(run).info.lifecycle, Lifecycle::kDeleted);
  fault(ErrorCode::kNotFound, [&] { tracking_.delete_experiment(id); });
  fault(ErrorCode::kInvalidArgument, [&] { run_in(id); });
  fault(ErrorCode::kFailedPrecondition, [&] { tracking_.rename_experiment(id, "b"); });
  tracking_.restore_experiment(id);
  EXPECT_EQ(tracking_.get_run(run).info.lifecycle, Lifecycle::kActive);
  fault(ErrorCode::kNotFound, [&] { tracking_.restore_experiment(id); });
}

TEST_F(Experiments, RestoringLeavesWhatWasDeletedByItself) {
  const ExperimentId id = experiment();
  const RunId before = run_in(id).info.id;
  const RunId with = run_in(id).info.id;
  const RunId both = run_in(id).info.id;
  tracking_.delete_run(before);
  tracking_.delete_experiment(id);  // at the same time on the clock
  tracking_.delete_run(both);
  tracking_.restore_experiment(id);
  EXPECT_EQ(tracking_.get_run(before).info.lifecycle, Lifecycle::kDeleted);
  EXPECT_EQ(tracking_.get_run(with).info.lifecycle, Lifecycle::kActive);
  EXPECT_EQ(tracking_.get_run(both).info.lifecycle, Lifecycle::kDeleted);
  tracking_.restore_run(before);
  tracking_.delete_experiment(id);
  tracking_.restore_experiment(id);
  EXPECT_EQ(tracking_.get_run(before).info.lifecycle, Lifecycle::kActive);
}

TEST_F(Experiments, SearchFiltersOrdersAndPages) {
  for (const char* name : {"alpha", "beta", "gamma"}) {
    clock_.advance_ms(10);
    const ExperimentId id = experiment(name);
    tracking_.set_experiment_tag(id, {"first", std::string(1, name[0])});
  }
  Search search;
  search.filter = "name LIKE '%a' AND tags.first != 'b'";
  search.order_by = {"name DESC"};
  search.max_results = 1;
  const auto first = tracking_.search_experiments(search);
  ASSERT_THAT(first.items, SizeIs(1));
  EXPECT_EQ(first.items[0].name, "gamma");
  search.page_token = *first.next;
  const auto second = tracking_.search_experiments(search);
  ASSERT_THAT(second.items, SizeIs(1));
  EXPECT_EQ(second.items[0].name, "alpha");
  EXPECT_FALSE(second.next.has_value());
  EXPECT_EQ(tracking_.search_experiments({}).items[0].name, "gamma");
}

TEST_F(Experiments, BadNamesAndPlacesAreRefused) {
  for (const char* place :
       {"runs:/x", "s3://a/../b", "s3://a?x=/../b", "mlflow-artifacts:/%2e%2e/x", "s3://a#b", "file:/a%23b", "a\\b"}) {
    fault(ErrorCode::kInvalidArgument, [&] { tracking_.create_experiment({"x", place, {}}); });
  }
  tracking_.create_experiment({"a folder of the client", "/shared/c#/x", {}});
  fault(ErrorCode::kInvalidArgument, [&] { experiment("  "); });
  fault(ErrorCode::kInvalidArgument, [&] { experiment(std::string(501, 'x')); });
  fault(ErrorCode::kInvalidArgument, [&] { tracking_.get_experiment(ExperimentId("abc")); });
  fault(ErrorCode::kNotFound, [&] { tracking_.get_experiment(ExperimentId("999")); });
}

TEST_F(Runs, AreNamedPlacedAndAnnounced) {
  const ExperimentId id = experiment();
  const tracking::Run run = run_in(id);
  EXPECT_EQ(run.info.artifact_uri, "mlflow-artifacts:/" + id.value + "/" + run.info.id.value + "/artifacts");
  EXPECT_FALSE(run.info.name.empty());
  EXPECT_EQ(value_of_tag(run.tags, "mlflow.runName"), run.info.name);
  RunUpdate end;
  end.status = RunStatus::kFinished;
  end.end_ms = 5;
  EXPECT_EQ(*tracking_.update_run(run.info.id, end).end_ms, 5);
  tracking_.update_run(run.info.id, end);
  ASSERT_THAT(published(), SizeIs(2));
  EXPECT_EQ(published()[0].kind, "run.created");
  EXPECT_EQ(published()[1].kind, "run.finished");
  EXPECT_EQ(published()[1].attributes.at("status"), "FINISHED");
}

TEST_F(Runs, ThatGoOnHaveNoEnd) {
  const RunId run = run_in(experiment()).info.id;
  RunUpdate end;
  end.status = RunStatus::kFinished;
  end.end_ms = 5;
  tracking_.update_run(run, end);
  RunUpdate rename;
  rename.name = "again";
  EXPECT_EQ(tracking_.update_run(run, rename).end_ms, 5);
  RunUpdate resume;
  resume.status = RunStatus::kRunning;
  EXPECT_EQ(tracking_.update_run(run, resume).end_ms, std::nullopt);
  EXPECT_EQ(tracking_.get_run(run).info.end_ms, std::nullopt);
  tracking_.update_run(run, end);
  resume.end_ms = end.end_ms;
  EXPECT_EQ(tracking_.update_run(run, resume).end_ms, std::nullopt) << "as the stock client resumes";
  resume.end_ms = 7;
  EXPECT_EQ(tracking_.update_run(run, resume).end_ms, 7) << "who says both knows why";
}

TEST_F(Runs, NameAndNameTagAgree) {
  const ExperimentId id = experiment();
  EXPECT_EQ(run_in(id, "", {{"mlflow.runName", "tagged"}}).info.name, "tagged");
  fault(ErrorCode::kInvalidArgument, [&] { run_in(id, "one", {{"mlflow.runName", "two"}}); });
  const RunId run = run_in(id, "one").info.id;
  tracking_.set_tag(run, {"mlflow.runName", "renamed"});
  EXPECT_EQ(tracking_.get_run(run).info.name, "renamed");
  RunUpdate update;
  update.name = "again";
  tracking_.update_run(run, update);
  EXPECT_EQ(value_of_tag(tracking_.get_run(run).tags, "mlflow.runName"), "again");
}

TEST_F(Runs, NothingIsWrittenToDeletedOrUnknownOnes) {
  const RunId run = run_in(experiment()).info.id;
  tracking_.delete_run(run);
  tracking_.delete_run(run);
  EXPECT_THAT(fault(ErrorCode::kInvalidArgument, [&] { tracking_.log_metric(run, point("a", 1)); }),
              HasSubstr("must be in the 'active' state"));
  EXPECT_THAT(fault(ErrorCode::kNotFound, [&] { tracking_.log_metric(RunId("nope"), point("a", 1)); }),
              HasSubstr("Run with id=nope not found"));
  tracking_.restore_run(run);
  tracking_.log_metric(run, point("a", 1));
}

TEST_F(Runs, ParamsNeverChange) {
  const RunId run = run_in(experiment()).info.id;
  tracking_.log_param(run, {"lr", "0.1"});
  tracking_.log_param(run, {"lr", "0.1"});
  EXPECT_THAT(fault(ErrorCode::kInvalidArgument,
                    [&] {
                      tracking_.log_param(run, {"lr", "0.2"});
                    }),
              HasSubstr("Param with key='lr' was already logged with value='0.1'"));
  Batch batch;
  batch.params = {{"new", "1"}, {"lr", "0.3"}};
  batch.metrics = {point("m", 1)};
  EXPECT_THAT(fault(ErrorCode::kInvalidArgument, [&] { tracking_.log_batch(run, batch); }),
              HasSubstr("'new_value': '0.3'"));
  EXPECT_THAT(tracking_.get_run(run).params, SizeIs(1)) << "a batch is all or nothing";
  EXPECT_THAT(tracking_.get_run(run).metrics, SizeIs(0));
  batch.params = {{"x", "1"}, {"x", "1"}};
  EXPECT_THAT(fault(ErrorCode::kInvalidArgument, [&] { tracking_.log_batch(run, batch); }), HasSubstr("['x']"));
}

TEST_F(Runs, LongValuesAreCutAndBadKeysNamedByPlace) {
  const RunId run = run_in(experiment()).info.id;
  tracking_.log_param(run, {"long", std::string(7000, 'x')});
  tracking_.set_tag(run, {"long", std::string(9000, 'y')});
  const tracking::Run found = tracking_.get_run(run);
  EXPECT_EQ(found.params[0].value.size(), 6000U);
  EXPECT_EQ(value_of_tag(found.tags, "long").size(), 8000U);
  Batch batch;
  batch.metrics = {point("fine/ok", 1), point("../up", 1)};
  EXPECT_THAT(fault(ErrorCode::kInvalidArgument, [&] { tracking_.log_batch(run, batch); }),
              HasSubstr("metrics[1].name"));
  for (const char* key : {"", "/a", "a/", "a//b", ".", "..", "a/../b", "a;b", "a?b"}) {
    fault(ErrorCode::kInvalidArgument, [&] { tracking_.log_metric(run, point(key, 1)); });
  }
  tracking_.log_metric(run, point("größe: a.b-c/d_e 1", 1));
}

TEST_F(Runs, BatchesHaveLimits) {
  const RunId run = run_in(experiment()).info.id;
  Batch batch;
  for (int i = 0; i < 1001; ++i) batch.metrics.push_back(point("m", i, i));
  EXPECT_THAT(fault(ErrorCode::kInvalidArgument, [&] { tracking_.log_batch(run, batch); }),
              HasSubstr("at most 1000 metrics"));
  batch.metrics.pop_back();
  tracking_.log_batch(run, batch);
  EXPECT_THAT(tracking_.metric_history(run, "m", std::nullopt, "").items, SizeIs(1000));
}

TEST_F(Runs, InputsAndOutputsAreKeptOnce) {
  const RunId run = run_in(experiment()).info.id;
  DatasetInput input;
  input.dataset = {"train", "d1", "local", "{}", "schema", std::nullopt};
  input.tags = {{"mlflow.data.context", "training"}};
  tracking_.log_inputs(run, {input}, {LoggedModelId("m-1")});
  input.tags = {{"mlflow.data.context", "other"}};
  tracking_.log_inputs(run, {input}, {LoggedModelId("m-1")});
  tracking_.log_outputs(run, {{LoggedModelId("m-2"), 3}});
  const tracking::Run found = tracking_.get_run(run);
  ASSERT_THAT(found.dataset_inputs, SizeIs(1));
  EXPECT_EQ(found.dataset_inputs[0].tags[0].value, "training") << "the first tags stay";
  EXPECT_EQ(*found.dataset_inputs[0].dataset.schema, "schema");
  EXPECT_THAT(found.model_inputs, SizeIs(1));
  ASSERT_THAT(found.model_outputs, SizeIs(1));
  EXPECT_EQ(found.model_outputs[0].step, 3);
}

TEST_F(Runs, ModelsLoggedTheOldWayPileUpInOneTag) {
  const RunId run = run_in(experiment()).info.id;
  fault(ErrorCode::kInvalidArgument, [&] { tracking_.record_model(run, "not json"); });
  EXPECT_THAT(fault(ErrorCode::kInvalidArgument, [&] { tracking_.record_model(run, "{}"); }),
              HasSubstr("missing mandatory fields"));
  const std::string model = R"({"artifact_path":"m","flavors":{},"utc_time_created":"t","run_id":"r"})";
  tracking_.record_model(run, model);
  tracking_.record_model(run, model);
  const auto history = json::parse(value_of_tag(tracking_.get_run(run).tags, "mlflow.log-model.history"));
  EXPECT_THAT(history.as_array(), SizeIs(2));
}

TEST_F(Runs, DeletingATagThatIsNotThereSaysSo) {
  const RunId run = run_in(experiment(), "r", {{"a", "b"}}).info.id;
  tracking_.delete_tag(run, "a");
  fault(ErrorCode::kNotFound, [&] { tracking_.delete_tag(run, "a"); });
}

TEST_F(Metrics, LatestIsByStepThenTimeThenValue) {
  const RunId run = run_in(experiment()).info.id;
  tracking_.log_metric(run, point("a", 5, 100, 2));
  tracking_.log_metric(run, point("a", 9, 900, 1));
  EXPECT_EQ(tracking_.get_run(run).metrics[0].value, 5);
  tracking_.log_metric(run, point("a", 4, 100, 2));
  EXPECT_EQ(tracking_.get_run(run).metrics[0].value, 5);
  Batch batch;
  batch.metrics = {point("a", 1, 50, 3), point("a", 2, 40, 3), point("a", 0, 10, -7)};
  tracking_.log_batch(run, batch);
  EXPECT_EQ(tracking_.get_run(run).metrics[0].value, 1);
}

TEST_F(Metrics, APointIsKeptOnceHoweverOftenItIsSent) {
  const RunId run = run_in(experiment()).info.id;
  for (int i = 0; i < 3; ++i) tracking_.log_metric(run, point("a", 1, 10, 1));
  tracking_.log_metric(run, point("a", std::nan(""), 10, 1));
  tracking_.log_metric(run, point("a", std::nan(""), 10, 1));
  const auto history = tracking_.metric_history(run, "a", std::nullopt, "").items;
  ASSERT_THAT(history, SizeIs(2));
  EXPECT_TRUE(std::isnan(history[0].value)) << "NaN sorts as 0";
  EXPECT_EQ(history[1].value, 1);
}

TEST_F(Metrics, InfinityBecomesTheLargestNumber) {
  const RunId run = run_in(experiment()).info.id;
  tracking_.log_metric(run, point("up", std::numeric_limits<double>::infinity()));
  tracking_.log_metric(run, point("down", -std::numeric_limits<double>::infinity()));
  const tracking::Run found = tracking_.get_run(run);
  EXPECT_EQ(found.metrics[0].value, -std::numeric_limits<double>::max());
  EXPECT_EQ(found.metrics[1].value, std::numeric_limits<double>::max());
}

TEST_F(Metrics, HistoriesArePagedInOrder) {
  const RunId run = run_in(experiment()).info.id;
  Batch batch;
  for (int i = 0; i < 25; ++i) batch.metrics.push_back(point("a", i, 100 - i, i));
  tracking_.log_batch(run, batch);
  std::vector<int64_t> times;
  std::string token;
  int pages = 0;
  do {
    const auto page = tracking_.metric_history(run, "a", 10, token);
    for (const Metric& metric : page.items) times.push_back(metric.time_ms);
    token = page.next.value_or("");
    ++pages;
  } while (!token.empty());
  EXPECT_EQ(pages, 3);
  EXPECT_THAT(times, SizeIs(25));
  EXPECT_TRUE(std::is_sorted(times.begin(), times.end()));
  EXPECT_THAT(tracking_.metric_history(run, "unknown", std::nullopt, "").items, SizeIs(0));
  fault(ErrorCode::kInvalidArgument, [&] { tracking_.metric_history(run, "a", 0, ""); });
  EXPECT_THAT(fault(ErrorCode::kInvalidArgument, [&] { tracking_.metric_history(run, "a", 1, "x!"); }),
              HasSubstr("Invalid page token"));
}

TEST_F(Metrics, ThoseOfAModelAreTheModelsToo) {
  const ExperimentId id = experiment();
  const RunId run = run_in(id).info.id;
  NewLoggedModel model;
  model.experiment_id = id;
  model.source_run_id = run.value;
  const LoggedModelId model_id = models_.create(model).id;
  Metric metric = point("acc", 0.9, 5);
  metric.model_id = model_id;
  metric.dataset_name = "test";
  tracking_.log_metric(run, metric);
  const LoggedModel found = models_.get(model_id);
  ASSERT_THAT(found.metrics, SizeIs(1));
  EXPECT_EQ(found.metrics[0].run_id.value, run.value);
  EXPECT_EQ(found.metrics[0].dataset_name, "test");
  metric.model_id = LoggedModelId("m-none");
  fault(ErrorCode::kNotFound, [&] { tracking_.log_metric(run, metric); });
}

}  // namespace
}  // namespace slipway::tracking
