#include "domains/governance/audit_log.h"

#include <algorithm>

#include "foundation/base/json.h"

namespace slipway::governance {

namespace {

const std::vector<sql::Migration> kMigrations = {
    {1, "audit events", R"(
      CREATE TABLE audit_events (
        sequence {{identity}},
        kind TEXT NOT NULL,
        subject TEXT NOT NULL,
        attributes TEXT NOT NULL,
        time_ms BIGINT NOT NULL
      );
      CREATE INDEX audit_events_by_kind ON audit_events (kind, sequence);
    )"},
};

constexpr int kMaxPage = 1000;

std::string attributes_text(const std::map<std::string, std::string>& attributes) {
  json::object out;
  for (const auto& [name, value] : attributes) out[name] = value;
  return json::write(out);
}

AuditEvent event_of(const sql::Row& row) {
  AuditEvent out;
  out.sequence = row.get_int(0);
  out.event.kind = row.get_text(1);
  out.event.subject = row.get_text(2);
  const json::value attributes = json::parse(row.get_text(3));
  for (const auto& member : json::as_object(attributes, "attributes")) {
    out.event.attributes[member.key()] = std::string(member.value().as_string());
  }
  out.event.time_ms = row.get_int(4);
  return out;
}

}  // namespace

AuditLog::AuditLog(sql::Database& database) : database_(database) { database_.migrate("audit", kMigrations); }

void AuditLog::record(const jobs::Event& event) {
  database_.write([&](sql::Transaction& transaction) {
    transaction.execute("INSERT INTO audit_events (kind, subject, attributes, time_ms) VALUES (?, ?, ?, ?)",
                        {event.kind, event.subject, attributes_text(event.attributes), event.time_ms});
  });
}

std::vector<AuditEvent> AuditLog::list(const std::string& kind, int64_t after_sequence, int limit) const {
  // A prefix "monitor." is the range ["monitor.", "monitor/"), since '/' follows '.'.
  const bool prefix = kind.empty() || kind.back() == '.';
  std::string end = kind;
  if (!kind.empty() && prefix) end.back() = '/';
  std::string where = "sequence > ?";
  sql::Values values = {after_sequence};
  if (!kind.empty()) {
    where.append(prefix ? " AND kind >= ? AND kind < ?" : " AND kind = ?");
    values.emplace_back(kind);
    if (prefix) values.emplace_back(end);
  }
  values.emplace_back(int64_t{std::clamp(limit, 1, kMaxPage)});
  return database_.read_value<std::vector<AuditEvent>>([&](sql::Transaction& transaction) {
    return transaction.query_all<AuditEvent>(
        "SELECT sequence, kind, subject, attributes, time_ms FROM audit_events WHERE " + where +
            " ORDER BY sequence LIMIT ?",
        values, event_of);
  });
}

}  // namespace slipway::governance
