#include "domains/genai/scorers.h"

#include "domains/genai/scorer_store.h"
#include "domains/traces/trace_filter.h"
#include "domains/tracking/experiment_store.h"
#include "domains/tracking/limits.h"
#include "foundation/base/error.h"
#include "foundation/identity/grant_store.h"

namespace slipway::genai {

namespace {

constexpr size_t kMaxName = 256;
constexpr size_t kMaxDefinition = size_t{1} << 20U;
constexpr size_t kMaxFilter = 10'000;

using tracking::Condition;
using tracking::Lifecycle;

int64_t active(sql::Transaction& transaction, const ExperimentId& experiment) {
  tracking::ExperimentStore(transaction).get_active(experiment);
  return tracking::number_of(experiment);
}

Error unknown(const ExperimentId& experiment, const std::string& name, std::optional<int64_t> version) {
  if (version)
    return not_found("Scorer with name '", name, "' and version ", *version, " not found for experiment ",
                     experiment.value, ".");
  return not_found("Scorer with name '", name, "' not found for experiment ", experiment.value, ".");
}

ScorerStore::Found scorer_of(sql::Transaction& transaction, const ExperimentId& experiment, const std::string& name) {
  const auto found = ScorerStore(transaction).find(active(transaction, experiment), name);
  if (!found) throw unknown(experiment, name, std::nullopt);
  return *found;
}

Condition is_active() { return {"e.lifecycle = ?", {std::string(tracking::name_of(Lifecycle::kActive))}}; }

void add(Condition& to, const std::string& text, const sql::Values& values) {
  to.text = text::concat(to.text, " AND ", text);
  to.values.insert(to.values.end(), values.begin(), values.end());
}

}  // namespace

ScorerVersion Scorers::add(const ExperimentId& experiment, const std::string& name, const std::string& definition) {
  if (text::trim(name).empty()) throw invalid_argument("Scorer name cannot be empty or contain only whitespace.");
  tracking::check_length(name, kMaxName, "name");
  if (definition.size() > kMaxDefinition)
    throw invalid_argument("a scorer takes at most ", text::format_bytes(kMaxDefinition));
  return database_.write_value<ScorerVersion>([&](sql::Transaction& transaction) {
    const int64_t number = active(transaction, experiment);
    ScorerStore store(transaction);
    auto scorer = store.find(number, name);
    if (!scorer) scorer = store.insert(number, name, ScorerId(ids_.hex(32)));
    const int64_t version = store.add_version(scorer->row, definition, clock_.now_ms());
    return *store.version(scorer->row, version);
  });
}

ScorerVersion Scorers::get(const ExperimentId& experiment, const std::string& name, std::optional<int64_t> version) {
  return database_.read_value<ScorerVersion>([&](sql::Transaction& transaction) {
    const auto scorer = scorer_of(transaction, experiment, name);
    auto found = ScorerStore(transaction).version(scorer.row, version);
    if (!found) throw unknown(experiment, name, version);
    return *std::move(found);
  });
}

std::vector<ScorerVersion> Scorers::versions(const ExperimentId& experiment, const std::string& name) {
  return database_.read_value<std::vector<ScorerVersion>>([&](sql::Transaction& transaction) {
    auto found = ScorerStore(transaction).versions(scorer_of(transaction, experiment, name).row);
    if (found.empty()) throw unknown(experiment, name, std::nullopt);
    return found;
  });
}

void Scorers::remove(const ExperimentId& experiment, const std::string& name, std::optional<int64_t> version) {
  database_.write([&](sql::Transaction& transaction) {
    const auto scorer = scorer_of(transaction, experiment, name);
    ScorerStore store(transaction);
    if (!version) return store.remove(scorer.row);
    if (!store.remove_version(scorer.row, *version)) throw unknown(experiment, name, version);
  });
}

std::vector<ScorerVersion> Scorers::list(const ExperimentId& experiment) {
  return database_.read_value<std::vector<ScorerVersion>>([&](sql::Transaction& transaction) {
    return ScorerStore(transaction).latest({"s.experiment = ?", {active(transaction, experiment)}});
  });
}

std::vector<ScorerVersion> Scorers::list(const std::vector<ExperimentId>& experiments) {
  sql::Values numbers;
  for (const ExperimentId& id : experiments) numbers.emplace_back(tracking::number_of(id));
  const Condition inside = tracking::in_condition("s.experiment", numbers);
  Condition condition = is_active();
  genai::add(condition, inside.text, inside.values);
  return database_.read_value<std::vector<ScorerVersion>>(
      [&](sql::Transaction& transaction) { return ScorerStore(transaction).latest(condition); });
}

std::vector<ScorerVersion> Scorers::list_all(const identity::Scope& scope) {
  Condition condition = is_active();
  const auto seen = identity::condition_of(scope, identity::ResourceKind::kExperiment, "CAST(s.experiment AS TEXT)");
  if (!seen.text.empty()) genai::add(condition, seen.text, seen.values);
  return database_.read_value<std::vector<ScorerVersion>>(
      [&](sql::Transaction& transaction) { return ScorerStore(transaction).latest(condition); });
}

OnlineScoring Scorers::set_online(const ExperimentId& experiment, const std::string& name, double sample_rate,
                                  const std::optional<std::string>& filter, const DefinitionCheck& check) {
  const bool in_range = sample_rate >= 0 && sample_rate <= 1;
  if (!in_range)
    throw invalid_argument("sample_rate must be between 0.0 and 1.0, got ", text::format_double(sample_rate));
  if (filter) {
    tracking::check_length(*filter, kMaxFilter, "filter_string");
    traces::check_trace_filter(*filter);
  }
  OnlineScoring scoring;
  scoring.id = ids_.hex(32);
  scoring.experiment_id = experiment;
  scoring.sample_rate = sample_rate;
  scoring.filter = filter;
  return database_.write_value<OnlineScoring>([&](sql::Transaction& transaction) {
    const auto scorer = scorer_of(transaction, experiment, name);
    ScorerStore store(transaction);
    const auto latest = store.version(scorer.row, std::nullopt);
    if (latest && sample_rate > 0) check(latest->definition);
    OnlineScoring out = scoring;
    out.scorer_id = scorer.id;
    store.put(scorer.row, out);
    return out;
  });
}

std::vector<OnlineScoring> Scorers::online(const std::vector<ScorerId>& scorers) {
  return database_.read_value<std::vector<OnlineScoring>>(
      [&](sql::Transaction& transaction) { return ScorerStore(transaction).online(scorers); });
}

std::vector<ExperimentId> Scorers::experiments_of(const std::vector<ScorerId>& scorers) {
  sql::Values ids;
  for (const ScorerId& id : scorers) ids.emplace_back(id.value);
  return database_.read_value<std::vector<ExperimentId>>([&](sql::Transaction& transaction) {
    return tracking::experiments_in(transaction, "scorers", "scorer_id", ids);
  });
}

void Scorers::forget_experiment(sql::Transaction& transaction, const ExperimentId& experiment) {
  ScorerStore(transaction).forget_experiment(tracking::number_of(experiment));
}

}  // namespace slipway::genai
