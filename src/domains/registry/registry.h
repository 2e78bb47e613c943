// The use cases of the model registry: named models with numbered versions, aliases, stages and tags. Used by the
// protocols, by pipelines and governance (promotion moves an alias) and by whoever watches which model is the champion.
//
// Events (subject "NAME/VERSION", each with name and version): model_version.created, model_version.aliased {alias,
// previous_version, empty if there was none}, model_version.stage_changed {stage, previous_stage}.
#pragma once

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

class Registry {
 public:
  // Brings the tables up to date. Everything must outlive it.
  Registry(sql::Database& database, tracking::Tracking& tracking, tracking::LoggedModels& logged_models, Clock& clock,
           jobs::EventBus& events);

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

  sql::Database& database_;
  tracking::Tracking& tracking_;
  tracking::LoggedModels& logged_models_;
  Clock& clock_;
  jobs::EventBus& events_;
};

// The number behind a version's text; throws invalid_argument ("Parameter 'version' must be an integer, got: ...").
int64_t parse_version(std::string_view version);

}  // namespace slipway::registry
