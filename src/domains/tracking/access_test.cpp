// What tracking knows for those who ask whether somebody may: where things lie, what a search shows whom, and that
// permissions come and go with experiments.
#include "domains/tracking/purge.h"
#include "domains/tracking/tracking_fixture.h"
#include "foundation/base/files.h"
#include "foundation/identity/accounts.h"
#include "foundation/identity/permissions.h"
#include "foundation/sql/testing/private_postgres.h"

namespace slipway::tracking {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class TrackingAccess : public TrackingFixture, public ::testing::WithParamInterface<std::string> {
 protected:
  TrackingAccess()
      : TrackingFixture(GetParam() == "sqlite" ? "sqlite::memory:" : sql::PrivatePostgres::instance().new_database()) {}

  ExperimentId experiment_at(const std::string& name, const std::string& location, int64_t maker = 0) {
    return tracking_.create_experiment({name, location, {}, maker});
  }
  std::vector<std::string> names(const identity::Scope& scope, int64_t max_results = 10) {
    Search search;
    search.scope = scope;
    search.max_results = max_results;
    search.order_by = {"name ASC"};
    std::vector<std::string> out;
    for (const Experiment& one : tracking_.search_experiments(search).items) out.push_back(one.name);
    return out;
  }

  identity::Accounts accounts_{*database_, clock_};
  identity::Permissions permissions_{*database_, identity::Permission::kNone};
};

TEST_P(TrackingAccess, ThingsAreFoundByTheExperimentTheyLieIn) {
  const ExperimentId a = experiment("a");
  const ExperimentId b = experiment("b");
  const RunId in_a = run_in(a).info.id;
  const RunId in_b = run_in(b).info.id;
  EXPECT_THAT(tracking_.experiments_of({in_b, in_a, RunId("none"), in_a}), ElementsAre(a, b));
  EXPECT_THAT(tracking_.experiments_of({}), IsEmpty());
  const LoggedModelId model = models_.create({b, "m", "", "", {}, {}}).id;
  EXPECT_THAT(models_.experiments_of({model, LoggedModelId("none")}), ElementsAre(b));
  models_.remove(model);
  EXPECT_THAT(models_.experiments_of({model}), ElementsAre(b)) << "deleted ones too";
}

TEST_P(TrackingAccess, FilesAreFoundByTheLocationsAboveAndBelow) {
  const ExperimentId zero("0");
  const ExperimentId team = experiment_at("team", "mlflow-artifacts:/team/a");
  const ExperimentId inner = experiment_at("inner", "mlflow-artifacts:/team/a/b");
  const ExperimentId wild = experiment_at("wild", "mlflow-artifacts:/te%m_x");
  experiment_at("elsewhere", "s3://bucket/team/a");
  const std::string deep = std::string(150, 'd') + "/x";
  const ExperimentId far = experiment_at("far", "mlflow-artifacts:/" + deep);
  EXPECT_THAT(tracking_.experiments_at("0/run/artifacts/f", false), ElementsAre(zero));
  EXPECT_THAT(tracking_.experiments_at("team/a/x", false), ElementsAre(team));
  EXPECT_THAT(tracking_.experiments_at("team/a/b/x", false), UnorderedElementsAre(team, inner));
  EXPECT_THAT(tracking_.experiments_at("team/ab", true), IsEmpty());
  EXPECT_THAT(tracking_.experiments_at("team", false), IsEmpty());
  EXPECT_THAT(tracking_.experiments_at("team", true), UnorderedElementsAre(team, inner));
  EXPECT_THAT(tracking_.experiments_at("te_m", true), IsEmpty()) << "no pattern";
  EXPECT_THAT(tracking_.experiments_at("", true), UnorderedElementsAre(zero, team, inner, wild, far));
  EXPECT_THAT(tracking_.experiments_at(deep + "/run", false), ElementsAre(far));
  EXPECT_THAT(tracking_.experiments_at(std::string(150, 'd') + "/y", false), IsEmpty());
}

TEST_P(TrackingAccess, ASearchHasFullPagesOfWhatIsSeen) {
  const identity::User ann = accounts_.create("ann", "a long password");
  for (int i = 0; i < 9; ++i) experiment_at(text::concat("e", i), "", i % 3 == 0 ? ann.id : 0);
  const identity::Scope scope =
      permissions_.scope({ann.name, false, identity::Permission::kNone, ann.id}, identity::ResourceKind::kExperiment);
  EXPECT_THAT(names(scope), ElementsAre("e0", "e3", "e6"));
  EXPECT_THAT(names(scope, 2), ElementsAre("e0", "e3"));
  EXPECT_EQ(names({}, 100).size(), 10U);
  EXPECT_THAT(names({0, identity::Permission::kNone}), IsEmpty());
}

TEST_P(TrackingAccess, WhatIsRemovedForGoodLeavesNoPermission) {
  const identity::User ann = accounts_.create("ann", "a long password");
  const ExperimentId id = experiment_at("e", "", ann.id);
  EXPECT_EQ(permissions_.of_user(ann.id).size(), 1U);
  tracking_.delete_experiment(id);
  EXPECT_EQ(permissions_.of_user(ann.id).size(), 1U) << "it can be restored";
  files::TemporaryFolder folder;
  const auto blobs = blobs::open_blob_store(folder.path());
  Artifacts artifacts(*blobs);
  PurgeRequest request;
  request.deleted_until_ms = clock_.now_ms();
  purge(*database_, artifacts, request, [](const std::string&) { return std::nullopt; }, {});
  EXPECT_THAT(permissions_.of_user(ann.id), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Databases, TrackingAccess, ::testing::Values("sqlite", "postgresql"),
                         [](const auto& one) { return one.param; });

}  // namespace
}  // namespace slipway::tracking
