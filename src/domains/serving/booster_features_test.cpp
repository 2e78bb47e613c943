#include "domains/serving/booster_features.h"

#include <gmock/gmock.h>

#include "foundation/base/error.h"

namespace slipway::serving {
namespace {

using packaging::Feature;
using packaging::FeatureKind;
using packaging::Signature;
using tables::ColumnType;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// As LightGBM 4.7 and its Python package lay a model out, without the trees.
std::string model(const std::string& categorical, const std::string& pandas) {
  return "tree\nfeature_names=city grade x\n\nparameters:\n[categorical_feature: " + categorical +
         "]\n\nend of parameters\n\npandas_categorical:" + pandas + "\n";
}

ErrorCode code_of(const std::string& text, const std::optional<Signature>& signature) {
  try {
    booster_features(text, signature);
  } catch (const Error& error) {
    return error.code();
  }
  ADD_FAILURE() << "not refused: " << text;
  return ErrorCode::kInternal;
}

TEST(BoosterFeatures, AreNumbersWithoutPandasCategories) {
  for (const std::string pandas : {"null", "[]"}) {
    const std::vector<Feature> features = booster_features(model("0", pandas), std::nullopt);
    ASSERT_EQ(features.size(), 3U);
    EXPECT_EQ(features[0].name, "city");
    EXPECT_EQ(features[0].kind, FeatureKind::kNumber);
  }
}

TEST(BoosterFeatures, TakeTheValuesOfPandasCategoriesInTheirOrder) {
  const auto features = booster_features(model("0,1", R"([["rome", "oslo"], [7, 10, 20]])"), std::nullopt);
  EXPECT_EQ(features[0].kind, FeatureKind::kCategory);
  EXPECT_EQ(features[0].type, ColumnType::kText);
  EXPECT_THAT(features[0].categories, ElementsAre("rome", "oslo"));
  EXPECT_EQ(features[1].type, ColumnType::kInteger);
  EXPECT_THAT(features[1].categories, ElementsAre("7", "10", "20"));
  EXPECT_EQ(features[2].kind, FeatureKind::kNumber);
}

TEST(BoosterFeatures, FindOrderedCategoriesByTheTextsOfTheSignature) {
  const Signature signature{{{"city", ColumnType::kText}, {"grade", ColumnType::kInteger}, {"x"}}, {}};
  const std::string text = model("1", R"([["lo", "hi"], [7, 10]])");
  const auto features = booster_features(text, signature);
  EXPECT_THAT(features[0].categories, ElementsAre("lo", "hi"));
  EXPECT_THAT(features[1].categories, ElementsAre("7", "10"));
  EXPECT_EQ(code_of(text, std::nullopt), ErrorCode::kUnimplemented);
}

TEST(BoosterFeatures, RefuseWhatWouldBeAGuess) {
  EXPECT_EQ(code_of(model("0,1", R"([["rome"]])"), std::nullopt), ErrorCode::kUnimplemented);
  EXPECT_EQ(code_of(model("0", R"([["rome", 1]])"), std::nullopt), ErrorCode::kUnimplemented);
  EXPECT_EQ(code_of(model("0", R"([["rome"]])"), Signature{{{"city"}, {"grade"}, {"x"}}, {}}),
            ErrorCode::kUnimplemented);
  EXPECT_EQ(code_of(model("0", R"([["rome")"), std::nullopt), ErrorCode::kDataLoss);
  EXPECT_EQ(code_of(model("0", R"([["rome", "rome"]])"), std::nullopt), ErrorCode::kDataLoss);
  EXPECT_EQ(code_of(model("0", R"({"a": 1})"), std::nullopt), ErrorCode::kDataLoss);
}

}  // namespace
}  // namespace slipway::serving
