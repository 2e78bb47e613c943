#include "domains/tracking/run_search.h"

#include <optional>

#include "domains/tracking/experiment_store.h"
#include "foundation/base/text.h"

namespace slipway::tracking {

namespace {

class RunSearch {
 public:
  RunSearch(sql::Transaction& transaction, const RunQuestion& question)
      : transaction_(transaction), question_(question) {}

  std::vector<RunRow> find(int64_t limit, int64_t offset) {
    const RunCondition* rarest = rarest_condition();
    if (rarest == nullptr && is_led_by_metric()) {
      std::vector<RunRow> found = RunStore(transaction_).search(from_metric(), limit, offset);
      // Runs whose metric is NaN or missing come after those, and the walk along the index does not see them.
      if (static_cast<int64_t>(found.size()) == limit) return found;
    }
    return RunStore(transaction_).search(rarest != nullptr ? from_condition(*rarest) : from_runs(), limit, offset);
  }

 private:
  // The condition with the fewest rows, if those are few.
  const RunCondition* rarest_condition() {
    const RunCondition* best = nullptr;
    int64_t least = question_.few + 1;
    for (const RunCondition& condition : question_.conditions) {
      if (!condition.by_index) continue;
      SelectBuilder select(text::concat("SELECT 1 FROM ", condition.table, " ", condition.alias));
      add_rows(select, condition);
      sql::Values values = select.whole_values();
      values.emplace_back(least);
      const int64_t count =
          transaction_
              .query_int(text::concat("SELECT count(*) FROM (", select.whole_text(), " LIMIT ?) AS the_first"), values)
              .value();
      if (count >= least) continue;
      least = count;
      best = &condition;
    }
    return best;
  }

  // Whether an index holds the runs in the wanted order but for ties.
  bool is_led_by_metric() const {
    return question_.experiments.size() == 1 && !question_.order_by.empty() &&
           question_.order_by[0].field == RunField::kMetric;
  }

  SelectBuilder from_runs() {
    SelectBuilder select = select_runs();
    join_conditions(select, "r.id", nullptr);
    add_run_conditions(select);
    add_run_order(select, question_.order_by);
    return select;
  }

  SelectBuilder from_condition(const RunCondition& first) {
    SelectBuilder select(text::concat("SELECT ", kRunColumns, " FROM ", first.table, " ", first.alias));
    add_rows(select, first);
    const std::string run = first.alias + ".run";
    join_conditions(select, run, &first);
    join_run(select, run);
    add_run_order(select, question_.order_by);
    return select;
  }

  SelectBuilder from_metric() {
    const RunOrder& first = question_.order_by[0];
    SelectBuilder select(text::concat("SELECT ", kRunColumns, " FROM metric_series along"));
    add_rows(select, {"metric_series", "along", first.key, {"along.is_nan = 0", {}}, true});
    join_conditions(select, "along.run", nullptr);
    join_run(select, "along.run");
    select.order(text::concat("along.value ", direction_of(first)));
    add_run_order(select, std::span(question_.order_by).subspan(1));
    return select;
  }

  // The rows of a condition by the index of its table.
  void add_rows(SelectBuilder& select, const RunCondition& condition) {
    select.where(in_condition(condition.alias + ".experiment", question_.experiments));
    select.where({condition.alias + ".key = ?", {condition.key}});
    select.where(condition.condition);
  }

  // The rows that the conditions but `done` want, by the run's number.
  void join_conditions(SelectBuilder& select, const std::string& run, const RunCondition* done) {
    for (const RunCondition& condition : question_.conditions) {
      if (&condition == done || condition.table.empty()) continue;
      sql::Values values = {condition.key};
      values.insert(values.end(), condition.condition.values.begin(), condition.condition.values.end());
      const std::string& alias = condition.alias;
      select.join(text::concat(join_word(), condition.table, " ", alias, " ON ", alias, ".run = ", run, " AND ", alias,
                               ".key = ? AND ", condition.condition.text),
                  values);
    }
  }

  // Last, when the other tables have left few.
  void join_run(SelectBuilder& select, const std::string& run) {
    select.join(text::concat(join_word(), "runs r ON r.id = ", run));
    add_run_conditions(select);
  }

  void add_run_conditions(SelectBuilder& select) {
    select.where(in_condition("r.experiment", question_.experiments));
    filter_lifecycle(select, "r.lifecycle", question_.visibility);
    for (const RunCondition& condition : question_.conditions) {
      if (condition.table.empty()) select.where(condition.condition);
    }
  }

  // SQLite keeps the order of tables that are joined by CROSS JOIN; PostgreSQL knows its numbers of rows.
  std::string_view join_word() const {
    return transaction_.dialect() == sql::Dialect::kSqlite ? " CROSS JOIN " : " JOIN ";
  }

  sql::Transaction& transaction_;
  const RunQuestion& question_;
};

}  // namespace

std::vector<RunRow> find_runs(sql::Transaction& transaction, const RunQuestion& question, int64_t limit,
                              int64_t offset) {
  return RunSearch(transaction, question).find(limit, offset);
}

}  // namespace slipway::tracking
