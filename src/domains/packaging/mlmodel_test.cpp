#include "domains/packaging/mlmodel.h"

#include <gmock/gmock.h>

#include "foundation/base/error.h"

namespace slipway::packaging {
namespace {

using tables::ColumnType;
using ::testing::HasSubstr;
using ::testing::Not;

MlModel sample() {
  MlModel model;
  model.artifact_path = "model";
  model.run_id = "12e4567890abcdef1234567890abcdef";
  model.model_uuid = "00112233445566778899aabbccddeeff";
  model.created_ms = 1'378'011'600'123;
  model.flavors["lightgbm"] = {{"data", "model.lgb"}, {"lgb_version", "4.7.0"}};
  model.flavors["python_function"] = {{"env.conda", "conda.yaml"}, {"loader_module", "mlflow.lightgbm"}};
  model.signature = Signature{{{"it's", ColumnType::kText, false}, {"n", ColumnType::kInteger, true}},
                              {{"probability", ColumnType::kDouble, true}}};
  model.metadata = {{"data commit", "yes: 'no'"}, {"line", "a\nb"}};
  return model;
}

TEST(MlModel, ComesBackAsItWasWritten) {
  const MlModel wanted = sample();
  const MlModel got = parse_mlmodel(write_mlmodel(wanted));
  EXPECT_EQ(got.artifact_path, wanted.artifact_path);
  EXPECT_EQ(got.run_id, wanted.run_id);
  EXPECT_EQ(got.model_uuid, wanted.model_uuid);
  EXPECT_EQ(got.created_ms, wanted.created_ms);
  EXPECT_EQ(got.flavors, wanted.flavors);
  EXPECT_EQ(got.metadata, wanted.metadata);
  ASSERT_TRUE(got.signature);
  ASSERT_EQ(got.signature->inputs.size(), 2U);
  EXPECT_EQ(got.signature->inputs[0].name, "it's");
  EXPECT_FALSE(got.signature->inputs[0].required);
  EXPECT_EQ(got.signature->inputs[1].type, ColumnType::kInteger);
  EXPECT_EQ(got.signature->outputs[0].name, "probability");
}

TEST(MlModel, QuotesIdsThatYamlWouldReadAsNumbers) {
  const std::string text = write_mlmodel(sample());
  EXPECT_THAT(text, HasSubstr("run_id: '12e4567890abcdef1234567890abcdef'"));
  EXPECT_THAT(text, HasSubstr("utc_time_created: '2013-09-01 05:00:00.123000'"));
  EXPECT_THAT(text, HasSubstr("lgb_version: '4.7.0'"));
  EXPECT_THAT(text, HasSubstr("    env:\n      conda: conda.yaml\n"));
}

TEST(MlModel, WithoutIdsAndTimeHasNoKeysForThem) {
  MlModel model = sample();
  model.run_id.clear();
  model.created_ms = 0;
  const std::string text = write_mlmodel(model);
  EXPECT_THAT(text, Not(HasSubstr("run_id")));
  EXPECT_THAT(text, Not(HasSubstr("utc_time_created")));
}

TEST(MlModel, ReadsWhatAnotherClientWrote) {
  const MlModel model = parse_mlmodel(
      "artifact_path: m\nflavors:\n  lightgbm:\n    code: null\n    data: model.lgb\n    lgb_version: 4.6.0\n"
      "  python_function:\n    env:\n      conda: conda.yaml\n    loader_module: mlflow.lightgbm\n"
      "is_signature_from_type_hint: false\nmodel_size_bytes: 12\nprompts: null\n"
      "signature:\n  inputs: '[{\"type\": \"float\", \"name\": \"x\", \"required\": true}, {\"type\": \"integer\"}]'\n"
      "  outputs: '[{\"type\": \"tensor\", \"tensor-spec\": {\"dtype\": \"float64\", \"shape\": [-1]}}]'\n"
      "  params: null\nutc_time_created: '2025-01-02 03:04:05.678901'\n");
  ASSERT_TRUE(model.signature);
  EXPECT_EQ(model.signature->inputs[0].type, ColumnType::kDouble);
  EXPECT_EQ(model.signature->inputs[1].name, "1");
  EXPECT_TRUE(model.signature->outputs.empty());
  EXPECT_EQ(model.flavors.at("python_function").at("env.conda"), "conda.yaml");
  EXPECT_EQ(model.created_ms % 1000, 678);
}

TEST(MlModel, RefusesWhatIsNoModelFile) {
  for (const std::string text : {"", "- a", "a: [", "flavors: 3", "artifact_path: [1]\nflavors: {}",
                                 "flavors: {}\nsignature: {inputs: '[{\"type\": \"colour\"}]'}"}) {
    EXPECT_THROW(parse_mlmodel(text), Error) << text;
  }
}

}  // namespace
}  // namespace slipway::packaging
