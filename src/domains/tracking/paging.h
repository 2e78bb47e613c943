// Pages of a search. A token is a position: the values by which the last row of a page was ordered, so that rows which
// come or go meanwhile neither repeat nor hide others, and a page costs the same wherever it is. It also carries a
// digest of the question and is refused by any other. Used by the searches of every domain.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domains/tracking/experiment.h"
#include "domains/tracking/select.h"

namespace slipway::tracking {

// All that tells one search from another, in parts, so that a caller learns which of them differs.
class Question {
 public:
  explicit Question(const std::string& kind) { add("The kind of search", "does", {kind}); }
  static Question of(const std::string& kind, const std::vector<ExperimentId>& experiments, const Search& search);

  // `name` and `verb` make a sentence: "Order by" in the page token "does" not match.
  void add(std::string_view name, std::string_view verb, const std::vector<std::string>& values);
  void add_experiments(const std::vector<ExperimentId>& experiments);
  void add_filter(const std::string& filter) { add("Filter string", "does", {filter}); }
  void add_order(const std::vector<std::string>& order_by) { add("Order by", "does", order_by); }

  std::string digest() const;
  // Takes the digest off the front of a token's text; throws invalid_argument where it is another.
  void take_digest(std::string_view& text) const;

 private:
  struct Part {
    std::string name;
    std::string verb;
    std::string digest;
  };
  std::vector<Part> parts_;
};

class PageRequest {
 public:
  // Throws invalid_argument for a token that is none or was given for another question.
  PageRequest(int64_t max_results, std::string_view token, const Question& question);
  // Everything at once.
  static PageRequest all();

  int64_t max_results() const { return max_results_; }
  // Where the page before this one ended; nothing for the first page.
  const std::optional<sql::Values>& after() const { return after_; }
  std::string token_after(const sql::Values& position) const;

 private:
  int64_t max_results_;
  std::string digest_;
  std::optional<sql::Values> after_;
};

// Reads the page of a SELECT whose last order key is unique, and returns the token of the next page if there is one.
std::optional<std::string> read_rows(sql::Transaction& transaction, SelectBuilder select, const PageRequest& request,
                                     const std::function<void(const sql::Row&)>& on_row);

template <typename T>
Page<T> read_page(sql::Transaction& transaction, const SelectBuilder& select, const PageRequest& request,
                  const std::function<T(const sql::Row&)>& convert) {
  Page<T> page;
  page.next = read_rows(transaction, select, request, [&](const sql::Row& row) { page.items.push_back(convert(row)); });
  return page;
}

// The rows that come behind a position in the order of the keys; throws invalid_argument when the position is of an
// other order.
Condition behind(const std::vector<SortKey>& keys, const sql::Values& position);

// A position as text; integers, doubles, texts and NULL. Throws invalid_argument for what is no position.
std::string encode_position(const sql::Values& position);
sql::Values decode_position(std::string_view text);

}  // namespace slipway::tracking
