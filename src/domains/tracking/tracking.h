// The use cases of experiments and runs: each checks its input, stores what is asked in one transaction, and publishes
// what happened. Protocols decode, call one of these and encode; other domains call them directly.
//
// Events: run.created, run.finished {status} (subject: the run id; both carry experiment_id).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "domains/tracking/metric_buckets.h"
#include "domains/tracking/metric_history.h"
#include "domains/tracking/run.h"
#include "foundation/base/clock.h"
#include "foundation/jobs/event_bus.h"
#include "foundation/sql/database.h"

namespace slipway::tracking {

class RunStore;
struct RunRow;

// Where the artifacts of experiments lie that name no place of their own.
inline constexpr std::string_view kDefaultArtifactRoot = "mlflow-artifacts:/";

class Tracking {
 public:
  // Brings the tables up to date and makes the experiment "Default" (id 0) if there is none. Everything must outlive
  // it.
  Tracking(sql::Database& database, Clock& clock, IdSource& ids, jobs::EventBus& events,
           std::string artifact_root = std::string(kDefaultArtifactRoot));

  // Experiments. Names are unique, deleted ones included.
  ExperimentId create_experiment(const NewExperiment& experiment);
  // Where runs lie, each experiment once; unknown runs lie nowhere.
  std::vector<ExperimentId> experiments_of(const std::vector<RunId>& runs);
  // Whose files lie at a path below the artifact root: the experiments whose location it is or is part of, and if
  // asked those that lie below it.
  std::vector<ExperimentId> experiments_at(const std::string& path, bool with_below);
  Experiment get_experiment(const ExperimentId& id);
  std::optional<Experiment> find_experiment_by_name(const std::string& name);
  Page<Experiment> search_experiments(const Search& search);
  void rename_experiment(const ExperimentId& id, const std::string& name);
  // With all runs in it; restoring brings back those that went with it.
  void delete_experiment(const ExperimentId& id);
  void restore_experiment(const ExperimentId& id);
  void set_experiment_tag(const ExperimentId& id, const Tag& tag);
  void delete_experiment_tag(const ExperimentId& id, const std::string& key);

  // Runs. Whatever writes to a deleted run throws invalid_argument, to an unknown one not_found.
  Run create_run(const NewRun& run);
  Run get_run(const RunId& id);
  RunInfo update_run(const RunId& id, const RunUpdate& update);
  void delete_run(const RunId& id);
  void restore_run(const RunId& id);
  // All or nothing: params, then metrics, then tags.
  void log_batch(const RunId& id, Batch batch);
  void log_metric(const RunId& id, Metric metric);
  void log_param(const RunId& id, const Param& param);
  void set_tag(const RunId& id, const Tag& tag);
  void delete_tag(const RunId& id, const std::string& key);
  void log_inputs(const RunId& id, const std::vector<DatasetInput>& datasets, const std::vector<LoggedModelId>& models);
  // The datasets that runs of these experiments used, each with what for; the first thousand.
  std::vector<DatasetSummary> search_datasets(const std::vector<ExperimentId>& experiments);
  void log_outputs(const RunId& id, const std::vector<ModelOutput>& outputs);
  // Appends a model's description (a JSON object) to the run's tag of models logged the old way.
  void record_model(const RunId& id, const std::string& model_json);

  // All points of one metric by time, step and value; paged when `max_results` is given.
  Page<Metric> metric_history(const RunId& id, const std::string& key, std::optional<int64_t> max_results,
                              const std::string& page_token);
  // The same point by point, at most `max_results` of them; returns the token of the next page if there is one.
  std::optional<std::string> read_history(const RunId& id, const std::string& key, int64_t max_results,
                                          const std::string& page_token, const OnMetric& on_metric);
  // Of several runs, one after the other by id, `max_results` points in all; unknown runs have none.
  void read_histories(const std::vector<RunId>& runs, const std::string& key, int64_t max_results,
                      const OnMetric& on_metric);
  // An even sample of each run's points by step, time and value; throws not_found for an unknown run.
  void sample_histories(const std::vector<RunId>& runs, const std::string& key, const HistorySample& sample,
                        const OnMetric& on_metric);
  // The run's points in stretches of equal length; none where it has no such metric. Throws not_found for an unknown
  // run and invalid_argument for a range that ends before it begins or a number of buckets outside 1 to 10,000.
  std::vector<MetricBucket> metric_buckets(const RunId& id, const std::string& key, const BucketQuery& query);
  Page<Run> search_runs(const std::vector<ExperimentId>& experiments, const Search& search);

 private:
  void ensure_default_experiment();
  void write_tags(RunStore& runs, const RunRow& run, const std::vector<Tag>& tags);
  std::string location_of(int64_t experiment) const;
  void publish(std::string kind, const RunInfo& run);

  sql::Database& database_;
  Clock& clock_;
  IdSource& ids_;
  jobs::EventBus& events_;
  const std::string artifact_root_;  // ends in a slash
};

}  // namespace slipway::tracking
