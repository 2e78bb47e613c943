#include "domains/genai/scorers.h"

#include <cmath>

#include "domains/genai/genai_fixture.h"

namespace slipway::genai {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ScorersTest : public GenaiOnBoth {
 protected:
  static std::vector<std::string> names(const std::vector<ScorerVersion>& versions) {
    std::vector<std::string> out;
    for (const ScorerVersion& one : versions)
      out.push_back(text::concat(one.experiment_id.value, "/", one.name, "/", one.version));
    return out;
  }

  static void accept(const std::string& /*definition*/) {}
};
ON_BOTH_DATABASES(ScorersTest);

TEST_P(ScorersTest, AreKeptInVersions) {
  const ExperimentId id = experiment();
  const ScorerVersion first = scorers().add(id, "good", "{\"v\": 1}");
  EXPECT_EQ(first.version, 1);
  EXPECT_EQ(scorers().add(id, "good", "{\"v\": 2}").scorer_id, first.scorer_id);
  scorers().add(id, "good", "{\"v\": 3}");
  scorers().add(id, "a", "{}");
  EXPECT_EQ(scorers().get(id, "good", std::nullopt).definition, "{\"v\": 3}");
  EXPECT_EQ(scorers().get(id, "good", 1).definition, "{\"v\": 1}");
  EXPECT_THAT(names(scorers().list(id)), ElementsAre(id.value + "/a/1", id.value + "/good/3"));
  scorers().remove(id, "good", 1);
  EXPECT_THAT(scorers().versions(id, "good"), SizeIs(2));
  EXPECT_EQ(fault(ErrorCode::kNotFound, [&] { scorers().get(id, "good", 1); }),
            "Scorer with name 'good' and version 1 not found for experiment " + id.value + ".");
  fault(ErrorCode::kNotFound, [&] { scorers().remove(id, "good", 1); });
  scorers().remove(id, "good", std::nullopt);
  fault(ErrorCode::kNotFound, [&] { scorers().versions(id, "good"); });
  fault(ErrorCode::kNotFound, [&] { scorers().remove(id, "good", std::nullopt); });
  fault(ErrorCode::kInvalidArgument, [&] { scorers().add(id, "  ", "{}"); });
  fault(ErrorCode::kInvalidArgument, [&] { scorers().add(id, "large", std::string(size_t{2} << 20U, 'x')); });
  fault(ErrorCode::kNotFound, [&] { scorers().add(ExperimentId("999999"), "good", "{}"); });
}

TEST_P(ScorersTest, AreListedAcrossActiveExperiments) {
  const ExperimentId one = experiment("one");
  const ExperimentId two = experiment("two");
  const ExperimentId gone = experiment("gone");
  for (const ExperimentId& id : {two, one, gone}) scorers().add(id, "s", "{}");
  tracking_.delete_experiment(gone);
  EXPECT_THAT(names(scorers().list_all({})), ElementsAre(one.value + "/s/1", two.value + "/s/1"));
  EXPECT_THAT(names(scorers().list({two, gone, ExperimentId("999")})), ElementsAre(two.value + "/s/1"));
  EXPECT_THAT(scorers().list(std::vector<ExperimentId>{}), IsEmpty());
  fault(ErrorCode::kInvalidArgument, [&] { scorers().list(gone); });
}

TEST_P(ScorersTest, SayWhichNewTracesTheyJudge) {
  const ExperimentId id = experiment();
  const ScorerId scorer = scorers().add(id, "good", "{\"v\": 1}").scorer_id;
  scorers().add(id, "good", "{\"v\": 2}");
  scorers().add(id, "other", "{}");
  std::string seen;
  const DefinitionCheck look = [&](const std::string& definition) { seen = definition; };
  const OnlineScoring first = scorers().set_online(id, "good", 0.25, "status = 'OK'", look);
  EXPECT_EQ(seen, "{\"v\": 2}");
  EXPECT_EQ(first.scorer_id, scorer);
  const OnlineScoring second = scorers().set_online(id, "good", 0.5, std::nullopt, accept);
  EXPECT_NE(second.id, first.id);
  const auto found = scorers().online({scorer, ScorerId("none")});
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].id, second.id);
  EXPECT_EQ(found[0].sample_rate, 0.5);
  EXPECT_EQ(found[0].filter, std::nullopt);
  EXPECT_EQ(found[0].experiment_id, id);
  const DefinitionCheck refuse = [](const std::string&) { throw invalid_argument("not this one"); };
  fault(ErrorCode::kInvalidArgument, [&] { scorers().set_online(id, "good", 0.1, std::nullopt, refuse); });
  EXPECT_EQ(scorers().set_online(id, "good", 0, std::nullopt, refuse).sample_rate, 0) << "switched off it need not fit";
  for (const double rate : {-0.1, 1.1, std::nan("")})
    fault(ErrorCode::kInvalidArgument, [&] { scorers().set_online(id, "good", rate, std::nullopt, accept); });
  fault(ErrorCode::kInvalidArgument, [&] { scorers().set_online(id, "good", 1, "color = 'red'", accept); });
  EXPECT_THAT(fault(ErrorCode::kNotFound, [&] { scorers().set_online(id, "none", 1, std::nullopt, accept); }),
              HasSubstr("not found"));
  EXPECT_THAT(scorers().experiments_of({scorer, ScorerId("none")}), ElementsAre(id));
  scorers().remove(id, "good", std::nullopt);
  EXPECT_EQ(rows("online_scorings"), 0);
}

TEST_P(ScorersTest, NothingStaysOfAnExperimentThatGoesForGood) {
  const ExperimentId gone = experiment("gone");
  const ExperimentId stays = experiment("stays");
  for (const ExperimentId& id : {gone, stays}) {
    scorers().add(id, "s", "{}");
    scorers().set_online(id, "s", 1, std::nullopt, accept);
    Issue issue;
    issue.experiment_id = id;
    issue.name = "slow";
    issues().add(issue);
  }
  const Dataset dataset = datasets().create({"d", {}, {gone, stays}});
  database_->write([&](sql::Transaction& transaction) { forget_experiment(transaction, gone); });
  for (const char* table :
       {"scorers", "scorer_versions", "online_scorings", "issues", "evaluation_dataset_experiments"})
    EXPECT_EQ(rows(table), 1) << table;
  EXPECT_THAT(datasets().experiments_of(dataset.id), ElementsAre(stays));
}

TEST_P(ScorersTest, TracesOfAnExperimentThatGoesForGoodGoWithAllTheyHave) {
  log({span(1, 1), span(1, 2, 1)});
  database_->write([&](sql::Transaction& transaction) { traces::forget_experiment(transaction, ExperimentId("0")); });
  for (const char* table : {"traces", "trace_spans", "trace_metadata", "trace_tags"})
    EXPECT_EQ(rows(table), 0) << table;
}

}  // namespace
}  // namespace slipway::genai
