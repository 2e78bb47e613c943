#include "domains/registry/registry.h"

#include "domains/registry/changes.h"
#include "domains/registry/migrations.h"
#include "domains/registry/model_store.h"
#include "domains/registry/names.h"
#include "domains/registry/version_store.h"
#include "foundation/base/error.h"
#include "foundation/identity/grant_store.h"
#include "foundation/identity/migrations.h"

namespace slipway::registry {

namespace {
constexpr int64_t kMaxModels = 1000;
constexpr int64_t kMaxVersions = 200'000;

identity::Resource resource_of(const std::string& name) { return {identity::ResourceKind::kModel, name}; }
}  // namespace

int64_t parse_version(std::string_view version) {
  if (const auto number = text::parse_int(version)) return *number;
  throw invalid_argument("Parameter 'version' must be an integer, got '", version, "'");
}

Registry::Registry(sql::Database& database, tracking::Tracking& tracking, tracking::LoggedModels& logged_models,
                   Clock& clock, jobs::EventBus& events, ChangeRecorder recorder)
    : database_(database),
      tracking_(tracking),
      logged_models_(logged_models),
      clock_(clock),
      events_(events),
      recorder_(std::move(recorder)) {
  identity::migrate(database_);
  database_.migrate("registry", migrations());
}

void Registry::publish(std::string kind, const std::string& name, int64_t version,
                       std::map<std::string, std::string> attributes) {
  attributes["name"] = name;
  attributes["version"] = std::to_string(version);
  events_.publish({std::move(kind), text::concat(name, "/", version), std::move(attributes), clock_.now_ms()});
}

RegisteredModel Registry::create_model(const std::string& name, const std::string& description,
                                       const std::vector<Tag>& tags, int64_t maker) {
  check_model_name(name);
  for (const Tag& tag : tags) check_tag(tag.key, tag.value);
  return database_.write_value<RegisteredModel>([&](sql::Transaction& transaction) {
    ModelStore models(transaction);
    models.insert(name, description, tags, clock_.now_ms());
    identity::GrantStore(transaction).made(resource_of(name), maker);
    RegisteredModel model = models.get(name);
    Attributes attributes = attributes_of(model.tags);
    attributes["description"] = description;
    record(transaction, Thing::kModel, is_prompt(model.tags), "created", name, std::move(attributes));
    return model;
  });
}

RegisteredModel Registry::get_model(const std::string& name) {
  return database_.read_value<RegisteredModel>(
      [&](sql::Transaction& transaction) { return ModelStore(transaction).get(name); });
}

Page<RegisteredModel> Registry::search_models(const Search& search) {
  tracking::check_max_results(search.max_results, kMaxModels);
  const tracking::PageRequest request(search.max_results, search.page_token,
                                      tracking::Question::of("registered models", {}, search));
  return database_.read_value<Page<RegisteredModel>>(
      [&](sql::Transaction& transaction) { return ModelStore(transaction).search(search, request); });
}

RegisteredModel Registry::rename_model(const std::string& name, const std::string& new_name) {
  check_model_name(new_name);
  return database_.write_value<RegisteredModel>([&](sql::Transaction& transaction) {
    ModelStore models(transaction);
    models.rename(name, new_name, clock_.now_ms());
    identity::GrantStore(transaction).renamed(resource_of(name), new_name);
    return models.get(new_name);
  });
}

RegisteredModel Registry::set_model_description(const std::string& name, const std::string& description) {
  return database_.write_value<RegisteredModel>([&](sql::Transaction& transaction) {
    ModelStore models(transaction);
    const int64_t id = models.get_id(name);
    models.set_description(id, description);
    models.touch(id, clock_.now_ms());
    return models.get(name);
  });
}

void Registry::delete_model(const std::string& name) {
  database_.write([&](sql::Transaction& transaction) {
    ModelStore models(transaction);
    models.remove(models.get_id(name));
    identity::GrantStore(transaction).removed(resource_of(name));
  });
}

void Registry::set_model_tag(const std::string& name, const Tag& tag) {
  check_tag(tag.key, tag.value);
  database_.write([&](sql::Transaction& transaction) {
    ModelStore models(transaction);
    const int64_t model = models.get_id(name);
    models.set_tag(model, tag);
    record_of(transaction, Thing::kModelTag, model, "set", name, {{"key", tag.key}, {"value", tag.value}});
  });
}

void Registry::delete_model_tag(const std::string& name, const std::string& key) {
  database_.write([&](sql::Transaction& transaction) {
    ModelStore models(transaction);
    const int64_t model = models.get_id(name);
    if (models.remove_tag(model, key)) record_of(transaction, Thing::kModelTag, model, "deleted", name, {{"key", key}});
  });
}

std::vector<ModelVersion> Registry::latest_versions(const std::string& name, const std::vector<std::string>& stages) {
  std::vector<Stage> wanted;
  for (const std::string& stage : stages) wanted.push_back(parse_stage(stage));
  const RegisteredModel model = get_model(name);
  std::vector<ModelVersion> out;
  for (const ModelVersion& version : model.latest_versions) {
    bool keep = wanted.empty();
    for (const Stage stage : wanted) keep = keep || stage == version.stage;
    if (keep) out.push_back(version);
  }
  return out;
}

ModelVersion Registry::get_version(const std::string& name, int64_t version) {
  return database_.read_value<ModelVersion>(
      [&](sql::Transaction& transaction) { return VersionStore(transaction).get(name, version).version; });
}

Page<ModelVersion> Registry::search_versions(const Search& search) {
  tracking::check_max_results(search.max_results, kMaxVersions);
  const tracking::PageRequest request(search.max_results, search.page_token,
                                      tracking::Question::of("model versions", {}, search));
  return database_.read_value<Page<ModelVersion>>(
      [&](sql::Transaction& transaction) { return VersionStore(transaction).search(search, request); });
}

ModelVersion Registry::set_version_description(const std::string& name, int64_t version,
                                               const std::string& description) {
  return database_.write_value<ModelVersion>([&](sql::Transaction& transaction) {
    VersionStore versions(transaction);
    const VersionRow row = versions.get(name, version);
    versions.set_description(row.row, description, clock_.now_ms());
    return versions.get_by_row(row.row).version;
  });
}

ModelVersion Registry::transition_stage(const std::string& name, int64_t version, const std::string& stage,
                                        OthersInStage others) {
  const Stage wanted = parse_stage(stage);
  if (others == OthersInStage::kArchive && wanted != Stage::kStaging && wanted != Stage::kProduction) {
    throw invalid_argument("Model version transition cannot archive existing model versions because '", name_of(wanted),
                           "' is not an Active stage. Valid stages are Production, Staging");
  }
  Stage before = Stage::kNone;
  auto after = database_.write_value<ModelVersion>([&](sql::Transaction& transaction) {
    VersionStore versions(transaction);
    const VersionRow row = versions.get(name, version);
    before = row.version.stage;
    const int64_t now_ms = clock_.now_ms();
    if (others == OthersInStage::kArchive) versions.archive_others(row, wanted, now_ms);
    versions.set_stage(row.row, wanted, now_ms);
    ModelStore(transaction).touch(row.model, now_ms);
    return versions.get_by_row(row.row).version;
  });
  publish("model_version.stage_changed", name, version,
          {{"stage", std::string(name_of(wanted))}, {"previous_stage", std::string(name_of(before))}});
  return after;
}

void Registry::delete_version(const std::string& name, int64_t version) {
  database_.write([&](sql::Transaction& transaction) {
    VersionStore versions(transaction);
    const VersionRow row = versions.get(name, version);
    versions.remove(row.row, clock_.now_ms());
    ModelStore(transaction).touch(row.model, clock_.now_ms());
  });
}

void Registry::set_version_tag(const std::string& name, int64_t version, const Tag& tag) {
  check_tag(tag.key, tag.value);
  database_.write([&](sql::Transaction& transaction) {
    VersionStore versions(transaction);
    const VersionRow row = versions.get(name, version);
    versions.set_tag(row.row, tag);
    record_of(transaction, Thing::kVersionTag, row.model, "set", name,
              {{"version", std::to_string(version)}, {"key", tag.key}, {"value", tag.value}});
  });
}

void Registry::delete_version_tag(const std::string& name, int64_t version, const std::string& key) {
  database_.write([&](sql::Transaction& transaction) {
    VersionStore versions(transaction);
    const VersionRow row = versions.get(name, version);
    if (!versions.remove_tag(row.row, key)) return;
    record_of(transaction, Thing::kVersionTag, row.model, "deleted", name,
              {{"version", std::to_string(version)}, {"key", key}});
  });
}

std::optional<int64_t> Registry::set_alias(const std::string& name, const std::string& alias, int64_t version) {
  check_alias(alias);
  using Before = std::optional<int64_t>;
  const Before before = database_.write_value<Before>([&](sql::Transaction& transaction) {
    VersionStore versions(transaction);
    ModelStore models(transaction);
    const VersionRow row = versions.get(name, version);
    const auto held = models.find_alias(row.model, alias);
    models.set_alias(row.model, alias, row.row);
    record_of(transaction, Thing::kAlias, row.model, "created", name,
              {{"alias", alias}, {"version", std::to_string(version)}});
    return held ? Before(versions.get_by_row(*held).version.version) : std::nullopt;
  });
  publish("model_version.aliased", name, version,
          {{"alias", alias}, {"previous_version", before ? std::to_string(*before) : std::string()}});
  return before;
}

void Registry::delete_alias(const std::string& name, const std::string& alias) {
  database_.write([&](sql::Transaction& transaction) {
    ModelStore models(transaction);
    const int64_t model = models.get_id(name);
    if (models.remove_alias(model, alias)) {
      record_of(transaction, Thing::kAlias, model, "deleted", name, {{"alias", alias}});
    }
  });
}

std::optional<ModelVersion> Registry::find_by_alias(const std::string& name, const std::string& alias) {
  using Found = std::optional<ModelVersion>;
  return database_.read_value<Found>([&](sql::Transaction& transaction) -> Found {
    ModelStore models(transaction);
    const auto model = models.find_id(name);
    if (!model) return std::nullopt;
    VersionStore versions(transaction);
    if (text::equal_ignoring_case(alias, "latest")) {
      auto highest = versions.find_highest(*model);
      return highest ? Found(std::move(highest->version)) : std::nullopt;
    }
    const auto row = models.find_alias(*model, alias);
    return row ? Found(versions.get_by_row(*row).version) : std::nullopt;
  });
}

}  // namespace slipway::registry
