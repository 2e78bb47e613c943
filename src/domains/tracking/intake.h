// Takes in experiments, runs, metrics and logged models that were made elsewhere, with their ids, times and states as
// they were there: no rule of a client's call applies but those of the tables. What is there already stays. Used by
// those who move whole stores; the server must not run meanwhile, for nothing is published.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domains/tracking/arrival.h"
#include "domains/tracking/logged_model.h"
#include "domains/tracking/metric_store.h"

namespace slipway::tracking {

struct StoredRun {
  Run run;  // its metrics are not looked at, see SeriesPoints
  std::optional<int64_t> deleted_ms;
};

// Points of one metric of one run, all or a part of them.
struct SeriesPoints {
  RunId run;
  std::string key;
  std::vector<StoredPoint> points;
};

// What tells whether a series is there completely, without reading its points.
struct SeriesSummary {
  RunId run;
  std::string key;
  int64_t points = 0;
  int64_t first_ms = 0;
  int64_t last_ms = 0;
  int64_t first_step = 0;
  int64_t last_step = 0;
  double least = 0;  // of the stored values
  double most = 0;
  bool operator==(const SeriesSummary&) const = default;
};

void add_point(SeriesSummary& sum, const StoredPoint& point);

// Rows of some runs.
struct RunRowCounts {
  int64_t runs = 0;
  int64_t params = 0;
  int64_t tags = 0;
  int64_t points = 0;
  int64_t series = 0;
  int64_t dataset_inputs = 0;
  int64_t input_tags = 0;
  int64_t model_links = 0;
};

struct LoggedModelRowCounts {
  int64_t models = 0;
  int64_t params = 0;
  int64_t tags = 0;
  int64_t metrics = 0;
};

// Each call is one transaction. With `only_look` nothing is written and the answers are what they would be.
class Intake {
 public:
  Intake(sql::Database& database, bool only_look) : database_(database), only_look_(only_look) {}

  // Of the default experiment, which every store has, the tags that are missing here are added.
  Arrival take(const Experiment& experiment);
  std::vector<Arrival> take(const std::vector<StoredRun>& runs);
  // Returns how many of the points were not there. The runs must be there.
  int64_t take(const std::vector<SeriesPoints>& series);
  std::vector<Arrival> take(const std::vector<LoggedModel>& models);

  std::vector<SeriesSummary> series_of(const std::vector<RunId>& runs);
  RunRowCounts count(const std::vector<RunId>& runs);
  LoggedModelRowCounts count(const std::vector<LoggedModelId>& models);
  int64_t count_tags(const ExperimentId& experiment);
  // The next number for an experiment.
  int64_t next_experiment();

 private:
  // Runs `work` on a transaction that may write, or on one that only reads.
  void run(const std::function<void(sql::Transaction&)>& work);

  sql::Database& database_;
  const bool only_look_;
};

}  // namespace slipway::tracking
