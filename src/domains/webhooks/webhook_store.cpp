#include "domains/webhooks/webhook_store.h"

#include <unordered_map>

#include "domains/tracking/select.h"
#include "domains/webhooks/delivery_store.h"
#include "foundation/base/error.h"

namespace slipway::webhooks {

namespace {

constexpr std::string_view kColumns =
    "SELECT id, webhook_id, name, url, description, secret, active, created_ms, updated_ms FROM webhooks";

WebhookStore::Found found_of(const sql::Row& row) {
  WebhookStore::Found out;
  out.row = row.get_int(0);
  out.webhook.id = row.get_text(1);
  out.webhook.name = row.get_text(2);
  out.webhook.url = row.get_text(3);
  out.webhook.description = row.get_text(4);
  if (!row.is_null(5)) out.sealed_secret = row.get_bytes(5);
  out.webhook.has_secret = out.sealed_secret.has_value();
  out.webhook.status = row.get_int(6) != 0 ? Status::kActive : Status::kDisabled;
  out.webhook.created_ms = row.get_int(7);
  out.webhook.updated_ms = row.get_int(8);
  return out;
}

sql::Value secret_value(const std::optional<std::string>& sealed) {
  return sealed ? sql::Value(sql::Bytes{*sealed}) : sql::Value(nullptr);
}

int64_t active_value(Status status) { return status == Status::kActive ? 1 : 0; }

}  // namespace

void WebhookStore::load_kinds(std::vector<Found>& found) {
  std::unordered_map<int64_t, size_t> place;
  sql::Values rows;
  for (const Found& one : found) {
    place[one.row] = rows.size();
    rows.emplace_back(one.row);
  }
  tracking::query_in(
      transaction_, "SELECT webhook, kind FROM webhook_kinds", "webhook", rows, " ORDER BY webhook, position",
      [&](const sql::Row& row) { found[place.at(row.get_int(0))].webhook.kinds.push_back(row.get_text(1)); });
}

WebhookStore::Found WebhookStore::get(const std::string& id) {
  auto found = transaction_.query_all<Found>(text::concat(kColumns, " WHERE webhook_id = ?"), {id}, found_of);
  if (found.empty()) throw not_found("Webhook with ID ", id, " not found.");
  load_kinds(found);
  return std::move(found[0]);
}

tracking::Page<Webhook> WebhookStore::list(const tracking::PageRequest& request) {
  tracking::SelectBuilder select{std::string(kColumns)};
  for (const char* column : {"created_ms", "id"}) select.order({column, tracking::SortKey::Kind::kInteger, false});
  auto found = tracking::read_page<Found>(transaction_, select, request, found_of);
  load_kinds(found.items);
  tracking::Page<Webhook> out;
  out.next = found.next;
  out.items.reserve(found.items.size());
  for (Found& one : found.items) out.items.push_back(std::move(one.webhook));
  return out;
}

void WebhookStore::insert(const Webhook& webhook, const std::optional<std::string>& sealed_secret) {
  const auto row = transaction_.query_int(
      "INSERT INTO webhooks (webhook_id, name, url, description, secret, active, created_ms, updated_ms) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
      {webhook.id, webhook.name, webhook.url, webhook.description, secret_value(sealed_secret),
       active_value(webhook.status), webhook.created_ms, webhook.updated_ms});
  insert_kinds(*row, webhook.kinds);
}

void WebhookStore::update(const Found& found) {
  const Webhook& webhook = found.webhook;
  transaction_.execute(
      "UPDATE webhooks SET name = ?, url = ?, description = ?, secret = ?, active = ?, updated_ms = ? WHERE id = ?",
      {webhook.name, webhook.url, webhook.description, secret_value(found.sealed_secret), active_value(webhook.status),
       webhook.updated_ms, found.row});
  transaction_.execute("DELETE FROM webhook_kinds WHERE webhook = ?", {found.row});
  insert_kinds(found.row, webhook.kinds);
}

void WebhookStore::insert_kinds(int64_t row, const std::vector<std::string>& kinds) {
  int64_t position = 0;
  for (const std::string& kind : kinds) {
    transaction_.execute(
        "INSERT INTO webhook_kinds (webhook, kind, position) VALUES (?, ?, ?) ON CONFLICT (webhook, kind) DO NOTHING",
        {row, kind, position++});
  }
}

void WebhookStore::remove(int64_t row) {
  DeliveryStore(transaction_).forget(row);
  transaction_.execute("DELETE FROM webhook_kinds WHERE webhook = ?", {row});
  transaction_.execute("DELETE FROM webhooks WHERE id = ?", {row});
}

}  // namespace slipway::webhooks
