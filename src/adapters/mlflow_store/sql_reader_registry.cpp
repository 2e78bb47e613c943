// The registry half of SqlReader.
#include <unordered_map>

#include "adapters/mlflow_store/sql_reader.h"
#include "foundation/base/text.h"

namespace slipway::mlflow_store {

namespace {

constexpr std::string_view kDeletedStage = "Deleted_Internal";
constexpr std::string_view kModelScheme = "models:/m-";

std::string text_or_empty(const sql::Row& row, int column) { return row.find_text(column).value_or(""); }

registry::Stage stage_of(const std::string& name) {
  for (const registry::Stage stage :
       {registry::Stage::kStaging, registry::Stage::kProduction, registry::Stage::kArchived}) {
    if (text::equal_ignoring_case(name, registry::name_of(stage))) return stage;
  }
  return registry::Stage::kNone;
}

}  // namespace

std::vector<std::string> SqlReader::registered_names() {
  if (!schema_.has("registered_models")) return {};
  return transaction_.query_all<std::string>(
      text::concat("SELECT m.name FROM registered_models m WHERE m.name IS NOT NULL",
                   schema_.in_default_workspace("registered_models", "m"), " ORDER BY m.creation_time, m.name"),
      {}, [](const sql::Row& row) { return row.get_text(0); });
}

std::optional<registry::StoredModel> SqlReader::registered(const std::string& name) {
  if (!schema_.has("registered_models")) return std::nullopt;
  auto out = transaction_.query_one<registry::StoredModel>(
      text::concat(
          "SELECT m.description, m.creation_time, m.last_updated_time FROM registered_models m WHERE m.name = ?",
          schema_.in_default_workspace("registered_models", "m")),
      {name}, [&](const sql::Row& row) {
        registry::StoredModel model;
        model.model.name = name;
        model.model.description = text_or_empty(row, 0);
        model.model.created_ms = row.find_int(1).value_or(0);
        model.model.updated_ms = row.find_int(2).value_or(model.model.created_ms);
        return model;
      });
  if (!out) return out;
  if (schema_.has("registered_model_tags")) {
    transaction_.query(text::concat("SELECT t.\"key\", t.value FROM registered_model_tags t WHERE t.name = ?",
                                    schema_.in_default_workspace("registered_model_tags", "t")),
                       {name}, [&](const sql::Row& row) {
                         out->model.tags.push_back({row.get_text(0), text_or_empty(row, 1)});
                       });
  }
  if (schema_.has("registered_model_aliases")) {
    transaction_.query(text::concat("SELECT a.alias, a.version FROM registered_model_aliases a WHERE a.name = ?",
                                    schema_.in_default_workspace("registered_model_aliases", "a")),
                       {name}, [&](const sql::Row& row) {
                         out->model.aliases.push_back({row.get_text(0), row.get_int(1)});
                       });
  }
  load_versions(*out);
  return out;
}

void SqlReader::load_versions(registry::StoredModel& model) {
  const std::string& name = model.model.name;
  const auto column = [&](const char* wanted) { return schema_.column("model_versions", "v", wanted); };
  std::unordered_map<int64_t, size_t> places;
  transaction_.query(
      text::concat("SELECT v.version, v.creation_time, v.last_updated_time, v.description, v.current_stage, v.source, "
                   "v.run_id, ",
                   column("run_link"), ", ", column("storage_location"), " FROM model_versions v WHERE v.name = ?",
                   schema_.in_default_workspace("model_versions", "v"), " ORDER BY v.version"),
      {name}, [&](const sql::Row& row) {
        registry::StoredVersion stored;
        registry::ModelVersion& version = stored.version;
        version.name = name;
        version.version = row.get_int(0);
        version.created_ms = row.find_int(1).value_or(0);
        version.updated_ms = row.find_int(2).value_or(version.created_ms);
        version.description = text_or_empty(row, 3);
        stored.deleted = text_or_empty(row, 4) == kDeletedStage;
        version.stage = stage_of(text_or_empty(row, 4));
        version.source = text_or_empty(row, 5);
        version.run_id = text_or_empty(row, 6);
        version.run_link = text_or_empty(row, 7);
        version.storage_location = row.find_text(8).value_or(version.source);
        if (version.source.starts_with(kModelScheme)) version.model_id = version.source.substr(kModelScheme.size() - 2);
        places[version.version] = model.versions.size();
        model.versions.push_back(std::move(stored));
      });
  if (!schema_.has("model_version_tags")) return;
  transaction_.query(text::concat("SELECT t.version, t.\"key\", t.value FROM model_version_tags t WHERE t.name = ?",
                                  schema_.in_default_workspace("model_version_tags", "t")),
                     {name}, [&](const sql::Row& row) {
                       const auto place = places.find(row.get_int(0));
                       if (place == places.end() || model.versions[place->second].deleted) return;
                       model.versions[place->second].version.tags.push_back({row.get_text(1), text_or_empty(row, 2)});
                     });
}

}  // namespace slipway::mlflow_store
