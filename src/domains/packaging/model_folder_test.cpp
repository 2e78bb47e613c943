#include "domains/packaging/model_folder.h"

#include <gmock/gmock.h>

#include <cmath>
#include <filesystem>
#include <limits>

#include "domains/packaging/logistic_model.h"
#include "domains/packaging/mlmodel.h"
#include "foundation/base/error.h"
#include "foundation/base/files.h"

namespace slipway::packaging {
namespace {

using tables::ColumnType;

LogisticModel weights() {
  LogisticModel model;
  model.bias = -1.0 / 3;
  model.terms = {{0.1, 2.0 / 7, 1e-17 / 3, 0.25, {}}, {0, 1, 0, -0.5, {0.1, 0.7}}};
  return model;
}

ModelContent sample() {
  ModelContent content;
  content.kind = ModelKind::kLogistic;
  content.model = write_logistic(weights());
  content.encoding = Encoding({{"wind", ColumnType::kDouble, FeatureKind::kNumber, false, {}},
                               {"carrier", ColumnType::kText, FeatureKind::kCategory, true, {"AA", "UA"}}});
  content.outputs = {{"probability", ColumnType::kDouble, true}};
  content.metadata = {{"target", "late"}};
  return content;
}

std::string all_bytes(const std::string& folder) {
  std::map<std::string, std::string> found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) found[entry.path().lexically_relative(folder)] = files::read(entry.path());
  }
  std::string out;
  for (const auto& [name, bytes] : found) out += name + "\n" + bytes;
  return out;
}

TEST(ModelFolder, ComesBackAndScoresTheSame) {
  files::TemporaryFolder folder;
  write_model_folder(sample(), {}, folder.file("m"));
  const ModelContent got = read_model_folder(folder.file("m"));
  EXPECT_EQ(got.kind, ModelKind::kLogistic);
  EXPECT_EQ(got.encoding.features()[1].categories, sample().encoding.features()[1].categories);
  EXPECT_EQ(got.outputs[0].name, "probability");
  EXPECT_EQ(got.metadata.at("target"), "late");
  const std::vector<double> values = {3.5, 1, std::numeric_limits<double>::quiet_NaN(), 0};
  const engines::MatrixView matrix = {values, 2, 2, engines::Layout::kRows};
  EXPECT_EQ(parse_logistic(got.model).score(matrix), weights().score(matrix));
}

TEST(ModelFolder, TheSameContentGivesTheSameBytesAndOnlyTheOriginDiffers) {
  files::TemporaryFolder folder;
  write_model_folder(sample(), {}, folder.file("a"));
  write_model_folder(sample(), {}, folder.file("b"));
  EXPECT_EQ(all_bytes(folder.file("a")), all_bytes(folder.file("b")));
  write_model_folder(sample(), {"model", "run1", 1'000'000}, folder.file("b"));
  EXPECT_NE(all_bytes(folder.file("a")), all_bytes(folder.file("b")));
  EXPECT_EQ(read_mlmodel(folder.file("a")).model_uuid, read_mlmodel(folder.file("b")).model_uuid);
  ModelContent other = sample();
  other.model += " ";
  EXPECT_NE(content_id(other), content_id(sample()));
}

TEST(ModelFolder, DamageIsNoticed) {
  files::TemporaryFolder folder;
  write_model_folder(sample(), {}, folder.path());
  files::write_atomic(folder.file("model.json"), sample().model.substr(0, 40));
  try {
    read_model_folder(folder.path());
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kDataLoss);
  }
}

TEST(ModelFolder, WhatIsNoModelSaysSo) {
  files::TemporaryFolder folder;
  try {
    read_model_folder(folder.path());
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kNotFound);
  }
}

TEST(Description, RefusesAFileNameThatLeavesTheFolder) {
  std::string text = write_description(sample());
  EXPECT_NO_THROW(parse_description(text));
  text.replace(text.find("model.json"), 10, "../../etc/");
  EXPECT_THROW(parse_description(text), Error);
}

TEST(LogisticModel, RefusesWeightsThatAreNotNumbers) {
  for (const std::string text :
       {"", "{}x", "{\"bias\": NaN}", "{\"features\": [{\"scale\": 0}]}", "{\"bias\": \"1\"}"}) {
    EXPECT_THROW(parse_logistic(text), Error) << text;
  }
  EXPECT_EQ(parse_logistic("{\"bias\": 1}").score({{}, 0, 0, engines::Layout::kRows}).size(), 0U);
}

}  // namespace
}  // namespace slipway::packaging
