#include "domains/webhooks/delivery_store.h"

#include "foundation/base/json.h"

namespace slipway::webhooks {

namespace {

std::string attributes_text(const jobs::Event& event) {
  json::object out;
  for (const auto& [name, value] : event.attributes) out[name] = value;
  return json::write(out);
}

DeliveryStore::Claimed claimed_of(const sql::Row& row) {
  DeliveryStore::Claimed out;
  out.row = row.get_int(0);
  out.delivery_id = row.get_text(1);
  out.webhook_id = row.get_text(2);
  out.url = row.get_text(3);
  if (!row.is_null(4)) out.sealed_secret = row.get_bytes(4);
  out.attempts = row.get_int(5) + 1;
  out.event.kind = row.get_text(6);
  out.event.subject = row.get_text(7);
  const json::value attributes = json::parse(row.get_text(8));
  for (const auto& member : json::as_object(attributes, "attributes")) {
    out.event.attributes[member.key()] = std::string(member.value().as_string());
  }
  out.event.time_ms = row.get_int(9);
  return out;
}

}  // namespace

std::vector<int64_t> DeliveryStore::subscribers(const std::string& kind) {
  return transaction_.query_all<int64_t>(
      "SELECT w.id FROM webhook_kinds k JOIN webhooks w ON w.id = k.webhook WHERE k.kind = ? AND w.active = 1 "
      "ORDER BY w.id",
      {kind}, [](const sql::Row& row) { return row.get_int(0); });
}

void DeliveryStore::insert(int64_t webhook, const std::string& delivery_id, const jobs::Event& event, int64_t due_ms) {
  transaction_.execute(
      "INSERT INTO webhook_deliveries (webhook, delivery_id, kind, subject, attributes, time_ms, attempts, due_ms) "
      "VALUES (?, ?, ?, ?, ?, ?, 0, ?)",
      {webhook, delivery_id, event.kind, event.subject, attributes_text(event), event.time_ms, due_ms});
}

std::vector<int64_t> DeliveryStore::webhooks_due(int64_t now_ms, int64_t limit) {
  return transaction_.query_all<int64_t>(
      "SELECT w.id, (SELECT MIN(d.due_ms) FROM webhook_deliveries d WHERE d.webhook = w.id) AS first_due_ms "
      "FROM webhooks w WHERE w.active = 1 AND EXISTS "
      "(SELECT 1 FROM webhook_deliveries d WHERE d.webhook = w.id AND d.due_ms <= ?) ORDER BY first_due_ms, w.id LIMIT "
      "?",
      {now_ms, limit}, [](const sql::Row& row) { return row.get_int(0); });
}

std::optional<DeliveryStore::Claimed> DeliveryStore::claim(int64_t webhook, int64_t now_ms, int64_t lease_end_ms) {
  int64_t due_ms = 0;
  auto found = transaction_.query_one<Claimed>(
      "SELECT d.id, d.delivery_id, w.webhook_id, w.url, w.secret, d.attempts, d.kind, d.subject, d.attributes, "
      "d.time_ms, d.due_ms FROM webhook_deliveries d JOIN webhooks w ON w.id = d.webhook "
      "WHERE d.webhook = ? AND d.due_ms <= ? AND w.active = 1 ORDER BY d.due_ms, d.id LIMIT 1",
      {webhook, now_ms}, [&](const sql::Row& row) {
        due_ms = row.get_int(10);
        return claimed_of(row);
      });
  if (!found) return std::nullopt;
  const int64_t taken =
      transaction_.execute("UPDATE webhook_deliveries SET attempts = ?, due_ms = ? WHERE id = ? AND due_ms = ?",
                           {found->attempts, lease_end_ms, found->row, due_ms});
  if (taken == 0) return std::nullopt;
  return found;
}

void DeliveryStore::postpone(int64_t row, int64_t due_ms) {
  transaction_.execute("UPDATE webhook_deliveries SET due_ms = ? WHERE id = ?", {due_ms, row});
}

void DeliveryStore::give_back(const Claimed& claimed, int64_t now_ms) {
  transaction_.execute("UPDATE webhook_deliveries SET attempts = ?, due_ms = ? WHERE id = ?",
                       {claimed.attempts - 1, now_ms, claimed.row});
}

void DeliveryStore::remove(int64_t row) { transaction_.execute("DELETE FROM webhook_deliveries WHERE id = ?", {row}); }

void DeliveryStore::forget(int64_t webhook) {
  transaction_.execute("DELETE FROM webhook_deliveries WHERE webhook = ?", {webhook});
}

void DeliveryStore::release_all(int64_t now_ms) {
  transaction_.execute("UPDATE webhook_deliveries SET due_ms = ? WHERE due_ms > ?", {now_ms, now_ms});
}

std::vector<DeliveryStore::Surplus> DeliveryStore::surplus(int64_t limit) {
  std::vector<Surplus> out;
  transaction_.query(
      "SELECT d.webhook, COUNT(*), MAX(COALESCE(w.active, 0)) FROM webhook_deliveries d "
      "LEFT JOIN webhooks w ON w.id = d.webhook GROUP BY d.webhook",
      {}, [&](const sql::Row& row) {
        const int64_t count = row.get_int(1);
        const int64_t allowed = row.get_int(2) != 0 ? limit : 0;
        if (count > allowed) out.push_back({row.get_int(0), count - allowed});
      });
  return out;
}

int64_t DeliveryStore::drop_oldest(const Surplus& surplus) {
  return transaction_.execute(
      "DELETE FROM webhook_deliveries WHERE id IN "
      "(SELECT id FROM webhook_deliveries WHERE webhook = ? ORDER BY id LIMIT ?)",
      {surplus.webhook, surplus.count});
}

int64_t DeliveryStore::count_waiting() {
  return transaction_.query_int("SELECT COUNT(*) FROM webhook_deliveries").value_or(0);
}

}  // namespace slipway::webhooks
