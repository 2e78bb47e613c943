#include "domains/tracking/intake.h"

#include <cmath>

#include "domains/tracking/outlet.h"
#include "domains/tracking/tracking_fixture.h"

namespace slipway::tracking {

namespace {

class IntakeTest : public TrackingFixture {
 protected:
  static Experiment arriving_experiment(const std::string& id, const std::string& name) {
    Experiment out;
    out.id = ExperimentId(id);
    out.name = name;
    out.artifact_location = "mlflow-artifacts:/" + id;
    out.created_ms = 5;
    out.updated_ms = 6;
    out.tags = {{"team", "a"}};
    return out;
  }

  static StoredRun arriving_run(const std::string& id, const std::string& experiment = "7") {
    StoredRun out;
    out.run.info = {RunId(id), ExperimentId(experiment), "name", "me", RunStatus::kFailed, 10, 20,
                    "uri",     Lifecycle::kActive};
    out.run.params = {{"lr", "0.1"}};
    out.run.tags = {{"b", "2"}, {"a", "1"}};
    out.run.dataset_inputs = {{{"train", "d1", "local", "{}", std::nullopt, "{}"}, {{"context", "training"}}}};
    out.run.model_outputs = {{LoggedModelId("m-1"), 3}};
    return out;
  }

  std::vector<StoredRun> stored() {
    std::vector<StoredRun> out;
    database_->read([&](sql::Transaction& transaction) { out = Outlet(transaction).runs(RunId(""), 100); });
    return out;
  }

  Intake intake_{*database_, false};
};

TEST_F(IntakeTest, AnExperimentKeepsItsNumberAndTimes) {
  const Experiment arriving = arriving_experiment("700000000000000001", "iris");
  EXPECT_EQ(intake_.take(arriving).fate, Fate::kNew);
  const Experiment found = tracking_.get_experiment(arriving.id);
  EXPECT_EQ(found.updated_ms, 6);
  EXPECT_EQ(found.tags, arriving.tags);
  EXPECT_EQ(intake_.take(arriving).fate, Fate::kSame);
  Experiment other = arriving;
  other.tags[0].value = "b";
  const Arrival arrival = intake_.take(other);
  EXPECT_EQ(arrival.fate, Fate::kDifferent);
  EXPECT_EQ(arrival.difference, "tag 'team' is 'a' here and 'b' there");
  EXPECT_EQ(intake_.take(arriving_experiment("8", "iris")).fate, Fate::kDifferent) << "the name is taken";
  EXPECT_EQ(intake_.next_experiment(), 700000000000000002);
}

TEST_F(IntakeTest, TheDefaultExperimentTakesTagsThatItLacks) {
  Experiment arriving = arriving_experiment("0", "Default");
  EXPECT_EQ(intake_.take(arriving).fate, Fate::kSame);
  EXPECT_EQ(tracking_.get_experiment(ExperimentId("0")).tags, arriving.tags);
  arriving.tags[0].value = "other";
  EXPECT_EQ(intake_.take(arriving).fate, Fate::kDifferent);
  EXPECT_EQ(tracking_.get_experiment(ExperimentId("0")).tags[0].value, "a");
}

TEST_F(IntakeTest, RunsComeWithEverything) {
  intake_.take(arriving_experiment("7", "iris"));
  StoredRun deleted = arriving_run("r2");
  deleted.run.info.lifecycle = Lifecycle::kDeleted;
  deleted.deleted_ms = 99;
  const auto fates = intake_.take({arriving_run("r1"), deleted});
  EXPECT_EQ(fates[0].fate, Fate::kNew);
  const auto found = stored();
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].run.info.status, RunStatus::kFailed);
  EXPECT_EQ(found[1].deleted_ms, 99);
  EXPECT_EQ(found[1].run.info.lifecycle, Lifecycle::kDeleted);
  const RunRowCounts counts = intake_.count({RunId("r1"), RunId("r2"), RunId("none")});
  EXPECT_EQ(counts.runs, 2);
  EXPECT_EQ(counts.params, 2);
  EXPECT_EQ(counts.tags, 4);
  EXPECT_EQ(counts.dataset_inputs, 2);
  EXPECT_EQ(counts.input_tags, 2);
  EXPECT_EQ(counts.model_links, 2);
}

TEST_F(IntakeTest, RunsOfADeletedExperimentComeBackWithIt) {
  Experiment gone = arriving_experiment("7", "iris");
  gone.lifecycle = Lifecycle::kDeleted;
  intake_.take(gone);
  StoredRun deleted = arriving_run("r1");
  deleted.run.info.lifecycle = Lifecycle::kDeleted;
  intake_.take({deleted});
  tracking_.restore_experiment(gone.id);
  EXPECT_EQ(tracking_.get_run(RunId("r1")).info.lifecycle, Lifecycle::kActive);
}

TEST_F(IntakeTest, ARunThatIsThereStays) {
  intake_.take(arriving_experiment("7", "iris"));
  StoredRun run = arriving_run("r1");
  intake_.take({run});
  std::reverse(run.run.tags.begin(), run.run.tags.end());
  EXPECT_EQ(intake_.take({run})[0].fate, Fate::kSame) << "the order of tags does not count";
  run.run.params[0].value = "0.2";
  run.run.tags.push_back({"new", "tag"});
  const Arrival arrival = intake_.take({run})[0];
  EXPECT_EQ(arrival.fate, Fate::kDifferent);
  EXPECT_EQ(arrival.difference, "param 'lr' is '0.1' here and '0.2' there");
  EXPECT_EQ(stored()[0].run.tags.size(), 2u);
}

TEST_F(IntakeTest, PointsArriveOnce) {
  intake_.take(arriving_experiment("7", "iris"));
  intake_.take({arriving_run("r1")});
  const double infinity = std::numeric_limits<double>::infinity();
  const SeriesPoints series{
      RunId("r1"),
      "loss",
      {{1, 0, stored_value(0.5)}, {2, 1, stored_value(std::nan(""))}, {3, 1, stored_value(infinity)}}};
  EXPECT_EQ(intake_.take(std::vector<SeriesPoints>{series}), 3);
  EXPECT_EQ(intake_.take(std::vector<SeriesPoints>{series}), 0);
  const SeriesPoints earlier{RunId("r1"), "loss", {{9, 0, stored_value(7)}}};
  EXPECT_EQ(intake_.take(std::vector<SeriesPoints>{earlier}), 1);
  const auto sums = intake_.series_of({RunId("r1")});
  ASSERT_EQ(sums.size(), 1u);
  EXPECT_EQ(sums[0].points, 4);
  EXPECT_EQ(sums[0].last_ms, 9);
  const tracking::Run run = tracking_.get_run(RunId("r1"));
  EXPECT_EQ(run.metrics[0].time_ms, 3) << "the latest is the one of the highest step";
  EXPECT_EQ(run.metrics[0].value, std::numeric_limits<double>::max());
  EXPECT_THROW(intake_.take(std::vector<SeriesPoints>{{RunId("none"), "loss", {{1, 0, {}}}}}), Error);
}

TEST_F(IntakeTest, PointsComeOutInPortions) {
  intake_.take(arriving_experiment("7", "iris"));
  intake_.take({arriving_run("r1")});
  SeriesPoints series{RunId("r1"), "loss", {}};
  for (int64_t i = 0; i < 25; ++i) series.points.push_back({i, i, stored_value(static_cast<double>(i))});
  intake_.take(std::vector<SeriesPoints>{series, {RunId("r1"), "other", {{1, 1, {}}}}});
  size_t points = 0;
  size_t calls = 0;
  database_->read([&](sql::Transaction& transaction) {
    Outlet(transaction).points({RunId("r1")}, 10, [&](const std::vector<SeriesPoints>& portion) {
      ++calls;
      for (const SeriesPoints& one : portion) points += one.points.size();
    });
  });
  EXPECT_EQ(points, 26u);
  EXPECT_EQ(calls, 3u);
}

TEST_F(IntakeTest, LoggedModelsKeepTheirStates) {
  intake_.take(arriving_experiment("7", "iris"));
  LoggedModel model;
  model.id = LoggedModelId("m-1");
  model.experiment_id = ExperimentId("7");
  model.name = "tree";
  model.status = LoggedModelStatus::kReady;
  model.lifecycle = Lifecycle::kDeleted;
  model.created_ms = 1;
  model.updated_ms = 2;
  model.params = {{"k", "v"}};
  model.metrics = {point("acc", 0.9, 4, 3)};
  model.metrics[0].run_id = RunId("r1");
  EXPECT_EQ(intake_.take(std::vector<LoggedModel>{model})[0].fate, Fate::kNew);
  EXPECT_EQ(intake_.take(std::vector<LoggedModel>{model})[0].fate, Fate::kSame);
  EXPECT_EQ(models_.get_even_deleted(model.id).updated_ms, 2);
  EXPECT_EQ(intake_.count({model.id}).metrics, 1);
  model.metrics[0].value = 0.8;
  EXPECT_EQ(intake_.take(std::vector<LoggedModel>{model})[0].fate, Fate::kDifferent);
}

TEST_F(IntakeTest, LookingWritesNothing) {
  Intake looking(*database_, true);
  EXPECT_EQ(looking.take(arriving_experiment("7", "iris")).fate, Fate::kNew);
  EXPECT_EQ(looking.take({arriving_run("r1")})[0].fate, Fate::kNew);
  EXPECT_TRUE(stored().empty());
  EXPECT_FALSE(tracking_.find_experiment_by_name("iris"));
}

}  // namespace

}  // namespace slipway::tracking
