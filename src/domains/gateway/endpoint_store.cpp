#include "domains/gateway/endpoint_store.h"

#include <unordered_map>

#include "domains/gateway/pairs.h"
#include "domains/tracking/select.h"
#include "foundation/base/error.h"
#include "foundation/identity/grant_store.h"

namespace slipway::gateway {

namespace {

constexpr std::string_view kColumns =
    "SELECT e.id, e.endpoint_id, e.name, e.splits_traffic, e.has_fallback, e.is_sequential, e.max_attempts, "
    "e.experiment_id, e.tracks_usage, e.created_ms, e.updated_ms, e.created_by, e.updated_by FROM gateway_endpoints e";

EndpointStore::Found found_of(const sql::Row& row) {
  EndpointStore::Found out;
  out.row = row.get_int(0);
  Endpoint& endpoint = out.endpoint;
  endpoint.id = row.get_text(1);
  endpoint.name = row.get_text(2);
  endpoint.splits_traffic = row.get_int(3) != 0;
  if (row.get_int(4) != 0) endpoint.fallback = FallbackConfig{row.get_int(5) != 0, row.find_int(6)};
  endpoint.experiment_id = row.get_text(7);
  endpoint.tracks_usage = row.get_int(8) != 0;
  endpoint.stamp = stamp_of(row, 9);
  return out;
}

// The columns that may change, in the order of the statements below.
sql::Values changing(const Endpoint& endpoint) {
  const FallbackConfig fallback = endpoint.fallback.value_or(FallbackConfig{});
  return {endpoint.name,
          int64_t{endpoint.splits_traffic},
          int64_t{endpoint.fallback.has_value()},
          int64_t{fallback.is_sequential},
          sql::optional_value(fallback.max_attempts),
          endpoint.experiment_id,
          int64_t{endpoint.tracks_usage},
          endpoint.stamp.updated_ms,
          endpoint.stamp.updated_by};
}

}  // namespace

EndpointStore::Found EndpointStore::one(std::string_view column, std::string_view shown, const std::string& value) {
  auto found = transaction_.query_all<Found>(text::concat(kColumns, " WHERE ", column, " = ?"), {value}, found_of);
  if (found.empty()) throw not_found("GatewayEndpoint not found (", shown, "='", value, "')");
  complete(found);
  return std::move(found[0]);
}

EndpointStore::Found EndpointStore::get(const std::string& id) { return one("e.endpoint_id", "endpoint_id", id); }

EndpointStore::Found EndpointStore::get_by_name(const std::string& name) { return one("e.name", "name", name); }

std::vector<Endpoint> EndpointStore::list(const DefinitionFilter& filter, const identity::Scope& scope) {
  std::string models =
      "EXISTS (SELECT 1 FROM gateway_mappings m JOIN gateway_model_definitions d ON d.id = m.definition "
      "LEFT JOIN gateway_secrets s ON s.id = d.secret WHERE m.endpoint = e.id";
  sql::Values values;
  if (!filter.provider.empty()) {
    models.append(" AND d.provider = ?");
    values.emplace_back(filter.provider);
  }
  if (!filter.secret_id.empty()) {
    models.append(" AND s.secret_id = ?");
    values.emplace_back(filter.secret_id);
  }
  tracking::SelectBuilder select{std::string(kColumns)};
  select.where({models + ")", values});
  auto seen = identity::condition_of(scope, identity::ResourceKind::kModelEndpoint, "e.endpoint_id");
  if (!seen.text.empty()) select.where({std::move(seen.text), std::move(seen.values)});
  select.order({"e.id"});
  auto found = transaction_.query_all<Found>(select.whole_text(), select.whole_values(), found_of);
  complete(found);
  std::vector<Endpoint> out;
  out.reserve(found.size());
  for (Found& each : found) out.push_back(std::move(each.endpoint));
  return out;
}

void EndpointStore::complete(std::vector<Found>& found) {
  std::unordered_map<int64_t, Endpoint*> by_row;
  sql::Values rows;
  for (Found& each : found) {
    by_row[each.row] = &each.endpoint;
    rows.emplace_back(each.row);
  }
  std::vector<std::pair<Endpoint*, int64_t>> links;  // of each mapping as it comes: its endpoint and definition
  std::vector<int64_t> definitions;
  tracking::query_in(transaction_,
                     "SELECT endpoint, mapping_id, definition, linkage, weight, fallback_order, created_ms, created_by "
                     "FROM gateway_mappings",
                     "endpoint", rows, " ORDER BY endpoint, id", [&](const sql::Row& row) {
                       Endpoint* endpoint = by_row.at(row.get_int(0));
                       ModelMapping mapping;
                       mapping.id = row.get_text(1);
                       mapping.endpoint_id = endpoint->id;
                       mapping.config.linkage = row.get_int(3) == 0 ? Linkage::kPrimary : Linkage::kFallback;
                       mapping.config.weight = row.get_double(4);
                       mapping.config.fallback_order = row.find_int(5);
                       mapping.created_ms = row.get_int(6);
                       mapping.created_by = row.get_text(7);
                       endpoint->mappings.push_back(std::move(mapping));
                       links.emplace_back(endpoint, row.get_int(2));
                       definitions.push_back(row.get_int(2));
                     });
  const auto known = DefinitionStore(transaction_).get_all(definitions);
  std::unordered_map<Endpoint*, size_t> next;
  for (const auto& [endpoint, definition] : links) {
    ModelMapping& mapping = endpoint->mappings[next[endpoint]++];
    mapping.definition = known.at(definition);
    mapping.config.definition_id = mapping.definition.id;
  }
  tracking::query_in(transaction_, "SELECT endpoint, key, value FROM gateway_tags", "endpoint", rows,
                     " ORDER BY endpoint, key", [&](const sql::Row& row) {
                       by_row.at(row.get_int(0))->tags.push_back({row.get_text(1), row.get_text(2)});
                     });
}

bool EndpointStore::has_name(const std::string& name, int64_t except_row) {
  return transaction_.query_int("SELECT id FROM gateway_endpoints WHERE name = ? AND id <> ?", {name, except_row})
      .has_value();
}

void EndpointStore::insert(const Endpoint& endpoint) {
  sql::Values values = changing(endpoint);
  values.emplace_back(endpoint.id);
  values.emplace_back(endpoint.stamp.created_ms);
  values.emplace_back(endpoint.stamp.created_by);
  transaction_.execute(
      "INSERT INTO gateway_endpoints (name, splits_traffic, has_fallback, is_sequential, max_attempts, experiment_id, "
      "tracks_usage, updated_ms, updated_by, endpoint_id, created_ms, created_by) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      values);
}

void EndpointStore::update(const Found& found) {
  sql::Values values = changing(found.endpoint);
  values.emplace_back(found.row);
  transaction_.execute(
      "UPDATE gateway_endpoints SET name = ?, splits_traffic = ?, has_fallback = ?, is_sequential = ?, "
      "max_attempts = ?, experiment_id = ?, tracks_usage = ?, updated_ms = ?, updated_by = ? WHERE id = ?",
      values);
}

void EndpointStore::remove(int64_t row) {
  remove_mappings(row);
  transaction_.execute("DELETE FROM gateway_tags WHERE endpoint = ?", {row});
  transaction_.execute("DELETE FROM gateway_bindings WHERE endpoint = ?", {row});
  transaction_.execute("DELETE FROM gateway_endpoints WHERE id = ?", {row});
}

void EndpointStore::insert_mapping(const Found& endpoint, const ModelMapping& mapping) {
  const auto definition = DefinitionStore(transaction_).get(mapping.config.definition_id);
  const auto linkage = static_cast<int64_t>(mapping.config.linkage);
  const int64_t added = transaction_.execute(
      "INSERT INTO gateway_mappings (mapping_id, endpoint, definition, linkage, weight, fallback_order, created_ms, "
      "created_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (endpoint, definition, linkage) DO NOTHING",
      {mapping.id, endpoint.row, definition.row, linkage, mapping.config.weight,
       sql::optional_value(mapping.config.fallback_order), mapping.created_ms, mapping.created_by});
  if (added > 0) return;
  throw already_exists("Model definition '", mapping.config.definition_id, "' is already attached to endpoint '",
                       endpoint.endpoint.id, "'");
}

void EndpointStore::remove_mappings(int64_t row) {
  transaction_.execute("DELETE FROM gateway_mappings WHERE endpoint = ?", {row});
}

void EndpointStore::remove_mapping(const std::string& mapping_id) {
  transaction_.execute("DELETE FROM gateway_mappings WHERE mapping_id = ?", {mapping_id});
}

void EndpointStore::put_tag(int64_t row, const Tag& tag) {
  transaction_.execute(
      "INSERT INTO gateway_tags (endpoint, key, value) VALUES (?, ?, ?) "
      "ON CONFLICT (endpoint, key) DO UPDATE SET value = excluded.value",
      {row, tag.key, tag.value});
}

void EndpointStore::remove_tag(int64_t row, const std::string& key) {
  transaction_.execute("DELETE FROM gateway_tags WHERE endpoint = ? AND key = ?", {row, key});
}

void EndpointStore::insert_binding(int64_t row, const Binding& binding) {
  const int64_t added = transaction_.execute(
      "INSERT INTO gateway_bindings (endpoint, resource_type, resource_id, created_ms, updated_ms, created_by, "
      "updated_by) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (endpoint, resource_type, resource_id) DO NOTHING",
      {row, binding.resource_type, binding.resource_id, binding.stamp.created_ms, binding.stamp.updated_ms,
       binding.stamp.created_by, binding.stamp.updated_by});
  if (added > 0) return;
  throw already_exists("Endpoint '", binding.endpoint_id, "' is already bound to ", binding.resource_type, " '",
                       binding.resource_id, "'");
}

bool EndpointStore::remove_binding(const Binding& binding) {
  return transaction_.execute(
             "DELETE FROM gateway_bindings WHERE resource_type = ? AND resource_id = ? AND endpoint IN "
             "(SELECT id FROM gateway_endpoints WHERE endpoint_id = ?)",
             {binding.resource_type, binding.resource_id, binding.endpoint_id}) > 0;
}

std::vector<Binding> EndpointStore::bindings(const BindingFilter& filter) {
  tracking::SelectBuilder select(
      "SELECT e.endpoint_id, b.resource_type, b.resource_id, b.created_ms, b.updated_ms, b.created_by, b.updated_by "
      "FROM gateway_bindings b JOIN gateway_endpoints e ON e.id = b.endpoint");
  if (!filter.endpoint_id.empty()) select.where({"e.endpoint_id = ?", {filter.endpoint_id}});
  if (!filter.resource_type.empty()) select.where({"b.resource_type = ?", {filter.resource_type}});
  if (!filter.resource_id.empty()) select.where({"b.resource_id = ?", {filter.resource_id}});
  for (const char* column : {"b.endpoint", "b.resource_type", "b.resource_id"}) select.order({column});
  std::vector<Binding> out;
  transaction_.query(select.whole_text(), select.whole_values(), [&](const sql::Row& row) {
    out.push_back({row.get_text(0), row.get_text(1), row.get_text(2), stamp_of(row, 3)});
  });
  return out;
}

}  // namespace slipway::gateway
