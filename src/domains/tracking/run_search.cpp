#include "domains/tracking/run_search.h"

#include <algorithm>
#include <optional>

#include "domains/tracking/experiment_store.h"
#include "foundation/base/text.h"

namespace slipway::tracking {

namespace {

class RunSearch {
 public:
  RunSearch(sql::Transaction& transaction, const RunQuestion& question, const PageRequest& request)
      : transaction_(transaction), question_(question), request_(request) {
    // Before a value of a forged position is looked at.
    if (request_.after()) behind(from_runs(std::nullopt).keys(), *request_.after());
  }

  Page<RunRow> find() {
    if (const RunCondition* rarest = rarest_condition(question_.few)) return search(from_condition(*rarest));
    const bool is_narrowed = std::any_of(question_.conditions.begin(), question_.conditions.end(),
                                         [](const RunCondition& condition) { return condition.by_index; });
    if (is_narrowed) {
      if (has_index_of_order()) {
        Page<RunRow> found = search(along_order(question_.near));
        if (found.next) return found;
      }
      const RunCondition* rarest = rarest_condition(question_.many);
      if (rarest != nullptr) return search(from_condition(*rarest));
    }
    if (is_led_by_metric()) {
      Page<RunRow> found = search(along_order(std::nullopt));
      // Runs whose metric is NaN or missing come after those, and the walk along the index does not see them.
      if (found.next) return found;
    }
    return search(from_runs(std::nullopt));
  }

 private:
  Page<RunRow> search(const SelectBuilder& select) { return RunStore(transaction_).search(select, request_); }

  // The condition with the fewest rows, if those are at most `most`.
  const RunCondition* rarest_condition(int64_t most) {
    const RunCondition* best = nullptr;
    int64_t least = most + 1;
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
           question_.order_by[0].field == RunField::kMetric && !is_past_values();
  }
  // Whether the pages before this one have shown all runs with a value of the leading metric.
  bool is_past_values() const {
    if (!request_.after()) return false;
    const auto* rank = std::get_if<int64_t>(&request_.after()->at(0));
    return rank == nullptr || *rank != 0;
  }
  bool is_led_by_start() const {
    return question_.experiments.size() == 1 && question_.order_by.empty() && question_.visibility != Visibility::kAll;
  }
  bool has_index_of_order() const { return is_led_by_metric() || is_led_by_start(); }

  // The first `near` runs of the index that holds the order, or all of it.
  SelectBuilder along_order(std::optional<int64_t> near) {
    return is_led_by_metric() ? from_metric(near) : from_runs(near);
  }

  SelectBuilder from_runs(std::optional<int64_t> near) {
    SelectBuilder select = near ? SelectBuilder(text::concat("SELECT ", kRunColumns, " FROM")) : select_runs();
    if (near) {
      SelectBuilder first("SELECT * FROM runs r");
      first.where(in_condition("r.experiment", question_.experiments));
      filter_lifecycle(first, "r.lifecycle", question_.visibility);
      add_run_order(first, {});
      if (request_.after()) first.where(behind(first.keys(), *request_.after()));
      select.join(text::concat("(", first.text(), ") r"), first.values(*near));
    }
    join_conditions(select, "r", "id", nullptr);
    add_run_conditions(select);
    add_run_order(select, question_.order_by);
    return select;
  }

  SelectBuilder from_condition(const RunCondition& first) {
    SelectBuilder select(text::concat("SELECT ", kRunColumns, " FROM ", first.table, " ", first.alias));
    add_rows(select, first);
    join_conditions(select, first.alias, "run", &first);
    join_run(select, first.alias + ".run");
    add_run_order(select, question_.order_by);
    return select;
  }

  SelectBuilder from_metric(std::optional<int64_t> near) {
    const RunOrder& first = question_.order_by[0];
    SelectBuilder select(text::concat("SELECT ", kRunColumns, " FROM metric_series along"));
    add_rows(select, rows_along(first));
    // Equal values are in another order in the index than in the answer, so the bound is a value and not a count.
    const std::optional<double> bound = near ? value_behind(*near) : std::nullopt;
    if (bound) select.where({text::concat("along.value ", first.ascending ? "<" : ">", " ?"), {*bound}});
    join_conditions(select, "along", "run", nullptr);
    join_run(select, "along.run");
    for (const SortKey& key : keys_along(first)) select.order(key);
    add_run_order(select, std::span(question_.order_by).subspan(1));
    return select;
  }

  static RunCondition rows_along(const RunOrder& order) {
    return {"metric_series", "along", order.key, {"along.is_nan = 0", {}}, true};
  }

  // As add_run_order has them: the rank, which is the same for all of these rows, and the value.
  static std::vector<SortKey> keys_along(const RunOrder& order) {
    return {{"along.is_nan"}, {"along.value", SortKey::Kind::kNumber, order.ascending}};
  }

  // The value that comes so many after where the page begins; none: there are not so many.
  std::optional<double> value_behind(int64_t count) {
    const RunOrder& first = question_.order_by[0];
    SelectBuilder select("SELECT along.value FROM metric_series along");
    add_rows(select, rows_along(first));
    const SortKey by = keys_along(first)[1];
    if (request_.after())
      select.where({text::concat(by.text, by.ascending ? " >= ?" : " <= ?"), {request_.after()->at(1)}});
    select.order(by);
    sql::Values values = select.values(1);
    values.emplace_back(count);
    return transaction_.query_one<double>(select.text() + " OFFSET ?", values,
                                          [](const sql::Row& row) { return row.get_double(0); });
  }

  // The rows of a condition by the index of its table.
  void add_rows(SelectBuilder& select, const RunCondition& condition) {
    select.where(in_condition(condition.alias + ".experiment", question_.experiments));
    select.where({condition.alias + ".key = ?", {condition.key}});
    select.where(condition.condition);
  }

  // The rows that the conditions but `done` want, of the run that the row `of` belongs to; `run` is its number there.
  void join_conditions(SelectBuilder& select, const std::string& of, std::string_view run, const RunCondition* done) {
    for (const RunCondition& condition : question_.conditions) {
      if (&condition == done || condition.table.empty()) continue;
      sql::Values values = {condition.key};
      values.insert(values.end(), condition.condition.values.begin(), condition.condition.values.end());
      const std::string& alias = condition.alias;
      select.join(text::concat(join_word(), condition.table, " ", alias, index_hint(condition), " ON ", alias,
                               ".run = ", of, ".", run, " AND ", alias, ".experiment = ", of, ".experiment AND ", alias,
                               ".key = ? AND ", condition.condition.text),
                  values);
    }
  }

  // SQLite would look each row up by its primary key, which leads all over a table of many times as many rows as meet
  // the condition; the entries of the index lie together, and hold all that is asked for.
  std::string index_hint(const RunCondition& condition) const {
    if (!condition.is_text_equal || transaction_.dialect() != sql::Dialect::kSqlite) return "";
    return text::concat(" INDEXED BY ", condition.table, "_by_value");
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
  const PageRequest& request_;
};

}  // namespace

Page<RunRow> find_runs(sql::Transaction& transaction, const RunQuestion& question, const PageRequest& request) {
  return RunSearch(transaction, question, request).find();
}

}  // namespace slipway::tracking
