#include "domains/gateway/definition_store.h"

#include "domains/gateway/pairs.h"
#include "domains/tracking/select.h"
#include "foundation/base/error.h"
#include "foundation/identity/grant_store.h"

namespace slipway::gateway {

namespace {

constexpr std::string_view kColumns =
    "SELECT d.id, d.definition_id, d.name, s.secret_id, s.name, d.provider, d.model_name, d.created_ms, d.updated_ms, "
    "d.created_by, d.updated_by FROM gateway_model_definitions d LEFT JOIN gateway_secrets s ON s.id = d.secret";

DefinitionStore::Found found_of(const sql::Row& row) {
  DefinitionStore::Found out;
  out.row = row.get_int(0);
  out.definition.id = row.get_text(1);
  out.definition.name = row.get_text(2);
  out.definition.secret_id = row.find_text(3).value_or("");
  out.definition.secret_name = row.find_text(4).value_or("");
  out.definition.provider = row.get_text(5);
  out.definition.model_name = row.get_text(6);
  out.definition.stamp = stamp_of(row, 7);
  return out;
}

}  // namespace

DefinitionStore::Found DefinitionStore::one(std::string_view column, std::string_view shown, const std::string& value) {
  auto found = transaction_.query_one<Found>(text::concat(kColumns, " WHERE ", column, " = ?"), {value}, found_of);
  if (!found) throw not_found("GatewayModelDefinition not found (", shown, "='", value, "')");
  return *std::move(found);
}

DefinitionStore::Found DefinitionStore::get(const std::string& id) {
  return one("d.definition_id", "model_definition_id", id);
}

DefinitionStore::Found DefinitionStore::get_by_name(const std::string& name) { return one("d.name", "name", name); }

std::unordered_map<int64_t, ModelDefinition> DefinitionStore::get_all(const std::vector<int64_t>& rows) {
  std::unordered_map<int64_t, ModelDefinition> out;
  sql::Values values(rows.begin(), rows.end());
  tracking::query_in(transaction_, kColumns, "d.id", values, "", [&](const sql::Row& row) {
    Found found = found_of(row);
    out.emplace(found.row, std::move(found.definition));
  });
  return out;
}

std::vector<ModelDefinition> DefinitionStore::list(const DefinitionFilter& filter, const identity::Scope& scope) {
  tracking::SelectBuilder select{std::string(kColumns)};
  if (!filter.provider.empty()) select.where({"d.provider = ?", {filter.provider}});
  if (!filter.secret_id.empty()) select.where({"s.secret_id = ?", {filter.secret_id}});
  auto seen = identity::condition_of(scope, identity::ResourceKind::kModelDefinition, "d.definition_id");
  if (!seen.text.empty()) select.where({std::move(seen.text), std::move(seen.values)});
  select.order({"d.id"});
  std::vector<ModelDefinition> out;
  transaction_.query(select.whole_text(), select.whole_values(),
                     [&](const sql::Row& row) { out.push_back(found_of(row).definition); });
  return out;
}

bool DefinitionStore::has_name(const std::string& name, int64_t except_row) {
  return transaction_
      .query_int("SELECT id FROM gateway_model_definitions WHERE name = ? AND id <> ?", {name, except_row})
      .has_value();
}

void DefinitionStore::insert(const ModelDefinition& definition, int64_t secret_row) {
  transaction_.execute(
      "INSERT INTO gateway_model_definitions (definition_id, name, secret, provider, model_name, created_ms, "
      "updated_ms, "
      "created_by, updated_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
      {definition.id, definition.name, secret_row, definition.provider, definition.model_name,
       definition.stamp.created_ms, definition.stamp.updated_ms, definition.stamp.created_by,
       definition.stamp.updated_by});
}

void DefinitionStore::update(const Found& found, std::optional<int64_t> new_secret_row) {
  const ModelDefinition& definition = found.definition;
  transaction_.execute(
      "UPDATE gateway_model_definitions SET name = ?, provider = ?, model_name = ?, updated_ms = ?, updated_by = ? "
      "WHERE id = ?",
      {definition.name, definition.provider, definition.model_name, definition.stamp.updated_ms,
       definition.stamp.updated_by, found.row});
  if (!new_secret_row) return;
  transaction_.execute("UPDATE gateway_model_definitions SET secret = ? WHERE id = ?", {*new_secret_row, found.row});
}

bool DefinitionStore::is_in_use(int64_t row) {
  return transaction_.query_int("SELECT id FROM gateway_mappings WHERE definition = ? LIMIT 1", {row}).has_value();
}

void DefinitionStore::remove(int64_t row) {
  transaction_.execute("DELETE FROM gateway_model_definitions WHERE id = ?", {row});
}

}  // namespace slipway::gateway
