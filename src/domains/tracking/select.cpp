#include "domains/tracking/select.h"

#include <algorithm>
#include <bit>

#include "domains/tracking/limits.h"
#include "foundation/base/error.h"
#include "foundation/sql/regular_expression.h"

namespace slipway::tracking {

namespace {

constexpr size_t kPortion = 512;
constexpr size_t kMostListed = 32'768;
constexpr size_t kIndexedCharacters = 100;
constexpr std::string_view kSelect = "SELECT ";

void append(sql::Values& to, const sql::Values& from) { to.insert(to.end(), from.begin(), from.end()); }

void check_operator(const Comparison& comparison, Operators allowed, std::string_view name) {
  if (std::find(allowed.begin(), allowed.end(), comparison.op) != allowed.end()) return;
  if (comparison.op == Operator::kIsNull || comparison.op == Operator::kIsNotNull)
    throw invalid_argument("IS NULL / IS NOT NULL is only supported for tags and params, not for ", name);
  throw invalid_argument("Invalid comparison operator '", symbol_of(comparison.op), "' for ", name);
}

// Databases opened by sql::open_database compare LIKE with case.
Condition like_condition(sql::Dialect dialect, const std::string& column, const Comparison& comparison) {
  const std::string& pattern = comparison.values[0].text;
  const bool with_case = comparison.op == Operator::kLike;
  if (dialect == sql::Dialect::kSqlite) {
    if (with_case) return {column + " LIKE ?", {pattern}};
    return {"lower(" + column + ") LIKE ?", {text::lower(pattern)}};
  }
  // A backslash is an ordinary character to our clients, so PostgreSQL's escape is switched off.
  return {column + (with_case ? " LIKE ? ESCAPE ''" : " ILIKE ? ESCAPE ''"), {pattern}};
}

const Literal& numeric_literal(const Comparison& comparison, std::string_view name) {
  check_operator(comparison,
                 {Operator::kEqual, Operator::kNotEqual, Operator::kLess, Operator::kLessEqual, Operator::kGreater,
                  Operator::kGreaterEqual},
                 name);
  const Literal& literal = comparison.values[0];
  if (literal.kind != Literal::Kind::kNumber) {
    throw invalid_argument("Expected numeric value type for ", name, ", found '", literal.text, "'");
  }
  return literal;
}

}  // namespace

Condition text_condition(sql::Dialect dialect, const std::string& column, const Comparison& comparison,
                         Operators allowed, std::string_view name) {
  check_operator(comparison, allowed, name);
  sql::Values values;
  for (const Literal& literal : comparison.values) {
    if (literal.kind != Literal::Kind::kText) {
      if (comparison.op == Operator::kIn || comparison.op == Operator::kNotIn)
        throw invalid_argument(
            "While parsing a list in the query, expected string value, punctuation, or whitespace, but got different "
            "type in list: ",
            literal.text, " for ", name);
      throw invalid_argument("Expected a quoted string value for ", name, ", found ", literal.text);
    }
    values.emplace_back(literal.text);
  }
  switch (comparison.op) {
    case Operator::kLike:
    case Operator::kILike:
      return like_condition(dialect, column, comparison);
    case Operator::kRLike:
      sql::check_pattern(comparison.values[0].text);
      return {text::concat(column, dialect == sql::Dialect::kSqlite ? " REGEXP ?" : " ~ ?"), values};
    case Operator::kIn:
      return in_condition(column, values);
    case Operator::kNotIn: {
      Condition inside = in_condition(column, values);
      return {"NOT (" + inside.text + ")", inside.values};
    }
    case Operator::kIsNull:
    case Operator::kIsNotNull:
      return {column + " " + std::string(symbol_of(comparison.op)), {}};
    default:
      return {text::concat(column, " ", symbol_of(comparison.op), " ?"), values};
  }
}

Condition number_condition(const std::string& column, const Comparison& comparison, std::string_view name) {
  const Literal& literal = numeric_literal(comparison, name);
  return {text::concat(column, " ", symbol_of(comparison.op), " ?"), {*text::parse_double(literal.text)}};
}

Condition integer_condition(const std::string& column, const Comparison& comparison, std::string_view name) {
  const Literal& literal = numeric_literal(comparison, name);
  const std::string text = text::concat(column, " ", symbol_of(comparison.op), " ?");
  if (const auto whole = text::parse_int(literal.text)) return {text, {*whole}};
  return {text::concat("CAST(", column, " AS DOUBLE PRECISION) ", symbol_of(comparison.op), " ?"),
          {*text::parse_double(literal.text)}};
}

Condition in_condition(const std::string& column, const sql::Values& values) {
  if (values.empty()) return {"1 = 0", {}};
  // PostgreSQL binds 65,535 values to a statement.
  if (values.size() > kMostListed) throw invalid_argument("a list takes at most ", kMostListed, " values here");
  Condition out{column + " IN (?", {values[0]}};
  const size_t count = std::bit_ceil(values.size());
  for (size_t i = 1; i < count; ++i) {
    out.text.append(", ?");
    out.values.push_back(values[std::min(i, values.size() - 1)]);
  }
  out.text.push_back(')');
  return out;
}

Condition indexed_text_equal(const std::string& column, const std::string& value) {
  const std::string start = text::concat("substr(", column, ", 1, ", kIndexedCharacters, ") = ?");
  // A shorter text has no others that start like it. (Characters are no more than bytes.)
  if (value.size() < kIndexedCharacters) return {start, {value}};
  // From `column = ?` SQLite would conclude what the substr is, and not look into the index for it.
  return {text::concat(start, " AND NOT (", column, " <> ?)"), {first_characters(value, kIndexedCharacters), value}};
}

void query_in(sql::Transaction& transaction, std::string_view head, const std::string& column,
              const sql::Values& values, std::string_view tail, const std::function<void(const sql::Row&)>& on_row) {
  for (size_t start = 0; start < values.size(); start += kPortion) {
    const auto first = values.begin() + static_cast<ptrdiff_t>(start);
    const auto last = values.begin() + static_cast<ptrdiff_t>(std::min(start + kPortion, values.size()));
    const Condition inside = in_condition(column, {first, last});
    transaction.query(text::concat(head, " WHERE ", inside.text, tail), inside.values, on_row);
  }
}

void SelectBuilder::join(const std::string& text, const sql::Values& values) {
  joins_.append(" ").append(text);
  append(join_values_, values);
}

void SelectBuilder::where(const Condition& condition) {
  conditions_.append(conditions_.empty() ? " WHERE " : " AND ").append(condition.text);
  append(condition_values_, condition.values);
}

void SelectBuilder::order_missing_last(const SortKey& key) {
  order(
      {text::concat("CASE WHEN ", key.text, " IS NULL THEN 1 ELSE 0 END"), SortKey::Kind::kInteger, true, key.values});
  order(key);
}

std::string SelectBuilder::order_text() const {
  std::string out;
  for (const SortKey& key : keys_)
    out.append(out.empty() ? " ORDER BY " : ", ").append(key.text).append(key.ascending ? " ASC" : " DESC");
  return out;
}

std::string SelectBuilder::text_with_keys() const {
  std::string out(kSelect);
  for (const SortKey& key : keys_) out.append(key.text).append(", ");
  return out + text().substr(kSelect.size());
}

sql::Values SelectBuilder::values_with_keys(int64_t limit) const {
  sql::Values out;
  for (const SortKey& key : keys_) append(out, key.values);
  append(out, values(limit));
  return out;
}

sql::Values SelectBuilder::whole_values() const {
  sql::Values out = join_values_;
  append(out, condition_values_);
  for (const SortKey& key : keys_) append(out, key.values);
  return out;
}

sql::Values SelectBuilder::values(int64_t limit) const {
  sql::Values out = whole_values();
  out.emplace_back(limit);
  return out;
}

void check_max_results(int64_t max_results, int64_t most, int64_t least) {
  if (max_results >= least && max_results <= most) return;
  throw invalid_argument("Invalid value ", max_results, " for parameter 'max_results' supplied: it must be at least ",
                         least, " and at most ", most);
}

}  // namespace slipway::tracking
