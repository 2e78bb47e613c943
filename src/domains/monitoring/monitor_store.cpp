#include "domains/monitoring/monitor_store.h"

#include <algorithm>

#include "foundation/base/error.h"

namespace slipway::monitoring {

namespace {

using sql::Transaction;

constexpr std::string_view kTables = R"(
CREATE TABLE monitors (id {{identity}}, name TEXT NOT NULL UNIQUE, definition TEXT NOT NULL, updated_ms BIGINT NOT NULL);
CREATE TABLE monitor_windows (monitor_id BIGINT NOT NULL, start_ms BIGINT NOT NULL, end_ms BIGINT NOT NULL,
  row_count BIGINT NOT NULL, predictions_revision BIGINT NOT NULL, labels_revision BIGINT NOT NULL, result TEXT NOT NULL,
  PRIMARY KEY (monitor_id, start_ms));
CREATE TABLE monitor_rules (monitor_id BIGINT NOT NULL, rule TEXT NOT NULL, judged_end_ms BIGINT NOT NULL,
  notified_end_ms BIGINT, PRIMARY KEY (monitor_id, rule));
CREATE TABLE monitor_alerts (id {{identity}}, monitor_id BIGINT NOT NULL, rule TEXT NOT NULL, firing BIGINT NOT NULL,
  window_start_ms BIGINT NOT NULL, window_end_ms BIGINT NOT NULL, value DOUBLE PRECISION NOT NULL,
  threshold DOUBLE PRECISION NOT NULL, severity TEXT NOT NULL, pipeline TEXT NOT NULL, fired_ms BIGINT NOT NULL,
  fired_end_ms BIGINT NOT NULL, notified_end_ms BIGINT NOT NULL, resolved_end_ms BIGINT NOT NULL, published BIGINT NOT NULL);
CREATE INDEX monitor_alerts_by_monitor ON monitor_alerts (monitor_id, id);
)";

// Enough history for any rule's row of windows.
constexpr size_t kJudgedWindows = 2000;
constexpr size_t kMaxUnpublished = 1000;
constexpr std::string_view kAlertColumns =
    "SELECT a.id, m.name, a.rule, a.firing, a.window_start_ms, a.window_end_ms, a.value, a.threshold, a.severity, "
    "a.pipeline, "
    "a.fired_ms, a.notified_end_ms, a.resolved_end_ms FROM monitor_alerts a JOIN monitors m ON m.id = a.monitor_id ";

std::optional<int64_t> find_id(Transaction& transaction, const std::string& name) {
  return transaction.query_int("SELECT id FROM monitors WHERE name = ?", {name});
}

Monitor monitor_of(const sql::Row& row) { return parse_monitor(row.get_text(0), row.get_text(1)); }

Alert alert_of(const sql::Row& row) {
  Alert out;
  out.id = row.get_int(0);
  out.monitor = row.get_text(1);
  out.rule = row.get_text(2);
  out.state = row.get_int(3) != 0 ? AlertState::kFiring : AlertState::kResolved;
  out.window_start_ms = row.get_int(4);
  out.window_end_ms = row.get_int(5);
  out.value = row.get_double(6);
  out.threshold = row.get_double(7);
  out.severity = row.get_text(8);
  out.pipeline = row.get_text(9);
  out.fired_ms = row.get_int(10);
  out.notified_end_ms = row.get_int(11);
  out.resolved_end_ms = row.get_int(12);
  return out;
}

std::vector<Window> read_windows(Transaction& transaction, int64_t monitor_id, size_t limit) {
  auto out = transaction.query_all<Window>(
      "SELECT result FROM monitor_windows WHERE monitor_id = ? AND row_count > 0 ORDER BY start_ms DESC LIMIT ?",
      {monitor_id, static_cast<int64_t>(limit)}, [](const sql::Row& row) { return parse_window(row.get_text(0)); });
  std::reverse(out.begin(), out.end());
  return out;
}

int64_t newest_end_ms(Transaction& transaction, int64_t monitor_id) {
  return transaction
      .query_int("SELECT COALESCE(MAX(end_ms), 0) FROM monitor_windows WHERE monitor_id = ? AND row_count > 0",
                 {monitor_id})
      .value_or(0);
}

void forget_results(Transaction& transaction, int64_t monitor_id) {
  transaction.execute("DELETE FROM monitor_windows WHERE monitor_id = ?", {monitor_id});
  transaction.execute("DELETE FROM monitor_rules WHERE monitor_id = ?", {monitor_id});
}

bool same_windows(const Monitor& a, const Monitor& b) {
  return a.model == b.model && a.window_ms == b.window_ms && a.window_origin_ms == b.window_origin_ms;
}

// One rule of one monitor inside the transaction that judges it.
class RuleJudge {
 public:
  RuleJudge(Transaction& transaction, int64_t monitor_id, const Monitor& monitor, const AlertRule& rule, int64_t now_ms)
      : transaction_(transaction), monitor_id_(monitor_id), monitor_(monitor), rule_(rule), now_ms_(now_ms) {
    load();
  }

  void run(const std::vector<Window>& windows) {
    for (size_t at = 0; at < windows.size(); ++at) {
      if (windows[at].end_ms < judged_end_ms_) continue;
      apply(judge(monitor_, rule_, windows, at, state_), windows[at]);
      judged_end_ms_ = windows[at].end_ms;
    }
    save();
  }

 private:
  void load() {
    transaction_.query("SELECT judged_end_ms, notified_end_ms FROM monitor_rules WHERE monitor_id = ? AND rule = ?",
                       {monitor_id_, rule_.name}, [&](const sql::Row& row) {
                         judged_end_ms_ = row.get_int(0);
                         state_.ever_notified = !row.is_null(1);
                         state_.notified_end_ms = row.find_int(1).value_or(0);
                       });
    transaction_.query("SELECT id, fired_end_ms FROM monitor_alerts WHERE monitor_id = ? AND rule = ? AND firing = 1",
                       {monitor_id_, rule_.name}, [&](const sql::Row& row) {
                         alert_id_ = row.get_int(0);
                         state_.open = true;
                         state_.fired_end_ms = row.get_int(1);
                       });
  }

  void save() {
    const sql::Value notified = state_.ever_notified ? sql::Value(state_.notified_end_ms) : sql::Value(nullptr);
    transaction_.execute(
        "INSERT INTO monitor_rules (monitor_id, rule, judged_end_ms, notified_end_ms) VALUES (?, ?, ?, ?) ON CONFLICT "
        "(monitor_id, rule) DO UPDATE SET judged_end_ms = excluded.judged_end_ms, notified_end_ms = "
        "excluded.notified_end_ms",
        {monitor_id_, rule_.name, judged_end_ms_, notified});
  }

  void apply(AlertStep step, const Window& window) {
    switch (step) {
      case AlertStep::kNone:
        return;
      case AlertStep::kFire:
        return fire(window);
      case AlertStep::kNotifyAgain:
        return notify_again(window);
      case AlertStep::kResolve:
        return resolve(window);
    }
  }

  void fire(const Window& window) {
    alert_id_ = *transaction_.query_int(
        "INSERT INTO monitor_alerts (monitor_id, rule, firing, window_start_ms, window_end_ms, value, threshold, "
        "severity, pipeline, "
        "fired_ms, fired_end_ms, notified_end_ms, resolved_end_ms, published) VALUES (?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, "
        "?, 0, 0) "
        "RETURNING id",
        {monitor_id_, rule_.name, window.start_ms, window.end_ms, window.metric(rule_.metric), rule_.threshold,
         rule_.severity, rule_.pipeline, now_ms_, window.end_ms, window.end_ms});
    state_.open = true;
    state_.fired_end_ms = window.end_ms;
    note_notified(window);
  }

  void notify_again(const Window& window) {
    transaction_.execute(
        "UPDATE monitor_alerts SET window_start_ms = ?, window_end_ms = ?, value = ?, notified_end_ms = ?, published = "
        "0 WHERE id = ?",
        {window.start_ms, window.end_ms, window.metric(rule_.metric), window.end_ms, alert_id_});
    note_notified(window);
  }

  void resolve(const Window& window) {
    transaction_.execute("UPDATE monitor_alerts SET firing = 0, resolved_end_ms = ? WHERE id = ?",
                         {window.end_ms, alert_id_});
    state_.open = false;
  }

  void note_notified(const Window& window) {
    state_.ever_notified = true;
    state_.notified_end_ms = window.end_ms;
  }

  Transaction& transaction_;
  int64_t monitor_id_;
  const Monitor& monitor_;
  const AlertRule& rule_;
  int64_t now_ms_;
  int64_t judged_end_ms_ = 0;
  int64_t alert_id_ = 0;
  RuleState state_;
};

}  // namespace

MonitorStore::MonitorStore(sql::Database& database) : database_(database) {
  database.migrate("monitors", {{1, "monitors", kTables}});
  if (database.dialect() != sql::Dialect::kSqlite) return;
  // A SQLite database has one owner: whoever was telling news is no more.
  const bool has_claims = database.read_value<bool>([](Transaction& transaction) {
    return transaction.query_int("SELECT 1 FROM monitor_alerts WHERE published < 0 LIMIT 1").has_value();
  });
  if (!has_claims) return;
  database.write([](Transaction& transaction) {
    transaction.execute("UPDATE monitor_alerts SET published = 0 WHERE published < 0");
  });
}

void MonitorStore::put(const Monitor& monitor, int64_t now_ms) {
  database_.write([&](Transaction& transaction) {
    const auto before = transaction.query_one<Monitor>("SELECT name, definition FROM monitors WHERE name = ?",
                                                       {monitor.name}, monitor_of);
    transaction.execute(
        "INSERT INTO monitors (name, definition, updated_ms) VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET "
        "definition = excluded.definition, updated_ms = excluded.updated_ms",
        {monitor.name, monitor_json(monitor), now_ms});
    const int64_t id = *find_id(transaction, monitor.name);
    if (before && !same_windows(*before, monitor)) forget_results(transaction, id);
    const int64_t newest = newest_end_ms(transaction, id);
    for (const AlertRule& rule : monitor.rules) {
      transaction.execute(
          "INSERT INTO monitor_rules (monitor_id, rule, judged_end_ms) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
          {id, rule.name, newest});
    }
  });
}

std::optional<Monitor> MonitorStore::find(const std::string& name) const {
  return database_.read_value<std::optional<Monitor>>([&](Transaction& transaction) {
    return transaction.query_one<Monitor>("SELECT name, definition FROM monitors WHERE name = ?", {name}, monitor_of);
  });
}

std::vector<Monitor> MonitorStore::list() const {
  return database_.read_value<std::vector<Monitor>>([&](Transaction& transaction) {
    return transaction.query_all<Monitor>("SELECT name, definition FROM monitors ORDER BY name", {}, monitor_of);
  });
}

bool MonitorStore::remove(const std::string& name) {
  return database_.write_value<bool>([&](Transaction& transaction) {
    const auto id = find_id(transaction, name);
    if (!id) return false;
    forget_results(transaction, *id);
    transaction.execute("DELETE FROM monitor_alerts WHERE monitor_id = ?", {*id});
    transaction.execute("DELETE FROM monitors WHERE id = ?", {*id});
    return true;
  });
}

std::map<int64_t, WindowMark> MonitorStore::window_marks(const std::string& monitor) const {
  std::map<int64_t, WindowMark> out;
  database_.read([&](Transaction& transaction) {
    transaction.query(
        "SELECT w.start_ms, w.predictions_revision, w.labels_revision FROM monitor_windows w JOIN monitors m ON m.id = "
        "w.monitor_id "
        "WHERE m.name = ?",
        {monitor}, [&](const sql::Row& row) {
          out[row.get_int(0)] = {row.get_int(1), row.get_int(2)};
        });
  });
  return out;
}

std::optional<Window> MonitorStore::find_window(const std::string& monitor, int64_t start_ms) const {
  return database_.read_value<std::optional<Window>>([&](Transaction& transaction) {
    return transaction.query_one<Window>(
        "SELECT w.result FROM monitor_windows w JOIN monitors m ON m.id = w.monitor_id WHERE m.name = ? AND w.start_ms "
        "= ?",
        {monitor, start_ms}, [](const sql::Row& row) { return parse_window(row.get_text(0)); });
  });
}

std::vector<Window> MonitorStore::list_windows(const std::string& monitor, size_t limit) const {
  return database_.read_value<std::vector<Window>>([&](Transaction& transaction) {
    const auto id = find_id(transaction, monitor);
    return id ? read_windows(transaction, *id, limit) : std::vector<Window>{};
  });
}

void MonitorStore::save_window(const std::string& monitor, const Window& window, const WindowMark& mark) {
  database_.write([&](Transaction& transaction) {
    const auto id = find_id(transaction, monitor);
    if (!id) return;  // removed meanwhile
    transaction.execute(
        "INSERT INTO monitor_windows (monitor_id, start_ms, end_ms, row_count, predictions_revision, labels_revision, "
        "result) VALUES "
        "(?, ?, ?, ?, ?, ?, ?) ON CONFLICT (monitor_id, start_ms) DO UPDATE SET row_count = excluded.row_count, "
        "predictions_revision = "
        "excluded.predictions_revision, labels_revision = excluded.labels_revision, result = excluded.result",
        {*id, window.start_ms, window.end_ms, static_cast<int64_t>(window.rows), mark.predictions_revision,
         mark.labels_revision, window_json(window)});
  });
}

void MonitorStore::judge_rules(const Monitor& monitor, int64_t now_ms) {
  if (monitor.rules.empty()) return;
  database_.write([&](Transaction& transaction) {
    const auto id = find_id(transaction, monitor.name);
    if (!id) return;
    const std::vector<Window> windows = read_windows(transaction, *id, kJudgedWindows);
    for (const AlertRule& rule : monitor.rules) RuleJudge(transaction, *id, monitor, rule, now_ms).run(windows);
  });
}

std::vector<Alert> MonitorStore::list_alerts(const std::string& monitor, size_t limit) const {
  return database_.read_value<std::vector<Alert>>([&](Transaction& transaction) {
    return transaction.query_all<Alert>(std::string(kAlertColumns) + "WHERE m.name = ? ORDER BY a.id DESC LIMIT ?",
                                        {monitor, static_cast<int64_t>(limit)}, alert_of);
  });
}

std::vector<Alert> MonitorStore::unpublished_alerts() const {
  return database_.read_value<std::vector<Alert>>([&](Transaction& transaction) {
    return transaction.query_all<Alert>(std::string(kAlertColumns) + "WHERE a.published <= 0 ORDER BY a.id LIMIT ?",
                                        {static_cast<int64_t>(kMaxUnpublished)}, alert_of);
  });
}

bool MonitorStore::claim_alert(int64_t alert_id, int64_t now_ms, int64_t until_ms) {
  return database_.write_value<bool>([&](Transaction& transaction) {
    return transaction.execute(
               "UPDATE monitor_alerts SET published = ? WHERE id = ? AND published <= 0 AND published >= ?",
               {-until_ms, alert_id, -now_ms}) > 0;
  });
}

void MonitorStore::mark_published(int64_t alert_id) {
  database_.write([&](Transaction& transaction) {
    transaction.execute("UPDATE monitor_alerts SET published = 1 WHERE id = ?", {alert_id});
  });
}

}  // namespace slipway::monitoring
