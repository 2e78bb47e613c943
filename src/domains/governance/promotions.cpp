#include "domains/governance/promotions.h"

#include <algorithm>
#include <utility>

#include "foundation/base/error.h"

namespace slipway::governance {

namespace {

const std::vector<sql::Migration> kMigrations = {
    {1, "promotion decisions", R"(
      CREATE TABLE promotion_decisions (
        id TEXT PRIMARY KEY,
        model TEXT NOT NULL,
        alias TEXT NOT NULL,
        challenger_version TEXT NOT NULL,
        champion_version TEXT NOT NULL,
        verdict TEXT NOT NULL,
        reason TEXT NOT NULL,
        report TEXT NOT NULL,
        pipeline_run TEXT NOT NULL,
        window_start_ms BIGINT NOT NULL,
        window_end_ms BIGINT NOT NULL,
        time_ms BIGINT NOT NULL
      );
      CREATE INDEX promotion_decisions_by_model ON promotion_decisions (model, time_ms);
    )"},
};

constexpr int kMaxPage = 1000;

Decision decision_of(const sql::Row& row) {
  Decision out;
  out.id = row.get_text(0);
  out.model = row.get_text(1);
  out.alias = row.get_text(2);
  out.challenger_version = row.get_text(3);
  out.champion_version = row.get_text(4);
  out.verdict = row.get_text(5) == name_of(Verdict::kPromoted) ? Verdict::kPromoted : Verdict::kRefused;
  out.reason = row.get_text(6);
  out.report = row.get_text(7);
  out.pipeline_run = row.get_text(8);
  out.window_start_ms = row.get_int(9);
  out.window_end_ms = row.get_int(10);
  out.time_ms = row.get_int(11);
  return out;
}

}  // namespace

std::string_view name_of(Verdict verdict) { return verdict == Verdict::kPromoted ? "promoted" : "refused"; }

Promotions::Promotions(sql::Database& database, const Clock& clock, IdSource& ids, jobs::EventBus& bus,
                       AliasReader reader, AliasMover mover)
    : database_(database),
      clock_(clock),
      ids_(ids),
      bus_(bus),
      read_alias_(std::move(reader)),
      move_alias_(std::move(mover)) {
  database_.migrate("promotions", kMigrations);
}

Decision Promotions::decide(Decision decision) {
  if (decision.model.empty() || decision.alias.empty() || decision.challenger_version.empty()) {
    throw invalid_argument("a decision names a model, an alias and the challenger's version");
  }
  const std::string holder = read_alias_(decision.model, decision.alias);
  if (holder != decision.champion_version) {
    throw conflict(decision.model, "@", decision.alias, " is version ", holder.empty() ? "(none)" : holder,
                   " by now, the comparison was made with ",
                   decision.champion_version.empty() ? "(none)" : decision.champion_version, "; compare again");
  }
  decision.id = ids_.hex(32);
  decision.time_ms = clock_.now_ms();
  // The record first: after a crash between the two there is a decision that says what should have happened, never an
  // alias that moved without one.
  database_.write([&](sql::Transaction& transaction) {
    transaction.execute(
        "INSERT INTO promotion_decisions (id, model, alias, challenger_version, champion_version, verdict, reason, "
        "report, "
        "pipeline_run, window_start_ms, window_end_ms, time_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        {decision.id, decision.model, decision.alias, decision.challenger_version, decision.champion_version,
         std::string(name_of(decision.verdict)), decision.reason, decision.report, decision.pipeline_run,
         decision.window_start_ms, decision.window_end_ms, decision.time_ms});
  });
  if (decision.verdict == Verdict::kPromoted) move_alias_(decision.model, decision.alias, decision.challenger_version);
  jobs::Event event;
  event.kind = text::concat("promotion.", name_of(decision.verdict));
  event.subject = decision.model;
  event.attributes = {{"alias", decision.alias},
                      {"challenger", decision.challenger_version},
                      {"champion", decision.champion_version},
                      {"reason", decision.reason},
                      {"decision", decision.id},
                      {"pipeline_run", decision.pipeline_run}};
  event.time_ms = decision.time_ms;
  bus_.publish(std::move(event));
  return decision;
}

std::vector<Decision> Promotions::list(const std::string& model, int limit) const {
  return database_.read_value<std::vector<Decision>>([&](sql::Transaction& transaction) {
    return transaction.query_all<Decision>(
        "SELECT id, model, alias, challenger_version, champion_version, verdict, reason, report, pipeline_run, "
        "window_start_ms, window_end_ms, time_ms FROM promotion_decisions WHERE model = ? ORDER BY time_ms DESC, id "
        "LIMIT ?",
        {model, int64_t{std::clamp(limit, 1, kMaxPage)}}, decision_of);
  });
}

}  // namespace slipway::governance
