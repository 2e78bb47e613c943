#include "domains/monitoring/monitors.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "foundation/base/error.h"
#include "foundation/base/log.h"

namespace slipway::monitoring {

// A window to compute, and how much of it.
struct Monitors::Due {
  int64_t start_ms = 0;
  WindowMark mark;
  bool known = false;                // computed before
  bool predictions_changed = false;  // or new; else only labels came
};

namespace {

// Whoever began to tell an alert and did not end by then is dead.
constexpr int64_t kTellingMs = 60'000;
// An alias may have moved by way of another server, which tells nobody else.
constexpr int64_t kReferenceAgeMs = 30'000;

std::string free_name(const tables::Table& table, std::string name) {
  while (table.find(name) != nullptr) name = "slipway_" + name;
  return name;
}

// Each window's start and the latest revisions of the days it lies in.
std::map<int64_t, WindowMark> windows_of_days(const Monitor& monitor, const std::vector<DayRevision>& days) {
  std::map<int64_t, WindowMark> out;
  for (const DayRevision& day : days) {
    const int64_t first_ms = day.day * kDayMs;
    for (int64_t start = monitor.window_start(first_ms); start < first_ms + kDayMs; start += monitor.window_ms) {
      WindowMark& mark = out[start];
      mark.predictions_revision = std::max(mark.predictions_revision, day.predictions);
      mark.labels_revision = std::max(mark.labels_revision, day.labels);
    }
  }
  return out;
}

std::string reference_key(const Monitor& monitor) {
  return text::concat(monitor.reference.describe(), "\n", monitor.reference.score_column, "\n",
                      text::join(monitor.columns, "\n"), "\n", monitor.drift_yaml);
}

}  // namespace

Monitors::Monitors(sql::Database& database, const Clock& clock, jobs::EventBus& bus, metrics::Registry& registry,
                   ReferenceResolver resolver)
    : clock_(clock),
      bus_(bus),
      registry_(registry),
      resolver_(std::move(resolver)),
      predictions_(database, clock),
      reused_ids_(clock, registry),
      store_(database) {}

PredictionReceipt Monitors::record_predictions(const std::string& model, const PredictionBatch& batch) {
  const PredictionReceipt receipt = predictions_.add_predictions(model, batch);
  reused_ids_.note(model, receipt);
  return receipt;
}

LabelReceipt Monitors::record_labels(const std::string& model, const LabelBatch& batch) {
  // Quality is measured for two classes: another label would be kept and never judged.
  for (size_t i = 0; i < batch.labels.size(); ++i) {
    if (batch.labels[i] == 0 || batch.labels[i] == 1) continue;
    throw invalid_argument("the label of prediction '", batch.ids[i], "' is ", batch.labels[i],
                           "; models of two classes are monitored, so labels are 0 or 1. Nothing was recorded");
  }
  return predictions_.add_labels(model, batch);
}

void Monitors::put(const Monitor& monitor) {
  const std::lock_guard lock(compute_mutex_);
  auto reference = read_reference(monitor);
  check_rules(monitor, *reference);
  store_.put(monitor, clock_.now_ms());
  references_[monitor.name] = {reference_key(monitor), std::move(reference), clock_.now_ms()};
  judged_.erase(monitor.name);
  forget_gauges(monitor.name);
}

std::optional<Monitor> Monitors::find(const std::string& name) const { return store_.find(name); }

Monitor Monitors::get(const std::string& name) const {
  auto found = find(name);
  if (!found) throw not_found("there is no monitor '", name, "'");
  return *std::move(found);
}

std::vector<Monitor> Monitors::list() const { return store_.list(); }

void Monitors::remove(const std::string& name) {
  const std::lock_guard lock(compute_mutex_);
  if (!store_.remove(name)) throw not_found("there is no monitor '", name, "'");
  references_.erase(name);
  judged_.erase(name);
  forget_gauges(name);
  const std::lock_guard errors_lock(errors_mutex_);
  errors_.erase(name);
}

std::string Monitors::last_error(const std::string& name) const {
  const std::lock_guard lock(errors_mutex_);
  const auto found = errors_.find(name);
  return found == errors_.end() ? "" : found->second;
}

std::vector<Window> Monitors::list_windows(const std::string& name, size_t limit) const {
  get(name);
  return store_.list_windows(name, limit);
}

std::vector<Alert> Monitors::list_alerts(const std::string& name, size_t limit) const {
  get(name);
  return store_.list_alerts(name, limit);
}

void Monitors::tick() {
  for (const Monitor& monitor : store_.list()) {
    std::string failure;
    try {
      compute(monitor, Close::kByWatermark);
    } catch (const std::exception& error) {
      failure = error.what();
    }
    const std::lock_guard lock(errors_mutex_);
    std::string& kept = errors_[monitor.name];
    if (!failure.empty() && failure != kept)
      log::warning("monitor failed", {{"monitor", monitor.name}, {"reason", failure}});
    kept = failure;
  }
}

void Monitors::evaluate(const std::string& name) { compute(get(name), Close::kAll); }

void Monitors::compute(const Monitor& monitor, Close close) {
  const std::lock_guard lock(compute_mutex_);
  const std::vector<Due> due = find_due(monitor, close);
  for (const Due& one : due) compute_window(monitor, one);
  const bool first_time = judged_.insert(monitor.name).second;
  if (due.empty() && !first_time) return;
  store_.judge_rules(monitor, clock_.now_ms());
  publish_alerts();
  expose(monitor);
}

std::vector<Monitors::Due> Monitors::find_due(const Monitor& monitor, Close close) const {
  const auto newest_ms = predictions_.newest_ms(monitor.model);
  if (!newest_ms) return {};
  const int64_t watermark_ms =
      close == Close::kAll ? std::numeric_limits<int64_t>::max() : *newest_ms - monitor.lateness_ms;
  const auto known = store_.window_marks(monitor.name);
  std::vector<Due> out;
  for (const auto& [start_ms, mark] : windows_of_days(monitor, predictions_.day_revisions(monitor.model))) {
    const auto before = known.find(start_ms);
    Due due;
    due.start_ms = start_ms;
    due.mark = mark;
    due.known = before != known.end();
    due.predictions_changed = !due.known || mark.predictions_revision > before->second.predictions_revision;
    const bool labels_changed = due.known && mark.labels_revision > before->second.labels_revision;
    const bool closed = due.known || start_ms + monitor.window_ms <= watermark_ms;
    if (closed && start_ms <= *newest_ms && (due.predictions_changed || labels_changed)) out.push_back(due);
  }
  return out;
}

void Monitors::compute_window(const Monitor& monitor, const Due& due) {
  const std::optional<Window> before = due.known ? store_.find_window(monitor.name, due.start_ms) : std::nullopt;
  const ReadInputs inputs = due.predictions_changed || !before ? ReadInputs::kYes : ReadInputs::kNo;
  const PredictionRows rows = predictions_.read(monitor.model, due.start_ms, due.start_ms + monitor.window_ms, inputs);
  Window window;
  if (inputs == ReadInputs::kYes) {
    window = evaluate_window(monitor, reference_of(monitor), rows, due.start_ms);
  } else {
    window = *before;
    evaluate_performance(rows, window);
  }
  window.revision = before ? before->revision + 1 : 1;
  window.evaluated_ms = clock_.now_ms();
  store_.save_window(monitor.name, window, due.mark);
}

void Monitors::forget_references() {
  const std::lock_guard lock(compute_mutex_);
  references_.clear();
}

std::unique_ptr<Reference> Monitors::read_reference(const Monitor& monitor) const {
  try {
    return std::make_unique<Reference>(prepare_reference(monitor, resolver_(monitor.reference)));
  } catch (const Error& error) {
    throw Error(error.code(), text::concat("the reference of monitor '", monitor.name, "', ",
                                           monitor.reference.describe(), ": ", error.what()));
  }
}

const Reference& Monitors::reference_of(const Monitor& monitor) {
  CachedReference& cached = references_[monitor.name];
  const std::string key = reference_key(monitor);
  const int64_t now_ms = clock_.now_ms();
  if (!cached.reference || cached.key != key || now_ms - cached.asked_ms > kReferenceAgeMs) {
    cached.reference = read_reference(monitor);
    cached.key = key;
    cached.asked_ms = now_ms;
  }
  return *cached.reference;
}

void Monitors::publish_alerts() {
  for (const Alert& alert : store_.unpublished_alerts()) {
    const int64_t now_ms = clock_.now_ms();
    if (!store_.claim_alert(alert.id, now_ms, now_ms + kTellingMs)) continue;  // another server tells it
    const auto monitor = store_.find(alert.monitor);
    jobs::Event event;
    event.kind = "monitor.alert_fired";
    event.subject = alert.monitor;
    event.time_ms = now_ms;
    event.attributes = {{"monitor", alert.monitor},
                        {"model", monitor ? monitor->model : ""},
                        {"rule", alert.rule},
                        {"window_start", text::format_time_ms(alert.window_start_ms)},
                        {"window_end", text::format_time_ms(alert.window_end_ms)},
                        {"value", text::format_double(alert.value)},
                        {"threshold", text::format_double(alert.threshold)},
                        {"severity", alert.severity},
                        {"pipeline", alert.pipeline}};
    bus_.publish(std::move(event));
    // Afterwards: a crash between the two tells the news twice, never not at all.
    store_.mark_published(alert.id);
  }
}

tables::Table Monitors::recent(const std::string& model, int64_t from_ms, int64_t to_ms, RecentRows wanted) const {
  const PredictionRows rows = predictions_.read(model, from_ms, to_ms, ReadInputs::kYes);
  std::vector<size_t> kept;
  for (size_t row = 0; row < rows.rows(); ++row) {
    if (wanted == RecentRows::kAll || !std::isnan(rows.labels[row])) kept.push_back(row);
  }
  tables::Table out = rows.inputs.take(kept);
  tables::Column score(free_name(out, "probability"), tables::ColumnType::kDouble);
  tables::Column label(free_name(out, "label"), tables::ColumnType::kDouble);
  tables::Column time(free_name(out, "time_ms"), tables::ColumnType::kTime);
  tables::Column version(free_name(out, "model_version"), tables::ColumnType::kText);
  for (const size_t row : kept) {
    score.append_double(rows.scores[row]);
    std::isnan(rows.labels[row]) ? label.append_missing() : label.append_double(rows.labels[row]);
    time.append_integer(rows.times_ms[row]);
    version.append_text(rows.versions[rows.version_of_row[row]]);
  }
  for (tables::Column* column : {&score, &label, &time, &version}) out.add(std::move(*column));
  return out;
}

}  // namespace slipway::monitoring
