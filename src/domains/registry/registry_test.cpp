#include "domains/registry/registry.h"

#include <utility>

#include "domains/registry/model_store.h"
#include "domains/tracking/tracking_fixture.h"

namespace slipway::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class RegistryTest : public tracking::TrackingFixture {
 protected:
  // A version whose files lie inside a run of its own.
  ModelVersion version_of(const std::string& name, std::vector<Tag> tags = {}) {
    NewVersion version;
    version.name = name;
    version.run_id = run_.info.id.value;
    version.source = run_.info.artifact_uri + "/model";
    version.tags = std::move(tags);
    return registry_.create_version(version);
  }

  std::vector<int64_t> numbers(const std::string& filter, std::vector<std::string> order_by = {}) {
    Search search;
    search.filter = filter;
    search.order_by = std::move(order_by);
    std::vector<int64_t> out;
    for (const ModelVersion& version : registry_.search_versions(search).items) out.push_back(version.version);
    return out;
  }

  tracking::Run run_ = run_in(tracking::ExperimentId("0"));
  Registry registry_{*database_, tracking_, models_, clock_, events_};
};

TEST_F(RegistryTest, AModelIsRegisteredOnce) {
  registry_.create_model("flights", "late or not", {{"team", "ops"}});
  EXPECT_THAT(fault(ErrorCode::kAlreadyExists, [&] { registry_.create_model("flights"); }),
              HasSubstr("already exists"));
  EXPECT_EQ(registry_.get_model("flights").description, "late or not");
  for (const char* name : {"", "  ", "a/b", "a:b", ".."}) {
    fault(ErrorCode::kInvalidArgument, [&] { registry_.create_model(name); });
  }
  EXPECT_THAT(fault(ErrorCode::kNotFound, [&] { registry_.get_model("other"); }),
              HasSubstr("Registered Model with name=other not found"));
}

TEST_F(RegistryTest, VersionNumbersNeverReturn) {
  registry_.create_model("m");
  EXPECT_EQ(version_of("m").version, 1);
  EXPECT_EQ(version_of("m").version, 2);
  registry_.delete_version("m", 2);
  fault(ErrorCode::kNotFound, [&] { registry_.get_version("m", 2); });
  EXPECT_EQ(version_of("m").version, 3);
  fault(ErrorCode::kNotFound, [&] { version_of("unknown"); });
  EXPECT_THAT(fault(ErrorCode::kInvalidArgument, [] { parse_version("one"); }), HasSubstr("must be an integer"));
}

TEST_F(RegistryTest, AnAliasMovesAndTellsWhereItWas) {
  registry_.create_model("m");
  version_of("m");
  version_of("m");
  EXPECT_FALSE(registry_.set_alias("m", "champion", 1).has_value());
  EXPECT_EQ(*registry_.set_alias("m", "champion", 2), 1);
  EXPECT_EQ(registry_.find_by_alias("m", "champion")->version, 2);
  EXPECT_THAT(registry_.find_by_alias("m", "champion")->aliases, ElementsAre("champion"));
  EXPECT_EQ(registry_.get_model("m").aliases.at(0).version, 2);
  EXPECT_EQ(registry_.find_by_alias("m", "LATEST")->version, 2);
  EXPECT_FALSE(registry_.find_by_alias("m", "other").has_value());
  EXPECT_FALSE(registry_.find_by_alias("other", "champion").has_value());
  const auto& last = published().back();
  EXPECT_EQ(last.kind, "model_version.aliased");
  EXPECT_EQ(last.subject, "m/2");
  EXPECT_EQ(last.attributes.at("previous_version"), "1");
  registry_.delete_version("m", 2);
  EXPECT_FALSE(registry_.find_by_alias("m", "champion").has_value()) << "a deleted version loses its aliases";
  registry_.delete_alias("m", "champion");
}

TEST_F(RegistryTest, AliasesThatReadLikeVersionsAreReserved) {
  registry_.create_model("m");
  version_of("m");
  for (const char* alias : {"", "a b", "a/b", "latest", "Latest", "v1", "V23", "a@b"}) {
    fault(ErrorCode::kInvalidArgument, [&] { registry_.set_alias("m", alias, 1); });
  }
  registry_.set_alias("m", "version1", 1);
  fault(ErrorCode::kNotFound, [&] { registry_.set_alias("m", "champion", 9); });
}

TEST_F(RegistryTest, StagesAreKnownInAnyCaseAndArchiveTheOthers) {
  registry_.create_model("m");
  version_of("m");
  version_of("m");
  registry_.transition_stage("m", 1, "production", OthersInStage::kKeep);
  registry_.transition_stage("m", 2, "PRODUCTION", OthersInStage::kArchive);
  EXPECT_EQ(registry_.get_version("m", 1).stage, Stage::kArchived);
  EXPECT_EQ(registry_.latest_versions("m", {"Production"}).at(0).version, 2);
  EXPECT_THAT(registry_.latest_versions("m", {}), SizeIs(2));
  EXPECT_THAT(
      fault(ErrorCode::kInvalidArgument, [&] { registry_.transition_stage("m", 1, "beta", OthersInStage::kKeep); }),
      HasSubstr("Invalid Model Version stage"));
  fault(ErrorCode::kInvalidArgument, [&] { registry_.transition_stage("m", 1, "None", OthersInStage::kArchive); });
  EXPECT_EQ(published().back().attributes.at("stage"), "Production");
}

TEST_F(RegistryTest, RenamingKeepsEverythingAndDeletingNothing) {
  registry_.create_model("old", "", {{"a", "b"}});
  registry_.create_model("taken");
  version_of("old", {{"c", "d"}});
  registry_.set_alias("old", "champion", 1);
  fault(ErrorCode::kAlreadyExists, [&] { registry_.rename_model("old", "taken"); });
  const RegisteredModel renamed = registry_.rename_model("old", "new");
  EXPECT_THAT(renamed.tags, ElementsAre(Tag{"a", "b"}));
  EXPECT_EQ(registry_.find_by_alias("new", "champion")->tags.at(0).value, "d");
  EXPECT_EQ(registry_.get_version("new", 1).name, "new");
  registry_.delete_model("new");
  fault(ErrorCode::kNotFound, [&] { registry_.get_version("new", 1); });
  registry_.create_model("new");
  EXPECT_EQ(version_of("new").version, 1);
  EXPECT_THAT(registry_.get_version("new", 1).tags, IsEmpty()) << "nothing of the deleted model comes back";
}

TEST_F(RegistryTest, VersionsAreSearchedByAllTheirFields) {
  registry_.create_model("m");
  version_of("m", {{"stage", "dev"}});
  clock_.advance_ms(5);
  version_of("m");
  EXPECT_THAT(numbers("name = 'm'"), ElementsAre(2, 1)) << "newest first";
  EXPECT_THAT(numbers("name = 'm'", {"version_number ASC"}), ElementsAre(1, 2));
  EXPECT_THAT(numbers("tags.stage = 'dev'"), ElementsAre(1));
  EXPECT_THAT(numbers("version_number > 1"), ElementsAre(2));
  EXPECT_THAT(numbers("run_id IN ('x', '" + run_.info.id.value + "') AND source_path LIKE '%/model'"), SizeIs(2));
  EXPECT_THAT(numbers("name ILIKE 'M%'"), SizeIs(2));
  fault(ErrorCode::kInvalidArgument, [&] { numbers("colour = 'red'"); });
  fault(ErrorCode::kInvalidArgument, [&] { numbers("", {"colour"}); });
}

TEST_F(RegistryTest, PromptsAreShownOnlyToThoseWhoAsk) {
  registry_.create_model("model");
  registry_.create_model("prompt", "", {{"mlflow.prompt.is_prompt", "true"}});
  NewVersion text;
  text.name = "prompt";
  text.source = "prompt-template";
  text.tags = {{"mlflow.prompt.is_prompt", "true"}, {"mlflow.prompt.text", "Hello"}};
  registry_.create_version(text);
  text.source = "mlflow-artifacts:/1/secret";
  fault(ErrorCode::kInvalidArgument, [&] { registry_.create_version(text); });
  Search search;
  EXPECT_EQ(registry_.search_models(search).items.at(0).name, "model");
  search.filter = "tags.`mlflow.prompt.is_prompt` = 'true'";
  const auto prompts = registry_.search_models(search).items;
  ASSERT_THAT(prompts, SizeIs(1));
  EXPECT_EQ(prompts[0].name, "prompt");
  EXPECT_THAT(numbers(""), IsEmpty());
}

class Sources : public RegistryTest {
 protected:
  Sources() { registry_.create_model("m"); }

  ModelVersion create(const std::string& source, const std::string& run_id = "", const std::string& model_id = "") {
    NewVersion version;
    version.name = "m";
    version.source = source;
    version.run_id = run_id;
    version.model_id = model_id;
    return registry_.create_version(version);
  }
};

TEST_F(Sources, OfARunLieInsideIt) {
  const std::string run = run_.info.id.value;
  create(run_.info.artifact_uri + "/a/model", run);
  create("runs:/" + run + "/model", run);
  create("http://localhost:5000/api/2.0/mlflow-artifacts/artifacts/0/" + run + "/artifacts/model", run);
  create("s3://bucket/model");
  const std::string root = run_.info.artifact_uri;
  for (const std::string& source :
       {root + "/../../other", root + "/%2e%2e/x", root + "/..%2f..%2fx", root + "2/model",
        std::string("mlflow-artifacts:/"), std::string("/etc/passwd"), std::string("file:///etc/passwd"),
        std::string("runs:/other/model"), std::string("runs://" + run + "/m"),
        std::string("http://169.254.169.254/latest"), std::string("s3://bucket/../x"), std::string("models:/m")}) {
    fault(ErrorCode::kInvalidArgument, [&] { create(source, run); });
  }
  fault(ErrorCode::kInvalidArgument, [&] { create(root + "/model"); });
  fault(ErrorCode::kNotFound, [&] { create(root + "/model", "unknown"); });
}

TEST_F(Sources, OfALoggedModelAreItsFilesAndAreNotedOnIt) {
  tracking::NewLoggedModel logged;
  logged.experiment_id = tracking::ExperimentId("0");
  logged.source_run_id = run_.info.id.value;
  const tracking::LoggedModel model = models_.create(logged);
  const ModelVersion version = create("models:/" + model.id.value, "", model.id.value);
  EXPECT_EQ(version.storage_location, model.artifact_uri);
  EXPECT_EQ(version.run_id, run_.info.id.value);
  EXPECT_THAT(models_.get(model.id).tags.at(0).value, HasSubstr(R"({"name": "m", "version": 1})"));
  fault(ErrorCode::kInvalidArgument, [&] { create("models:/" + model.id.value); });
  fault(ErrorCode::kInvalidArgument, [&] { create(run_.info.artifact_uri + "/x", "", model.id.value); });
  create(model.artifact_uri + "/sub", "", model.id.value);
}

TEST_F(Sources, OfACopyAreThoseOfItsOriginal) {
  const ModelVersion original = version_of("m");
  const ModelVersion copy = create("models:/m/1");
  EXPECT_EQ(copy.storage_location, original.storage_location);
  EXPECT_EQ(copy.run_id, original.run_id);
  fault(ErrorCode::kInvalidArgument, [&] { create("models:/m/1", "someone-else"); });
  fault(ErrorCode::kNotFound, [&] { create("models:/m/77"); });
}

TEST_F(RegistryTest, ToldChangesComeWithTheirTransaction) {
  std::vector<jobs::Event> told;
  Registry registry(*database_, tracking_, models_, clock_, events_,
                    [&](sql::Transaction& transaction, const jobs::Event& event) {
                      transaction.query("SELECT name FROM registered_models", {}, [](const sql::Row&) {});
                      if (event.attributes.at("name") == "cursed") throw unavailable("no room");
                      told.push_back(event);
                    });
  const auto kinds = [&] {
    std::vector<std::string> out;
    for (const jobs::Event& event : std::exchange(told, {})) out.push_back(event.kind);
    return out;
  };
  const auto change_all = [&](const std::string& name, const std::vector<Tag>& tags) {
    registry.create_model(name, "about", tags);
    NewVersion version;
    version.name = name;
    version.run_id = run_.info.id.value;
    version.source = tags.empty() ? run_.info.artifact_uri + "/model" : "prompt";
    version.tags = tags;
    registry.create_version(version);
    registry.set_model_tag(name, {"k", "v"});
    registry.set_version_tag(name, 1, {"k", "v"});
    registry.set_alias(name, "champion", 1);
    registry.delete_alias(name, "champion");
    registry.delete_alias(name, "champion");
    registry.delete_version_tag(name, 1, "k");
    registry.delete_version_tag(name, 1, "k");
    registry.delete_model_tag(name, "k");
    registry.delete_model_tag(name, "k");
  };
  change_all("m", {});
  EXPECT_EQ(told.at(0).attributes.at("description"), "about");
  EXPECT_EQ(told.at(1).subject, "m/1");
  EXPECT_EQ(told.at(1).attributes.at("source"), run_.info.artifact_uri + "/model");
  EXPECT_THAT(kinds(),
              ElementsAre("registered_model.created", "model_version.created", "registered_model_tag.set",
                          "model_version_tag.set", "model_version_alias.created", "model_version_alias.deleted",
                          "model_version_tag.deleted", "registered_model_tag.deleted"))
      << "what was not there is not deleted";
  change_all("p", {{std::string(kPromptTag), "true"}});
  EXPECT_EQ(told.at(0).attributes.at("tag." + std::string(kPromptTag)), "true");
  EXPECT_THAT(kinds(), ElementsAre("prompt.created", "prompt_version.created", "prompt_tag.set",
                                   "prompt_version_tag.set", "prompt_alias.created", "prompt_alias.deleted",
                                   "prompt_version_tag.deleted", "prompt_tag.deleted"));
  fault(ErrorCode::kUnavailable, [&] { registry.create_model("cursed"); });
  fault(ErrorCode::kNotFound, [&] { registry.get_model("cursed"); });
}

}  // namespace
}  // namespace slipway::registry
