// The audit log: every change that went over the event bus, kept in order, never changed. The server's story page, the
// audit API and the lifecycle table of `slipway story` read it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "foundation/jobs/event_bus.h"
#include "foundation/sql/database.h"

namespace slipway::governance {

struct AuditEvent {
  int64_t sequence = 0;
  jobs::Event event;
};

class AuditLog {
 public:
  // Creates its tables; the database must outlive it.
  explicit AuditLog(sql::Database& database);
  // Durable when it returns.
  void record(const jobs::Event& event);
  // Oldest first after `after_sequence`; kinds "" or an exact kind or a prefix ending in ".". At most 1000 a page.
  std::vector<AuditEvent> list(const std::string& kind, int64_t after_sequence, int limit) const;

 private:
  sql::Database& database_;
};

}  // namespace slipway::governance
