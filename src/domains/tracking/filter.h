// The grammar that searches of runs, experiments, models and versions share: comparisons joined by AND. Each search
// decides which entities, keys and operators it takes and turns the comparisons into SQL (see select.h).
//
//   metrics.`val/acc` > 0.9 AND params."lr" = '0.1' AND tags.team IN ('a', 'b') AND attributes.status LIKE 'FIN%'
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::tracking {

enum class Operator {
  kEqual,
  kNotEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kLike,
  kILike,
  kRLike,
  kIn,
  kNotIn,
  kIsNull,
  kIsNotNull
};
std::string_view symbol_of(Operator op);

struct Literal {
  enum class Kind { kText, kNumber };
  Kind kind = Kind::kText;
  std::string text;  // without quotes; a number as it was written
};

struct Comparison {
  std::string entity;  // before the first dot, lower case ("metrics"); empty for a bare key
  std::string key;
  Operator op = Operator::kEqual;
  std::vector<Literal> values;  // one; several for IN; none for IS NULL
};

// Empty text gives no comparisons. Throws invalid_argument on anything outside the grammar.
std::vector<Comparison> parse_filter(std::string_view filter);

struct OrderKey {
  std::string entity;
  std::string key;
  bool ascending = true;
};

// "metrics.loss DESC", "start_time", "params.`x y` asc".
OrderKey parse_order_key(std::string_view text);

}  // namespace slipway::tracking
