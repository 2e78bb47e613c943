#include "domains/registry/intake.h"

#include <map>

#include "domains/registry/model_store.h"
#include "domains/registry/version_store.h"
#include "domains/tracking/difference.h"
#include "foundation/base/error.h"

namespace slipway::registry {

namespace {

using tracking::Arrival;
using tracking::Fate;
using tracking::number_difference;
using tracking::tags_difference;
using tracking::text_difference;

std::string version_difference(const StoredVersion& here, const StoredVersion& there) {
  const ModelVersion& a = here.version;
  const ModelVersion& b = there.version;
  const std::string what = text::concat("version ", a.version, ": ");
  if (here.deleted != there.deleted) return text::concat(what, "it is deleted ", here.deleted ? "here" : "there");
  if (here.deleted) return "";
  for (const std::string& one :
       {text_difference(what + "description", a.description, b.description),
        text_difference(what + "source", a.source, b.source), text_difference(what + "run", a.run_id, b.run_id),
        text_difference(what + "run link", a.run_link, b.run_link),
        text_difference(what + "place", a.storage_location, b.storage_location),
        text_difference(what + "stage", std::string(name_of(a.stage)), std::string(name_of(b.stage))),
        number_difference(what + "creation time", a.created_ms, b.created_ms),
        tags_difference(what + "tag", a.tags, b.tags)}) {
    if (!one.empty()) return one;
  }
  return "";
}

std::map<int64_t, const StoredVersion*> by_number(const StoredModel& model) {
  std::map<int64_t, const StoredVersion*> out;
  for (const StoredVersion& version : model.versions) out[version.version.version] = &version;
  return out;
}

void insert_versions(sql::Transaction& transaction, int64_t model, const StoredModel& arriving,
                     const std::map<int64_t, const StoredVersion*>& known) {
  VersionStore versions(transaction);
  for (const StoredVersion& one : arriving.versions) {
    if (!known.contains(one.version.version)) versions.restore(model, one.version, one.deleted);
  }
  ModelStore models(transaction);
  for (const ModelAlias& alias : arriving.model.aliases) {
    if (models.find_alias(model, alias.alias)) continue;
    const auto row =
        transaction.query_int("SELECT id FROM model_versions WHERE model = ? AND version = ?", {model, alias.version});
    if (row) models.set_alias(model, alias.alias, *row);
  }
}

int64_t insert_model(sql::Transaction& transaction, const RegisteredModel& model) {
  ModelStore models(transaction);
  models.insert(model.name, model.description, model.tags, model.created_ms);
  const int64_t id = models.get_id(model.name);
  models.touch(id, model.updated_ms);
  return id;
}

}  // namespace

std::string difference(const StoredModel& here, const StoredModel& there) {
  std::string out = text_difference("description", here.model.description, there.model.description);
  if (out.empty()) out = tags_difference("tag", here.model.tags, there.model.tags);
  const auto known = by_number(here);
  for (const StoredVersion& one : there.versions) {
    const auto found = known.find(one.version.version);
    if (out.empty() && found != known.end()) out = version_difference(*found->second, one);
  }
  std::map<std::string, int64_t> aliases;
  for (const ModelAlias& alias : here.model.aliases) aliases[alias.alias] = alias.version;
  for (const ModelAlias& alias : there.model.aliases) {
    const auto found = aliases.find(alias.alias);
    if (out.empty() && found != aliases.end())
      out = number_difference(text::concat("alias '", alias.alias, "'"), found->second, alias.version);
  }
  return out;
}

Arrival Intake::take(const StoredModel& model) {
  Arrival out;
  const auto work = [&](sql::Transaction& transaction) {
    const auto known = Outlet(transaction).find(model.model.name);
    out = known ? tracking::arrival_of(difference(*known, model)) : Arrival{};
    if (only_look_ || out.fate == Fate::kDifferent) return;
    const int64_t id =
        known ? ModelStore(transaction).get_id(model.model.name) : insert_model(transaction, model.model);
    insert_versions(transaction, id, model, known ? by_number(*known) : std::map<int64_t, const StoredVersion*>());
  };
  only_look_ ? database_.read(work) : database_.write(work);
  return out;
}

ModelRowCounts count_rows(const StoredModel& model) {
  ModelRowCounts out;
  out.models = 1;
  out.tags = static_cast<int64_t>(model.model.tags.size());
  out.aliases = static_cast<int64_t>(model.model.aliases.size());
  for (const StoredVersion& one : model.versions) {
    if (one.deleted) continue;
    ++out.versions;
    out.version_tags += static_cast<int64_t>(one.version.tags.size());
  }
  return out;
}

ModelRowCounts Intake::count(const std::string& name) {
  return database_.read_value<ModelRowCounts>([&](sql::Transaction& transaction) {
    const auto found = Outlet(transaction).find(name);
    return found ? count_rows(*found) : ModelRowCounts{};
  });
}

std::vector<std::string> Outlet::names() {
  return transaction_.query_all<std::string>("SELECT name FROM registered_models ORDER BY id", {},
                                             [](const sql::Row& row) { return row.get_text(0); });
}

std::optional<StoredModel> Outlet::find(const std::string& name) {
  ModelStore models(transaction_);
  const auto id = models.find_id(name);
  if (!id) return std::nullopt;
  StoredModel out;
  out.model = models.get(name);
  out.model.latest_versions.clear();
  out.versions = VersionStore(transaction_).all_of(*id);
  return out;
}

}  // namespace slipway::registry
