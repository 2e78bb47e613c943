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

class SelectBuilder {
 public:
  // `head` is everything up to the joins: "SELECT r.id FROM runs r".
  explicit SelectBuilder(std::string head) : head_(std::move(head)) {}
  void join(const std::string& text, const sql::Values& values = {});
  void where(const Condition& condition);
  void order(const std::string& key, const sql::Values& values = {});
  // With LIMIT and OFFSET.
  std::string text() const;
  sql::Values values(int64_t limit, int64_t offset) const;
  // All of it, to be part of another statement.
  std::string whole_text() const { return head_ + joins_ + conditions_ + order_; }
  sql::Values whole_values() const;

 private:
  std::string head_;
  std::string joins_;
  std::string conditions_;
  std::string order_;
  sql::Values join_values_;
  sql::Values condition_values_;
  sql::Values order_values_;
};

// Page tokens say how many items came before; tied to nothing, so a changed search simply starts at that offset.
std::string make_page_token(int64_t offset);
// 0 for an empty token; invalid_argument ("Invalid page token") for a foreign one.
int64_t parse_page_token(std::string_view token);

// A search asks for one item more than wanted; cuts it off again and says where the next page starts.
template <typename Page>
void cut_page(Page& page, int64_t max_results, int64_t offset) {
  if (static_cast<int64_t>(page.items.size()) <= max_results) return;
  page.items.resize(static_cast<size_t>(max_results));
  if (max_results > 0) page.next = make_page_token(offset + max_results);
}

void check_max_results(int64_t max_results, int64_t most, int64_t least = 1);

}  // namespace slipway::tracking
