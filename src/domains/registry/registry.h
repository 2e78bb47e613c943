// The use cases of the model registry: named models with numbered versions, aliases, stages and tags. Used by the
// protocols, by pipelines and governance (promotion moves an alias) and by whoever watches which model is the champion.
//
// Events (subject "NAME/VERSION", each with name and version): model_version.created, model_version.aliased {alias,
// previous_version, empty if there was none}, model_version.stage_changed {stage, previous_stage}.
//
// Changes, told inside the transaction that makes them (each with name): registered_model.created {description, tag.KEY
// ...}, registered_model_tag.set {key, value}, registered_model_tag.deleted {key}, model_version.created {version,
// source, run_id, description, tag.KEY ...}, model_version_tag.set {version, key, value}, model_version_tag.deleted
// {version, key}, model_version_alias.created {alias, version}, model_version_alias.deleted {alias}. Of prompts:
// prompt, prompt_tag, prompt_version, prompt_version_tag and prompt_alias instead.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "domains/registry/model.h"
#include "foundation/base/clock.h"
#include "foundation/jobs/event_bus.h"
#include "foundation/sql/database.h"

namespace slipway::tracking {
class LoggedModels;
class Tracking;
}  // namespace slipway::tracking

namespace slipway::registry {

// What happens to the versions that were in the stage before.
enum class OthersInStage { kKeep, kArchive };

// Told of a change within its transaction: what it writes there is kept exactly when the change is. May be called again
// for the same change, when the database runs a transaction again.
using ChangeRecorder = std::function<void(sql::Transaction&, const jobs::Event&)>;

class Registry {
 public:
  // Brings the tables up to date. Everything must outlive it.
  Registry(sql::Database& database, tracking::Tracking& tracking, tracking::LoggedModels& logged_models, Clock& clock,
           jobs::EventBus& events, ChangeRecorder recorder = {});

  // `maker` is the account that may do everything with it; 0: none.
  RegisteredModel create_model(const std::string& name, const std::string& description = "",
                               const std::vector<Tag>& tags = {}, int64_t maker = 0);
  RegisteredModel get_model(const std::string& name);
  Page<RegisteredModel> search_models(const Search& search);
  RegisteredModel rename_model(const std::string& name, const std::string& new_name);
  RegisteredModel set_model_description(const std::string& name, const std::string& description);
  // With all its versions, for good.
  void delete_model(const std::string& name);
  void set_model_tag(const std::string& name, const Tag& tag);
  void delete_model_tag(const std::string& name, const std::string& key);
  // The highest version of each of these stages; no stages: of all.
  std::vector<ModelVersion> latest_versions(const std::string& name, const std::vector<std::string>& stages);

  ModelVersion create_version(const NewVersion& version);
  ModelVersion get_version(const std::string& name, int64_t version);
  Page<ModelVersion> search_versions(const Search& search);
  ModelVersion set_version_description(const std::string& name, int64_t version, const std::string& description);
  ModelVersion transition_stage(const std::string& name, int64_t version, const std::string& stage,
                                OthersInStage others);
  void delete_version(const std::string& name, int64_t version);
  void set_version_tag(const std::string& name, int64_t version, const Tag& tag);
  void delete_version_tag(const std::string& name, int64_t version, const std::string& key);

  // Moves the alias if it was elsewhere; returns the version it was on before.
  std::optional<int64_t> set_alias(const std::string& name, const std::string& alias, int64_t version);
  // Deleting what is not there is fine.
  void delete_alias(const std::string& name, const std::string& alias);
  // "latest" is always the highest version.
  std::optional<ModelVersion> find_by_alias(const std::string& name, const std::string& alias);

 private:
  struct Origin;
  Origin origin_of(const NewVersion& version);
  Origin origin_of_copy(const NewVersion& version, const std::string& name, int64_t number);
  void check_inside_model(const NewVersion& version);
  void check_inside_run(const NewVersion& version);
  void publish(std::string kind, const std::string& name, int64_t version,
               std::map<std::string, std::string> attributes);
  // What the change is of: "model_version_tag" is "prompt_version_tag" when the model is a prompt.
  enum class Thing { kModel, kModelTag, kVersion, kVersionTag, kAlias };
  using Attributes = std::map<std::string, std::string>;
  void record(sql::Transaction& transaction, Thing thing, bool is_prompt, std::string_view action,
              const std::string& name, Attributes attributes);
  // For a change of a model that is there.
  void record_of(sql::Transaction& transaction, Thing thing, int64_t model, std::string_view action,
                 const std::string& name, Attributes attributes);

  sql::Database& database_;
  tracking::Tracking& tracking_;
  tracking::LoggedModels& logged_models_;
  Clock& clock_;
  jobs::EventBus& events_;
  const ChangeRecorder recorder_;
};

// The number behind a version's text; throws invalid_argument ("Parameter 'version' must be an integer, got ...").
int64_t parse_version(std::string_view version);

}  // namespace slipway::registry
