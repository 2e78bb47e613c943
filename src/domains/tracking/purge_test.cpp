#include "domains/tracking/purge.h"

#include "domains/tracking/tracking_fixture.h"
#include "foundation/base/files.h"
#include "foundation/sql/testing/private_postgres.h"

namespace slipway::tracking {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class Purging : public TrackingFixture, public ::testing::WithParamInterface<std::string> {
 protected:
  Purging()
      : TrackingFixture(GetParam() == "sqlite" ? "sqlite::memory:" : sql::PrivatePostgres::instance().new_database()) {}

  tracking::Run full_run(const ExperimentId& id) {
    tracking::Run run = run_in(id);
    Batch batch;
    batch.metrics = {point("a", 1), point("a", 2, 1)};
    for (int step = 0; step < 200; ++step) batch.metrics.push_back(point("long", step, step));
    batch.params = {{"p", "1"}};
    tracking_.log_batch(run.info.id, batch);
    tracking_.log_inputs(run.info.id, {{{"d", "1", "local", "s", std::nullopt, std::nullopt}, {{"k", "v"}}}}, {});
    blobs_->put("artifacts/" + id.value + "/" + run.info.id.value + "/artifacts/model.bin", "bytes");
    return run;
  }

  PurgeReport purge_all(int64_t until_ms = 0) {
    PurgeRequest request = request_;
    request.deleted_until_ms = until_ms == 0 ? clock_.now_ms() : until_ms;
    const NeededBy needed_by = [&](const std::string& id) -> std::optional<std::string> {
      return id == needed_ ? std::optional<std::string>("version 1 of model m") : std::nullopt;
    };
    return purge(*database_, artifacts_, request, needed_by,
                 {[this](sql::Transaction&, const ExperimentId& id) { forgotten_.push_back(id.value); }});
  }

  std::vector<std::string> files() {
    std::vector<std::string> out;
    for (const auto& blob : blobs_->list({}).blobs) out.push_back(blob.key);
    return out;
  }

  int64_t rows(const std::string& table) {
    return database_->read_value<int64_t>(
        [&](sql::Transaction& transaction) { return transaction.query_int("SELECT count(*) FROM " + table).value(); });
  }

  files::TemporaryFolder folder_;
  std::unique_ptr<blobs::BlobStore> blobs_ = blobs::open_blob_store(folder_.path());
  Artifacts artifacts_{*blobs_};
  PurgeRequest request_;
  std::string needed_;
  std::vector<std::string> forgotten_;  // experiments whose things other domains were told to remove
};

TEST_P(Purging, OnlyWhatWasDeletedLongEnoughAgoGoes) {
  const ExperimentId id = experiment();
  const RunId old = full_run(id).info.id;
  const RunId young = full_run(id).info.id;
  const RunId active = full_run(id).info.id;
  tracking_.delete_run(old);
  const int64_t between_ms = clock_.now_ms();
  clock_.advance_ms(1000);
  tracking_.delete_run(young);
  const PurgeReport report = purge_all(between_ms);
  EXPECT_EQ(report.runs, 1);
  EXPECT_EQ(report.experiments, 0);
  EXPECT_THAT(report.kept, IsEmpty());
  fault(ErrorCode::kNotFound, [&] { tracking_.get_run(old); });
  EXPECT_EQ(tracking_.get_run(young).params.size(), 1U);
  EXPECT_EQ(tracking_.get_run(active).metrics.size(), 2U);
  EXPECT_THAT(files(), SizeIs(2));
  EXPECT_EQ(rows("metric_tails"), 2);
  EXPECT_EQ(rows("metric_chunks"), 2);
  EXPECT_EQ(purge_all().runs, 1) << "the younger one, now";
  EXPECT_EQ(rows("metric_series") + rows("run_params") + rows("run_datasets") + rows("run_dataset_tags"), 5);
}

TEST_P(Purging, AnExperimentGoesWithAllInItAndItsNameIsFreeButItsNumberIsNot) {
  const ExperimentId id = experiment("a");
  full_run(id);
  full_run(id);
  NewLoggedModel model;
  model.experiment_id = id;
  const LoggedModel logged = models_.create(model);
  blobs_->put("artifacts/" + id.value + "/models/" + logged.id.value + "/artifacts/MLmodel", "x");
  blobs_->put("artifacts/other/file", "stays");
  tracking_.delete_experiment(id);
  const PurgeReport report = purge_all();
  EXPECT_EQ(report.runs, 2);
  EXPECT_EQ(report.logged_models, 1);
  EXPECT_EQ(report.experiments, 1);
  EXPECT_THAT(files(), ElementsAre("artifacts/other/file"));
  for (const char* table :
       {"runs", "metric_tails", "metric_chunks", "datasets", "logged_models", "experiment_tags", "run_tags"}) {
    EXPECT_EQ(rows(table), 0) << table;
  }
  EXPECT_THAT(forgotten_, ElementsAre(id.value));
  const ExperimentId again = experiment("a");
  EXPECT_NE(again, id);
}

TEST_P(Purging, WhatIsNeededStaysAndIsTold) {
  const ExperimentId id = experiment("a");
  const RunId run = full_run(id).info.id;
  full_run(id);
  tracking_.delete_experiment(id);
  needed_ = run.value;
  const PurgeReport report = purge_all();
  EXPECT_EQ(report.runs, 1);
  EXPECT_EQ(report.experiments, 0);
  EXPECT_THAT(report.kept, ::testing::Contains(HasSubstr("version 1 of model m")));
  EXPECT_THAT(report.kept, ::testing::Contains(HasSubstr("experiment " + id.value)));
  EXPECT_EQ(tracking_.get_run(run).params.size(), 1U);
}

TEST_P(Purging, LookingChangesNothing) {
  const ExperimentId id = experiment();
  full_run(id);
  tracking_.delete_experiment(id);
  request_.only_look = true;
  const PurgeReport report = purge_all();
  EXPECT_EQ(report.runs, 1);
  EXPECT_EQ(report.experiments, 1);
  EXPECT_THAT(files(), SizeIs(1));
  EXPECT_EQ(tracking_.get_experiment(id).lifecycle, Lifecycle::kDeleted);
}

TEST_P(Purging, NamedOnesMustBeDeleted) {
  const ExperimentId id = experiment();
  const RunId run = full_run(id).info.id;
  const RunId other = full_run(id).info.id;
  request_.runs = {run};
  EXPECT_THAT(fault(ErrorCode::kInvalidArgument, [&] { purge_all(); }), HasSubstr("not deleted"));
  tracking_.delete_run(run);
  tracking_.delete_run(other);
  EXPECT_EQ(purge_all().runs, 1);
  EXPECT_EQ(tracking_.get_run(other).info.lifecycle, Lifecycle::kDeleted);
  request_.runs.clear();
  request_.experiments = {id};
  fault(ErrorCode::kInvalidArgument, [&] { purge_all(); });
  tracking_.delete_experiment(id);
  EXPECT_EQ(purge_all().experiments, 1);
}

TEST_P(Purging, AnExperimentWithARestoredRunStays) {
  const ExperimentId id = experiment();
  const RunId run = full_run(id).info.id;
  tracking_.delete_experiment(id);
  tracking_.restore_run(run);
  const PurgeReport report = purge_all();
  EXPECT_EQ(report.experiments, 0);
  EXPECT_THAT(report.kept, SizeIs(1));
  EXPECT_EQ(tracking_.get_run(run).info.id, run);
}

INSTANTIATE_TEST_SUITE_P(Databases, Purging, ::testing::Values("sqlite", "postgresql"),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace slipway::tracking
