// Rows of monitors, their windows, the state of their rules and their alerts. Every SQL statement of those is here.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "domains/monitoring/alert_rules.h"
#include "domains/monitoring/monitor.h"
#include "foundation/sql/database.h"

namespace slipway::monitoring {

// Up to which revisions of the model's days a window was computed.
struct WindowMark {
  int64_t predictions_revision = 0;
  int64_t labels_revision = 0;
};

class MonitorStore {
 public:
  explicit MonitorStore(sql::Database& database);

  // Creates or replaces. When the model or the windows changed, what was computed is dropped; rules that are new begin
  // with the latest window.
  void put(const Monitor& monitor, int64_t now_ms);
  std::optional<Monitor> find(const std::string& name) const;
  std::vector<Monitor> list() const;
  bool remove(const std::string& name);

  std::map<int64_t, WindowMark> window_marks(const std::string& monitor) const;  // by start
  std::optional<Window> find_window(const std::string& monitor, int64_t start_ms) const;
  // The newest `limit` that have rows, ascending.
  std::vector<Window> list_windows(const std::string& monitor, size_t limit) const;
  void save_window(const std::string& monitor, const Window& window, const WindowMark& mark);

  // Judges every rule at the windows that it has not judged yet, and its last one again, since labels may have come.
  void judge_rules(const Monitor& monitor, int64_t now_ms);
  // Newest first.
  std::vector<Alert> list_alerts(const std::string& monitor, size_t limit) const;
  // Alerts whose event was not handed on yet, and the mark that it was.
  std::vector<Alert> unpublished_alerts() const;
  // Whether the caller is the one who tells the news; until `until_ms` nobody else is.
  bool claim_alert(int64_t alert_id, int64_t now_ms, int64_t until_ms);
  void mark_published(int64_t alert_id);

 private:
  sql::Database& database_;
};

}  // namespace slipway::monitoring
