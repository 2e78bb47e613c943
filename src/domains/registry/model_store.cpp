#include "domains/registry/model_store.h"

#include <unordered_map>

#include "domains/registry/registry_filter.h"
#include "domains/registry/version_store.h"
#include "foundation/base/error.h"

namespace slipway::registry {

struct ModelStore::Row {
  int64_t id = 0;
  RegisteredModel model;
};

namespace {
constexpr std::string_view kColumns =
    "SELECT m.id, m.name, m.description, m.created_ms, m.updated_ms FROM registered_models m";
}  // namespace

bool is_prompt(const std::vector<Tag>& tags) {
  bool out = false;
  for (const Tag& tag : tags) {
    if (tag.key == kPromptTag) out = text::equal_ignoring_case(tag.value, "true");
  }
  return out;
}

std::optional<int64_t> ModelStore::find_id(const std::string& name) {
  return transaction_.query_int("SELECT id FROM registered_models WHERE name = ?", {name});
}

int64_t ModelStore::get_id(const std::string& name) {
  if (const auto id = find_id(name)) return *id;
  throw not_found("Registered Model with name=", name, " not found");
}

ModelStore::Row ModelStore::row_of(const sql::Row& row) {
  return {row.get_int(0), {row.get_text(1), row.get_text(2), row.get_int(3), row.get_int(4), {}, {}, {}}};
}

RegisteredModel ModelStore::get(const std::string& name) {
  const int64_t id = get_id(name);
  const auto rows = transaction_.query_all<Row>(text::concat(kColumns, " WHERE m.id = ?"), {id}, row_of);
  return std::move(with_children(rows)[0]);
}

Page<RegisteredModel> ModelStore::search(const Search& search, const tracking::PageRequest& request) {
  tracking::SelectBuilder select{std::string(kColumns)};
  add_model_search(select, transaction_.dialect(), search);
  const auto rows = tracking::read_page<Row>(transaction_, select, request, row_of);
  return {with_children(rows.items), rows.next};
}

std::vector<RegisteredModel> ModelStore::with_children(const std::vector<Row>& rows) {
  std::vector<RegisteredModel> out;
  std::unordered_map<int64_t, size_t> place;
  std::vector<int64_t> ids;
  sql::Values values;
  for (const Row& row : rows) {
    place[row.id] = out.size();
    ids.push_back(row.id);
    values.emplace_back(row.id);
    out.push_back(row.model);
  }
  tracking::query_in(transaction_, "SELECT model, key, value FROM registered_model_tags", "model", values,
                     " ORDER BY model, key", [&](const sql::Row& row) {
                       out[place.at(row.get_int(0))].tags.push_back({row.get_text(1), row.get_text(2)});
                     });
  tracking::query_in(
      transaction_, "SELECT a.model, a.alias, v.version FROM model_aliases a JOIN model_versions v ON v.id = a.version",
      "a.model", values, " ORDER BY a.model, a.alias", [&](const sql::Row& row) {
        out[place.at(row.get_int(0))].aliases.push_back({row.get_text(1), row.get_int(2)});
      });
  for (VersionRow& version : VersionStore(transaction_).latest_of(ids)) {
    out[place.at(version.model)].latest_versions.push_back(std::move(version.version));
  }
  return out;
}

// Models and prompts share their names.
Error ModelStore::taken(const std::string& name, bool by_prompt) {
  const auto title = [](bool prompt) { return prompt ? "Prompt" : "Registered Model"; };
  const bool holder = is_prompt(get_id(name));
  if (holder == by_prompt) return already_exists(title(holder), " (name=", name, ") already exists.");
  return already_exists("Tried to create a ", text::lower(title(by_prompt)), " with name '", name,
                        "', but the name is already taken by a ", text::lower(title(holder)),
                        ". A model and a prompt cannot have the same name.");
}

void ModelStore::insert(const std::string& name, const std::string& description, const std::vector<Tag>& tags,
                        int64_t now_ms) {
  const auto id = transaction_.query_int(
      "INSERT INTO registered_models (name, description, created_ms, updated_ms) VALUES (?, ?, ?, ?) "
      "ON CONFLICT (name) DO NOTHING RETURNING id",
      {name, description, now_ms, now_ms});
  if (!id) throw taken(name, registry::is_prompt(tags));
  for (const Tag& tag : tags) set_tag(*id, tag);
}

void ModelStore::rename(const std::string& name, const std::string& new_name, int64_t now_ms) {
  const int64_t id = get_id(name);
  const auto holder = find_id(new_name);
  if (holder && *holder != id) throw taken(new_name, is_prompt(id));
  transaction_.execute("UPDATE registered_models SET name = ?, updated_ms = ? WHERE id = ?", {new_name, now_ms, id});
  transaction_.execute("UPDATE model_versions SET updated_ms = ? WHERE model = ?", {now_ms, id});
}

void ModelStore::set_description(int64_t model, const std::string& description) {
  transaction_.execute("UPDATE registered_models SET description = ? WHERE id = ?", {description, model});
}

void ModelStore::touch(int64_t model, int64_t now_ms) {
  transaction_.execute("UPDATE registered_models SET updated_ms = ? WHERE id = ?", {now_ms, model});
}

void ModelStore::remove(int64_t model) {
  transaction_.execute(
      "DELETE FROM model_version_tags WHERE version IN (SELECT id FROM model_versions WHERE model = ?)", {model});
  transaction_.execute("DELETE FROM model_versions WHERE model = ?", {model});
  transaction_.execute("DELETE FROM model_aliases WHERE model = ?", {model});
  transaction_.execute("DELETE FROM registered_model_tags WHERE model = ?", {model});
  transaction_.execute("DELETE FROM registered_models WHERE id = ?", {model});
}

void ModelStore::set_tag(int64_t model, const Tag& tag) {
  transaction_.execute(
      "INSERT INTO registered_model_tags (model, key, value) VALUES (?, ?, ?) "
      "ON CONFLICT (model, key) DO UPDATE SET value = excluded.value",
      {model, tag.key, tag.value});
}

bool ModelStore::remove_tag(int64_t model, const std::string& key) {
  return transaction_.execute("DELETE FROM registered_model_tags WHERE model = ? AND key = ?", {model, key}) > 0;
}

bool ModelStore::is_prompt(int64_t model) {
  return registry::is_prompt(
      transaction_.query_all<Tag>("SELECT key, value FROM registered_model_tags WHERE model = ? AND key = ?",
                                  {model, std::string(kPromptTag)}, [](const sql::Row& row) {
                                    return Tag{row.get_text(0), row.get_text(1)};
                                  }));
}

void ModelStore::set_alias(int64_t model, const std::string& alias, int64_t version) {
  transaction_.execute(
      "INSERT INTO model_aliases (model, alias, version) VALUES (?, ?, ?) "
      "ON CONFLICT (model, alias) DO UPDATE SET version = excluded.version",
      {model, alias, version});
}

bool ModelStore::remove_alias(int64_t model, const std::string& alias) {
  return transaction_.execute("DELETE FROM model_aliases WHERE model = ? AND alias = ?", {model, alias}) > 0;
}

std::optional<int64_t> ModelStore::find_alias(int64_t model, const std::string& alias) {
  return transaction_.query_int("SELECT version FROM model_aliases WHERE model = ? AND alias = ?", {model, alias});
}

}  // namespace slipway::registry
