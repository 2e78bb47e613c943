#include "domains/training/config.h"

#include <gmock/gmock.h>

#include "domains/training/search.h"
#include "foundation/base/error.h"

namespace slipway::training {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string error_of(const std::string& yaml, const std::vector<std::string>& overrides = {}) {
  try {
    parse_train_config(yaml, overrides);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
    return error.what();
  }
  return "";
}

TEST(TrainConfig, ReadsEveryKey) {
  const TrainConfig config = parse_train_config(R"(
target: late
time_column: scheduled
split: {train_from: 2013-01-01, train_until: 2013-08-01, validate_until: 2013-10-01}
features: {exclude: [tail]}
categorical: [carrier, origin]
min_category_rows: 50
learners: [lightgbm]
metric: log_loss
search:
  trials: 3
  seed: 9
  space: {num_leaves: [8, 16], learning_rate: [0.1, 0.2], extra: [1, 5]}
lightgbm: {max_bin: 127}
logistic: {l2: 3}
rounds: 50
early_stopping_rounds: 5
refit: false
reference_rows: 500
)");
  EXPECT_EQ(config.target, "late");
  EXPECT_EQ(config.split.validate_until, "2013-10-01");
  EXPECT_THAT(config.categorical, ElementsAre("carrier", "origin"));
  EXPECT_FALSE(config.all_text_is_categorical);
  EXPECT_THAT(config.learners, ElementsAre(Learner::kLightGbm));
  EXPECT_EQ(config.metric, "log_loss");
  EXPECT_EQ(config.trials, 3);
  EXPECT_EQ(config.seed, 9U);
  ASSERT_EQ(config.space.size(), 3U);
  EXPECT_EQ(config.space[0].name, "extra");
  EXPECT_TRUE(config.space[0].integer);
  EXPECT_TRUE(config.space[1].logarithmic);
  EXPECT_EQ(config.lightgbm.at("max_bin"), "127");
  EXPECT_EQ(config.logistic_l2, 3);
  EXPECT_FALSE(config.refit);
}

TEST(TrainConfig, NeedsOnlyATarget) {
  const TrainConfig config = parse_train_config("target: y");
  EXPECT_EQ(config.learners.size(), 2U);
  EXPECT_TRUE(config.all_text_is_categorical);
  EXPECT_FALSE(config.space.empty());
}

TEST(TrainConfig, OverridesReachNestedKeysAndNewOnes) {
  const TrainConfig config = parse_train_config("target: y\ntime_column: t\nsearch: {trials: 2}",
                                                {"split.train_until=2014-01-01", "search.trials=5", "metric=brier"});
  EXPECT_EQ(config.split.train_until, "2014-01-01");
  EXPECT_EQ(config.trials, 5);
  EXPECT_EQ(config.metric, "brier");
  EXPECT_EQ(parse_train_config("target: y\nrounds: 5", {"rounds=null"}).rounds, TrainConfig().rounds);
}

TEST(TrainConfig, NamesTheKeyThatIsWrong) {
  EXPECT_THAT(error_of("targt: y"), HasSubstr("unknown key 'targt'"));
  EXPECT_THAT(error_of("target: y\nsplit: {until: 3}"), HasSubstr("unknown key 'split.until'"));
  EXPECT_THAT(error_of("target: y\nrounds: many"), HasSubstr("'rounds' must be a whole number"));
  EXPECT_THAT(error_of("target: y\nmetric: rmse"), HasSubstr("'metric'"));
  EXPECT_THAT(error_of("target: y\nlearners: []"), HasSubstr("'learners'"));
  EXPECT_THAT(error_of("target: y\nsearch: {space: {num_leaves: [0, 4]}}"), HasSubstr("search.space.num_leaves"));
  EXPECT_THAT(error_of("target: y\nsplit: {train_until: 2013-01-01}"), HasSubstr("time_column"));
  EXPECT_THAT(error_of("target: y\nlightgbm: {objective: \"a b=c\"}"), HasSubstr("lightgbm.objective"));
  EXPECT_THAT(error_of(""), HasSubstr("train.yaml"));
  EXPECT_THAT(error_of("target: [a"), HasSubstr("not valid YAML"));
  EXPECT_THAT(error_of("target: y", {"rounds"}), HasSubstr("KEY=VALUE"));
  EXPECT_THAT(error_of("target: y", {"target.x=1"}), HasSubstr("'target' holds no settings"));
}

TEST(Search, ALongerSearchStartsWithTheTrialsOfAShorterOne) {
  const TrainConfig config = parse_train_config("target: y\nsearch: {seed: 4, space: {num_leaves: [8, 64]}}");
  EXPECT_EQ(draw_parameters(config, 3), draw_parameters(config, 3));
  EXPECT_NE(draw_parameters(config, 3), draw_parameters(config, 4));
  EXPECT_EQ(draw_parameters(config, 0).at("num_leaves"), "63");
  for (int trial = 1; trial < 50; ++trial) {
    const int leaves = std::stoi(draw_parameters(config, trial).at("num_leaves"));
    EXPECT_TRUE(leaves >= 8 && leaves <= 64) << leaves;
  }
}

TEST(Search, FixedParametersWin) {
  const TrainConfig config = parse_train_config("target: y\nlightgbm: {num_leaves: 5}");
  EXPECT_EQ(draw_parameters(config, 0).at("num_leaves"), "5");
  EXPECT_EQ(draw_parameters(config, 7).at("num_leaves"), "5");
}

}  // namespace
}  // namespace slipway::training
