#include "domains/registry/version_store.h"

#include <set>
#include <unordered_map>

#include "domains/registry/registry_filter.h"
#include "foundation/base/error.h"

namespace slipway::registry {

namespace {

constexpr std::string_view kColumns =
    "SELECT v.id, v.model, m.name, v.version, v.description, v.source, v.storage_location, v.run_id, v.run_link, "
    "v.model_id, v.stage, "
    "v.created_ms, v.updated_ms FROM model_versions v JOIN registered_models m ON m.id = v.model";

VersionRow version_of(const sql::Row& row) {
  VersionRow out;
  out.row = row.get_int(0);
  out.model = row.get_int(1);
  ModelVersion& version = out.version;
  version.name = row.get_text(2);
  version.version = row.get_int(3);
  version.description = row.get_text(4);
  version.source = row.get_text(5);
  version.storage_location = row.get_text(6);
  version.run_id = row.get_text(7);
  version.run_link = row.get_text(8);
  version.model_id = row.get_text(9);
  version.stage = parse_stage(row.get_text(10));
  version.created_ms = row.get_int(11);
  version.updated_ms = row.get_int(12);
  return out;
}

}  // namespace

VersionRow VersionStore::insert(int64_t model, const NewVersion& version, const std::string& storage_location,
                                int64_t now_ms) {
  const int64_t number =
      transaction_.query_int("SELECT coalesce(max(version), 0) + 1 FROM model_versions WHERE model = ?", {model})
          .value();
  const int64_t row =
      transaction_
          .query_int(
              "INSERT INTO model_versions (model, version, description, source, storage_location, run_id, run_link, "
              "model_id, stage, "
              "created_ms, updated_ms, deleted) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'None', ?, ?, 0) RETURNING id",
              {model, number, version.description, version.source, storage_location, version.run_id, version.run_link,
               version.model_id, now_ms, now_ms})
          .value();
  for (const Tag& tag : version.tags) set_tag(row, tag);
  return get_by_row(row);
}

std::vector<VersionRow> VersionStore::rows_where(std::string_view condition, const sql::Values& values) {
  auto out = transaction_.query_all<VersionRow>(text::concat(kColumns, " WHERE v.deleted = 0 AND ", condition), values,
                                                version_of);
  load(out);
  return out;
}

VersionRow VersionStore::get(const std::string& name, int64_t version) {
  auto found = rows_where("m.name = ? AND v.version = ?", {name, version});
  if (found.empty()) throw not_found("Model Version (name=", name, ", version=", version, ") not found");
  return std::move(found[0]);
}

VersionRow VersionStore::get_by_row(int64_t row) {
  auto found = rows_where("v.id = ?", {row});
  if (found.empty()) throw internal_error("model version row ", row, " is gone");
  return std::move(found[0]);
}

std::optional<VersionRow> VersionStore::find_highest(int64_t model) {
  auto found = rows_where("v.model = ? ORDER BY v.version DESC LIMIT 1", {model});
  if (found.empty()) return std::nullopt;
  return std::move(found[0]);
}

Page<ModelVersion> VersionStore::search(const Search& search, const tracking::PageRequest& request) {
  tracking::SelectBuilder select{std::string(kColumns)};
  add_version_search(select, transaction_.dialect(), search);
  auto rows = tracking::read_page<VersionRow>(transaction_, select, request, version_of);
  load(rows.items);
  Page<ModelVersion> out;
  out.next = rows.next;
  for (VersionRow& row : rows.items) out.items.push_back(std::move(row.version));
  return out;
}

std::vector<VersionRow> VersionStore::latest_of(const std::vector<int64_t>& models) {
  sql::Values values;
  for (const int64_t model : models) values.emplace_back(model);
  std::vector<VersionRow> out;
  tracking::query_in(
      transaction_, kColumns, "v.model", values,
      " AND v.deleted = 0 AND v.version = (SELECT max(w.version) FROM model_versions w WHERE w.model = v.model AND "
      "w.stage = v.stage AND w.deleted = 0) ORDER BY v.model, v.version",
      [&](const sql::Row& row) { out.push_back(version_of(row)); });
  load(out);
  return out;
}

std::vector<StoredVersion> VersionStore::all_of(int64_t model) {
  auto rows = transaction_.query_all<VersionRow>(text::concat(kColumns, " WHERE v.model = ? ORDER BY v.version"),
                                                 {model}, version_of);
  load(rows);
  std::set<int64_t> deleted;
  transaction_.query("SELECT version FROM model_versions WHERE model = ? AND deleted = 1", {model},
                     [&](const sql::Row& row) { deleted.insert(row.get_int(0)); });
  std::vector<StoredVersion> out;
  for (VersionRow& row : rows) {
    const bool is_deleted = deleted.contains(row.version.version);
    out.push_back({std::move(row.version), is_deleted});
  }
  return out;
}

void VersionStore::restore(int64_t model, const ModelVersion& version, bool deleted) {
  const auto row = transaction_.query_int(
      "INSERT INTO model_versions (model, version, description, source, storage_location, run_id, run_link, model_id, "
      "stage, created_ms, updated_ms, deleted) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
      {model, version.version, version.description, version.source, version.storage_location, version.run_id,
       version.run_link, version.model_id, std::string(name_of(version.stage)), version.created_ms, version.updated_ms,
       int64_t{deleted ? 1 : 0}});
  for (const Tag& tag : version.tags) set_tag(row.value(), tag);
}

void VersionStore::load(std::vector<VersionRow>& rows) {
  std::unordered_map<int64_t, ModelVersion*> by_row;
  sql::Values ids;
  for (VersionRow& row : rows) {
    by_row[row.row] = &row.version;
    ids.emplace_back(row.row);
  }
  tracking::query_in(transaction_, "SELECT version, key, value FROM model_version_tags", "version", ids,
                     " ORDER BY version, key", [&](const sql::Row& row) {
                       by_row.at(row.get_int(0))->tags.push_back({row.get_text(1), row.get_text(2)});
                     });
  tracking::query_in(transaction_, "SELECT version, alias FROM model_aliases", "version", ids,
                     " ORDER BY version, alias",
                     [&](const sql::Row& row) { by_row.at(row.get_int(0))->aliases.push_back(row.get_text(1)); });
}

void VersionStore::set_description(int64_t row, const std::string& description, int64_t now_ms) {
  transaction_.execute("UPDATE model_versions SET description = ?, updated_ms = ? WHERE id = ?",
                       {description, now_ms, row});
}

void VersionStore::set_stage(int64_t row, Stage stage, int64_t now_ms) {
  transaction_.execute("UPDATE model_versions SET stage = ?, updated_ms = ? WHERE id = ?",
                       {std::string(name_of(stage)), now_ms, row});
}

void VersionStore::archive_others(const VersionRow& keep, Stage stage, int64_t now_ms) {
  transaction_.execute(
      "UPDATE model_versions SET stage = 'Archived', updated_ms = ? WHERE model = ? AND stage = ? AND id != ?",
      {now_ms, keep.model, std::string(name_of(stage)), keep.row});
}

void VersionStore::remove(int64_t row, int64_t now_ms) {
  transaction_.execute("DELETE FROM model_aliases WHERE version = ?", {row});
  transaction_.execute("DELETE FROM model_version_tags WHERE version = ?", {row});
  transaction_.execute("UPDATE model_versions SET deleted = 1, updated_ms = ? WHERE id = ?", {now_ms, row});
}

void VersionStore::set_tag(int64_t row, const Tag& tag) {
  transaction_.execute(
      "INSERT INTO model_version_tags (version, key, value) VALUES (?, ?, ?) "
      "ON CONFLICT (version, key) DO UPDATE SET value = excluded.value",
      {row, tag.key, tag.value});
}

bool VersionStore::remove_tag(int64_t row, const std::string& key) {
  return transaction_.execute("DELETE FROM model_version_tags WHERE version = ? AND key = ?", {row, key}) > 0;
}

}  // namespace slipway::registry
