// Puts a SELECT together from comparisons and order keys: every value is bound, no text from outside becomes SQL. Used
// by the searches of tracking and registry.
#pragma once

#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "domains/tracking/filter.h"
#include "foundation/sql/database.h"

namespace slipway::tracking {

// A piece of SQL with the values of its question marks.
struct Condition {
  std::string text;
  sql::Values values;
};

// `column` compared as text or as a number. Throws invalid_argument when the operator is not among `allowed` or the
// literal is of the other kind; `name` is what the message calls the field.
using Operators = std::initializer_list<Operator>;
// RLIKE takes a regular expression.
Condition text_condition(sql::Dialect dialect, const std::string& column, const Comparison& comparison,
                         Operators allowed, std::string_view name);
Condition number_condition(const std::string& column, const Comparison& comparison, std::string_view name);
// The same for a column of 64-bit integers.
Condition integer_condition(const std::string& column, const Comparison& comparison, std::string_view name);

// `column IN (?, ?, ...)`; throws invalid_argument for more than 32,768 values, query_in takes any number. The number
// of question marks is rounded up to a power of two by repeating the last value, so that few distinct statements get
// prepared. No values: a condition that never holds.
Condition in_condition(const std::string& column, const sql::Values& values);

// Equality on a text column that has an index over its first 100 characters (long values cannot be indexed whole).
Condition indexed_text_equal(const std::string& column, const std::string& value);

// Runs `head` + "WHERE column IN (...)" + `tail` in portions, so that any number of values fits the database's limit.
void query_in(sql::Transaction& transaction, std::string_view head, const std::string& column,
              const sql::Values& values, std::string_view tail, const std::function<void(const sql::Row&)>& on_row);

// One key of an order. What can be missing needs a rank before it: databases disagree on where NULL comes.
struct SortKey {
  enum class Kind { kInteger, kNumber, kText };
  std::string text;  // an expression
  Kind kind = Kind::kInteger;
  bool ascending = true;
  sql::Values values{};  // of its question marks
};

class SelectBuilder {
 public:
  // `head` is everything up to the joins and begins with SELECT: "SELECT r.id FROM runs r".
  explicit SelectBuilder(std::string head) : head_(std::move(head)) {}
  void join(const std::string& text, const sql::Values& values = {});
  void where(const Condition& condition);
  void order(SortKey key) { keys_.push_back(std::move(key)); }
  // By what can be missing: then it comes last, in both directions.
  void order_missing_last(const SortKey& key);
  const std::vector<SortKey>& keys() const { return keys_; }
  // With LIMIT.
  std::string text() const { return whole_text() + " LIMIT ?"; }
  sql::Values values(int64_t limit) const;
  // The same with the keys of the order as columns before all others.
  std::string text_with_keys() const;
  sql::Values values_with_keys(int64_t limit) const;
  // All of it, to be part of another statement.
  std::string whole_text() const { return head_ + joins_ + conditions_ + order_text(); }
  sql::Values whole_values() const;

 private:
  std::string head_;
  std::string joins_;
  std::string conditions_;
  std::string order_text() const;

  std::vector<SortKey> keys_;
  sql::Values join_values_;
  sql::Values condition_values_;
};

void check_max_results(int64_t max_results, int64_t most, int64_t least = 1);

}  // namespace slipway::tracking
