// The server's monitors: take predictions and labels, compute windows of event time as they close, compare them with a
// reference, raise alerts. Used by protocols/slipway and the composition root.
//
// A window closes when the watermark, the latest event time seen minus the monitor's lateness, passes its end. What
// comes later still counts: only the windows that it touches are computed again, and where only labels came only their
// performance. Rules are judged when a window closes; those on performance once enough of its labels are there.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "domains/monitoring/monitor.h"
#include "domains/monitoring/monitor_store.h"
#include "domains/monitoring/prediction_store.h"
#include "domains/monitoring/reused_ids.h"
#include "domains/monitoring/window_evaluation.h"
#include "foundation/base/clock.h"
#include "foundation/base/metrics.h"
#include "foundation/jobs/event_bus.h"
#include "foundation/sql/database.h"

namespace slipway::monitoring {

// Finds the reference table of a monitor; throws an Error when it is not to be had.
using ReferenceResolver = std::function<tables::Table(const ReferenceSource&)>;

enum class RecentRows { kAll, kLabelled };

class Monitors {
 public:
  Monitors(sql::Database& database, const Clock& clock, jobs::EventBus& bus, metrics::Registry& registry,
           ReferenceResolver resolver);

  // Durable when they return; sending the same again changes nothing. Ids that several predictions have are counted and
  // told of. A label other than 0 and 1 is invalid_argument.
  PredictionReceipt record_predictions(const std::string& model, const PredictionBatch& batch);
  LabelReceipt record_labels(const std::string& model, const LabelBatch& batch);

  // Reads the reference: throws what is wrong with it, and invalid_argument for a rule on what it has not.
  void put(const Monitor& monitor);
  std::optional<Monitor> find(const std::string& name) const;
  Monitor get(const std::string& name) const;
  std::vector<Monitor> list() const;
  void remove(const std::string& name);
  // Why the monitor could not be computed the last time it was tried; "" when it could.
  std::string last_error(const std::string& name) const;

  // The newest `limit` windows, ascending in time; alerts newest first.
  std::vector<Window> list_windows(const std::string& name, size_t limit) const;
  std::vector<Alert> list_alerts(const std::string& name, size_t limit) const;
  // The monitor's story as one HTML page.
  std::string report_page(const std::string& name) const;

  // Asks for every reference again when it is needed next.
  void forget_references();

  // Computes what is due for every monitor; what goes wrong with one is kept and does not stop the others. For the
  // background task and for tests.
  void tick();
  // Closes every window that has a row, the last one too, and computes what is due. Throws what goes wrong.
  void evaluate(const std::string& name);

  // Inputs with "probability", "label" (missing where none came), "time_ms" and "model_version" of the rows with
  // from_ms <= event time < to_ms. A name that an input has already gets "slipway_" in front.
  tables::Table recent(const std::string& model, int64_t from_ms, int64_t to_ms,
                       RecentRows rows = RecentRows::kLabelled) const;

 private:
  enum class Close { kByWatermark, kAll };
  struct Due;

  void compute(const Monitor& monitor, Close close);
  std::vector<Due> find_due(const Monitor& monitor, Close close) const;
  void compute_window(const Monitor& monitor, const Due& due);
  std::unique_ptr<Reference> read_reference(const Monitor& monitor) const;
  const Reference& reference_of(const Monitor& monitor);
  void publish_alerts();
  void expose(const Monitor& monitor);
  void set_gauge(const Monitor& monitor, const std::string& name, const std::string& help,
                 const metrics::Labels& labels, double value);
  void forget_gauges(const std::string& monitor);

  struct CachedReference {
    std::string key;
    std::unique_ptr<Reference> reference;
    int64_t asked_ms = 0;
  };
  using Series = std::set<std::pair<std::string, metrics::Labels>>;

  const Clock& clock_;
  jobs::EventBus& bus_;
  metrics::Registry& registry_;
  ReferenceResolver resolver_;
  PredictionStore predictions_;
  ReusedIds reused_ids_;
  MonitorStore store_;
  mutable std::mutex compute_mutex_;                   // one computation at a time; guards the members below
  std::map<std::string, CachedReference> references_;  // by monitor
  std::map<std::string, Series> exposed_;              // gauges of each monitor
  std::set<std::string> judged_;                       // monitors whose rules were judged since the start
  mutable std::mutex errors_mutex_;                    // guards errors_
  std::map<std::string, std::string> errors_;          // by monitor
};

}  // namespace slipway::monitoring
