// The half of Tracking that is about experiments.
#include "domains/tracking/experiment_store.h"
#include "domains/tracking/limits.h"
#include "domains/tracking/migrations.h"
#include "domains/tracking/purge.h"
#include "domains/tracking/run_store.h"
#include "domains/tracking/tracking.h"
#include "foundation/base/error.h"
#include "foundation/identity/grant_store.h"
#include "foundation/identity/migrations.h"

namespace slipway::tracking {

namespace {
constexpr int64_t kMaxExperiments = 50'000;
constexpr int64_t kDefaultExperiment = 0;
}  // namespace

Tracking::Tracking(sql::Database& database, Clock& clock, IdSource& ids, jobs::EventBus& events,
                   std::string artifact_root)
    : database_(database),
      clock_(clock),
      ids_(ids),
      events_(events),
      artifact_root_(artifact_root.ends_with('/') ? std::move(artifact_root) : artifact_root + "/") {
  identity::migrate(database_);
  database_.migrate("tracking", migrations());
  database_.migrate("tracking_purge", purge_migrations());
  ensure_default_experiment();
}

void Tracking::ensure_default_experiment() {
  const ExperimentId id(std::to_string(kDefaultExperiment));
  const bool present = database_.read_value<bool>(
      [&](sql::Transaction& transaction) { return ExperimentStore(transaction).find(id).has_value(); });
  if (present) return;
  database_.write([&](sql::Transaction& transaction) {
    ExperimentStore store(transaction);
    if (store.find(id)) return;
    store.insert(kDefaultExperiment, {"Default", location_of(kDefaultExperiment), {}}, clock_.now_ms());
  });
}

std::string Tracking::location_of(int64_t experiment) const { return artifact_root_ + std::to_string(experiment); }

ExperimentId Tracking::create_experiment(const NewExperiment& experiment) {
  check_experiment_name(experiment.name);
  check_artifact_location(experiment.artifact_location);
  for (const Tag& tag : experiment.tags) check_experiment_tag(tag.key, tag.value);
  const int64_t number = database_.write_value<int64_t>([&](sql::Transaction& transaction) {
    ExperimentStore store(transaction);
    const int64_t id = store.next_id();
    NewExperiment complete = experiment;
    if (complete.artifact_location.empty()) complete.artifact_location = location_of(id);
    store.insert(id, complete, clock_.now_ms());
    identity::GrantStore(transaction).made({identity::ResourceKind::kExperiment, std::to_string(id)}, experiment.maker);
    return id;
  });
  return ExperimentId(std::to_string(number));
}

Experiment Tracking::get_experiment(const ExperimentId& id) {
  return database_.read_value<Experiment>(
      [&](sql::Transaction& transaction) { return ExperimentStore(transaction).get(id); });
}

std::vector<ExperimentId> Tracking::experiments_of(const std::vector<RunId>& runs) {
  sql::Values ids;
  for (const RunId& run : runs) ids.emplace_back(run.value);
  return database_.read_value<std::vector<ExperimentId>>(
      [&](sql::Transaction& transaction) { return experiments_in(transaction, "runs", "run_id", ids); });
}

std::vector<ExperimentId> Tracking::experiments_at(const std::string& path, bool with_below) {
  return database_.read_value<std::vector<ExperimentId>>([&](sql::Transaction& transaction) {
    return ExperimentStore(transaction).find_at(artifact_root_, path, with_below);
  });
}

std::optional<Experiment> Tracking::find_experiment_by_name(const std::string& name) {
  using Found = std::optional<Experiment>;
  return database_.read_value<Found>(
      [&](sql::Transaction& transaction) { return ExperimentStore(transaction).find_by_name(name); });
}

Page<Experiment> Tracking::search_experiments(const Search& search) {
  check_max_results(search.max_results, kMaxExperiments);
  const PageRequest request(search.max_results, search.page_token, Question::of("experiments", {}, search));
  return database_.read_value<Page<Experiment>>(
      [&](sql::Transaction& transaction) { return ExperimentStore(transaction).search(search, request); });
}

void Tracking::rename_experiment(const ExperimentId& id, const std::string& name) {
  check_experiment_name(name);
  database_.write([&](sql::Transaction& transaction) {
    ExperimentStore store(transaction);
    if (store.get(id).lifecycle != Lifecycle::kActive) {
      throw failed_precondition("Cannot rename a non-active experiment: ", id.value, " is deleted");
    }
    store.rename(id, name, clock_.now_ms());
  });
}

void Tracking::delete_experiment(const ExperimentId& id) {
  database_.write([&](sql::Transaction& transaction) {
    ExperimentStore store(transaction);
    if (store.get(id).lifecycle == Lifecycle::kDeleted)
      throw not_found("No active experiment with id=", id.value, " exists");
    const int64_t now_ms = clock_.now_ms();
    store.set_lifecycle(id, Lifecycle::kDeleted, now_ms);
    RunStore(transaction).delete_all_of(id, now_ms);
  });
}

void Tracking::restore_experiment(const ExperimentId& id) {
  database_.write([&](sql::Transaction& transaction) {
    ExperimentStore store(transaction);
    if (store.get(id).lifecycle == Lifecycle::kActive)
      throw not_found("No deleted experiment with id=", id.value, " exists");
    store.set_lifecycle(id, Lifecycle::kActive, clock_.now_ms());
    RunStore(transaction).restore_all_of(id);
  });
}

void Tracking::set_experiment_tag(const ExperimentId& id, const Tag& tag) {
  check_experiment_tag(tag.key, tag.value);
  database_.write([&](sql::Transaction& transaction) {
    ExperimentStore store(transaction);
    store.get_active(id);
    store.set_tag(id, tag);
  });
}

void Tracking::delete_experiment_tag(const ExperimentId& id, const std::string& key) {
  database_.write([&](sql::Transaction& transaction) {
    ExperimentStore store(transaction);
    store.get_active(id);
    if (!store.remove_tag(id, key)) throw not_found("No tag with name: ", key, " in experiment with id ", id.value);
  });
}

}  // namespace slipway::tracking
