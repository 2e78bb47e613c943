#include "domains/genai/scorer_store.h"

#include "foundation/base/error.h"

namespace slipway::genai {

namespace {

constexpr std::string_view kSelect =
    "SELECT s.scorer_id, s.experiment, s.name, v.version, v.definition, v.created_ms FROM scorers s JOIN "
    "scorer_versions v ON v.scorer = s.id JOIN experiments e ON e.id = s.experiment WHERE ";

ExperimentId experiment_of(const sql::Row& row, int column) {
  return ExperimentId(std::to_string(row.get_int(column)));
}

}  // namespace

std::optional<ScorerStore::Found> ScorerStore::find(int64_t experiment, const std::string& name) {
  return transaction_.query_one<Found>("SELECT id, scorer_id FROM scorers WHERE experiment = ? AND name = ?",
                                       {experiment, name}, [](const sql::Row& row) {
                                         return Found{row.get_int(0), ScorerId(row.get_text(1))};
                                       });
}

ScorerStore::Found ScorerStore::insert(int64_t experiment, const std::string& name, const ScorerId& id) {
  transaction_.execute("INSERT INTO scorers (scorer_id, experiment, name) VALUES (?, ?, ?)",
                       {id.value, experiment, name});
  return *find(experiment, name);
}

int64_t ScorerStore::add_version(int64_t row, const std::string& definition, int64_t now_ms) {
  const int64_t last =
      transaction_
          .query_int("SELECT max(version) FROM scorer_versions WHERE scorer = ? HAVING max(version) IS NOT NULL", {row})
          .value_or(0);
  ScorerVersion next;
  next.version = last + 1;
  next.definition = definition;
  next.created_ms = now_ms;
  restore_version(row, next);
  return next.version;
}

void ScorerStore::restore_version(int64_t row, const ScorerVersion& version) {
  transaction_.execute("INSERT INTO scorer_versions (scorer, version, definition, created_ms) VALUES (?, ?, ?, ?)",
                       {row, version.version, version.definition, version.created_ms});
}

std::vector<ScorerVersion> ScorerStore::read(const std::string& tail, const sql::Values& values) {
  std::vector<ScorerVersion> out;
  size_t bytes = 0;
  transaction_.query(text::concat(kSelect, tail), values, [&](const sql::Row& row) {
    ScorerVersion version;
    version.scorer_id = ScorerId(row.get_text(0));
    version.experiment_id = experiment_of(row, 1);
    version.name = row.get_text(2);
    version.version = row.get_int(3);
    version.definition = row.get_text(4);
    version.created_ms = row.get_int(5);
    bytes += version.definition.size();
    if (bytes > kMaxBytes) {
      throw too_large("these scorers are larger than ", text::format_bytes(kMaxBytes),
                      " together; ask for fewer experiments, or for versions one by one");
    }
    out.push_back(std::move(version));
  });
  return out;
}

std::optional<ScorerVersion> ScorerStore::version(int64_t row, std::optional<int64_t> version) {
  auto found = version ? read("s.id = ? AND v.version = ?", {row, *version})
                       : read("s.id = ? ORDER BY v.version DESC LIMIT 1", {row});
  if (found.empty()) return std::nullopt;
  return std::move(found[0]);
}

std::vector<ScorerVersion> ScorerStore::versions(int64_t row) { return read("s.id = ? ORDER BY v.version", {row}); }

std::vector<ScorerVersion> ScorerStore::latest(const tracking::Condition& condition) {
  return read(text::concat("v.version = (SELECT max(o.version) FROM scorer_versions o WHERE o.scorer = s.id) AND ",
                           condition.text, " ORDER BY s.experiment, s.name"),
              condition.values);
}

bool ScorerStore::remove_version(int64_t row, int64_t version) {
  return transaction_.execute("DELETE FROM scorer_versions WHERE scorer = ? AND version = ?", {row, version}) > 0;
}

void ScorerStore::remove(int64_t row) {
  for (const std::string_view statement :
       {"DELETE FROM scorer_versions WHERE scorer = ?", "DELETE FROM online_scorings WHERE scorer = ?",
        "DELETE FROM scorers WHERE id = ?"}) {
    transaction_.execute(statement, {row});
  }
}

void ScorerStore::forget_experiment(int64_t experiment) {
  for (const std::string_view statement :
       {"DELETE FROM scorer_versions WHERE scorer IN (SELECT id FROM scorers WHERE experiment = ?)",
        "DELETE FROM online_scorings WHERE scorer IN (SELECT id FROM scorers WHERE experiment = ?)",
        "DELETE FROM scorers WHERE experiment = ?"}) {
    transaction_.execute(statement, {experiment});
  }
}

void ScorerStore::put(int64_t row, const OnlineScoring& scoring) {
  transaction_.execute(
      "INSERT INTO online_scorings (scorer, config_id, sample_rate, filter) VALUES (?, ?, ?, ?) ON CONFLICT (scorer) "
      "DO "
      "UPDATE SET config_id = excluded.config_id, sample_rate = excluded.sample_rate, filter = excluded.filter",
      {row, scoring.id, scoring.sample_rate, sql::optional_value(scoring.filter)});
}

std::vector<OnlineScoring> ScorerStore::online(const std::vector<ScorerId>& scorers) {
  std::vector<OnlineScoring> out;
  sql::Values ids;
  for (const ScorerId& id : scorers) ids.emplace_back(id.value);
  tracking::query_in(transaction_,
                     "SELECT o.config_id, s.scorer_id, s.experiment, o.sample_rate, o.filter FROM online_scorings o "
                     "JOIN scorers s ON s.id = o.scorer",
                     "s.scorer_id", ids, " ORDER BY s.id", [&](const sql::Row& row) {
                       out.push_back({row.get_text(0), ScorerId(row.get_text(1)), experiment_of(row, 2),
                                      row.get_double(3), row.find_text(4)});
                     });
  return out;
}

}  // namespace slipway::genai
