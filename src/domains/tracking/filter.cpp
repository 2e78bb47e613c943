#include "domains/tracking/filter.h"

#include <array>

#include "foundation/base/error.h"

namespace slipway::tracking {

namespace {

constexpr size_t kMaxFilterBytes = size_t{64} << 10U;
constexpr size_t kMaxComparisons = 100;
constexpr size_t kMaxListItems = 1000;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// Walks over the text once; what it takes is gone.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : whole_(text), rest_(text) {}

  bool at_end() {
    skip_blanks();
    return rest_.empty();
  }

  // The word if it stands next, as a whole word in any case.
  bool take_word(std::string_view word) {
    skip_blanks();
    if (!text::equal_ignoring_case(rest_.substr(0, word.size()), word)) return false;
    const std::string_view after = rest_.substr(word.size());
    if (!after.empty() && !is_blank(after[0]) && std::string_view("('\"").find(after[0]) == std::string_view::npos)
      return false;
    rest_ = after;
    return true;
  }

  bool stands(std::string_view symbol) {
    skip_blanks();
    return rest_.starts_with(symbol);
  }

  bool take_symbol(std::string_view symbol) {
    if (!stands(symbol)) return false;
    rest_.remove_prefix(symbol.size());
    return true;
  }

  // A name up to a blank or an operator; parts in back-ticks or double quotes are taken as they stand. `dot` is where
  // the first unquoted dot stands in the result.
  std::string take_identifier(size_t& dot) {
    skip_blanks();
    std::string out;
    dot = std::string::npos;
    while (!rest_.empty() && !is_blank(rest_[0]) &&
           std::string_view("=!<>(),'").find(rest_[0]) == std::string_view::npos) {
      if (rest_[0] == '`' || rest_[0] == '"') {
        out.append(take_quoted());
        continue;
      }
      if (rest_[0] == '.' && dot == std::string::npos) dot = out.size();
      out.push_back(rest_[0]);
      rest_.remove_prefix(1);
    }
    if (out.empty()) throw fault();
    return out;
  }

  // From a quote to its twin; a doubled quote stands for one.
  std::string take_quoted() {
    const char quote = rest_[0];
    std::string out;
    for (size_t i = 1; i < rest_.size(); ++i) {
      if (rest_[i] != quote) {
        out.push_back(rest_[i]);
      } else if (i + 1 < rest_.size() && rest_[i + 1] == quote) {
        out.push_back(rest_[i++]);
      } else {
        rest_.remove_prefix(i + 1);
        return out;
      }
    }
    throw fault();
  }

  Literal take_literal() {
    skip_blanks();
    if (rest_.empty()) throw fault();
    if (rest_[0] == '\'' || rest_[0] == '"') return {Literal::Kind::kText, take_quoted()};
    size_t length = 0;
    while (length < rest_.size() && !is_blank(rest_[length]) && rest_[length] != ',' && rest_[length] != ')') ++length;
    const std::string word(rest_.substr(0, length));
    const bool starts_like_a_number = word.find_first_of("0123456789") != std::string::npos;
    if (!starts_like_a_number || !text::parse_double(word)) {
      throw invalid_argument(
          "Invalid clause(s) in filter string: Parameter value is either not quoted or unidentified quote types used "
          "for string value ",
          word, ". Use either single or double quotes.");
    }
    rest_.remove_prefix(length);
    return {Literal::Kind::kNumber, word};
  }

  Error fault() const {
    const size_t at = whole_.size() - rest_.size();
    return invalid_argument("Invalid clause(s) in filter string: '", whole_, "' at byte ", at);
  }
  Error no_comparison() const {
    return invalid_argument("Invalid clause(s) in filter string: '", whole_, "' has no known operator at byte ",
                            whole_.size() - rest_.size());
  }

 private:
  void skip_blanks() {
    while (!rest_.empty() && is_blank(rest_[0])) rest_.remove_prefix(1);
  }

  std::string_view whole_;
  std::string_view rest_;
};

struct NamedOperator {
  std::string_view symbol;
  Operator op;
};
// Longer symbols first, so that "<=" is not taken for "<".
constexpr std::array<NamedOperator, 7> kSymbols = {{{"!=", Operator::kNotEqual},
                                                    {"<>", Operator::kNotEqual},
                                                    {"<=", Operator::kLessEqual},
                                                    {">=", Operator::kGreaterEqual},
                                                    {"=", Operator::kEqual},
                                                    {"<", Operator::kLess},
                                                    {">", Operator::kGreater}}};

Operator take_operator(Scanner& scanner) {
  for (const auto& [symbol, op] : kSymbols) {
    if (scanner.take_symbol(symbol)) return op;
  }
  if (scanner.take_word("LIKE")) return Operator::kLike;
  if (scanner.take_word("ILIKE")) return Operator::kILike;
  if (scanner.take_word("RLIKE")) return Operator::kRLike;
  if (scanner.take_word("IN")) return Operator::kIn;
  if (scanner.take_word("NOT")) {
    if (scanner.take_word("IN")) return Operator::kNotIn;
    throw scanner.no_comparison();
  }
  if (scanner.take_word("IS")) {
    const bool negated = scanner.take_word("NOT");
    if (scanner.take_word("NULL")) return negated ? Operator::kIsNotNull : Operator::kIsNull;
  }
  throw scanner.no_comparison();
}

Error bad_list(std::string_view what) {
  return invalid_argument(
      "Invalid clause(s) in filter string: While parsing a list in the query, expected a non-empty list of string "
      "values, but got ",
      what);
}

std::vector<Literal> take_list(Scanner& scanner) {
  if (!scanner.take_symbol("(") || scanner.at_end()) throw scanner.fault();
  if (scanner.stands(")")) throw bad_list("empty list");
  std::vector<Literal> out;
  do {
    if (scanner.stands(",") || scanner.stands(")")) throw bad_list("ill-formed list");
    out.push_back(scanner.take_literal());
    if (out.size() > kMaxListItems)
      throw invalid_argument("a list in a filter takes at most ", kMaxListItems, " values");
    // Clients write a list as Python does: ('x',) is one of a single text.
  } while (scanner.take_symbol(",") && !scanner.stands(")"));
  if (!scanner.take_symbol(")")) throw scanner.fault();
  return out;
}

// Splits "metrics.a.b" into "metrics" and "a.b".
void take_entity_and_key(Scanner& scanner, std::string& entity, std::string& key) {
  size_t dot = 0;
  const std::string name = scanner.take_identifier(dot);
  if (dot == std::string::npos) {
    key = name;
    return;
  }
  entity = text::lower(name.substr(0, dot));
  key = name.substr(dot + 1);
  if (key.empty()) throw scanner.fault();
}

Comparison take_comparison(Scanner& scanner) {
  Comparison out;
  take_entity_and_key(scanner, out.entity, out.key);
  out.op = take_operator(scanner);
  if (out.op == Operator::kIn || out.op == Operator::kNotIn) {
    out.values = take_list(scanner);
  } else if (out.op != Operator::kIsNull && out.op != Operator::kIsNotNull) {
    out.values.push_back(scanner.take_literal());
  }
  return out;
}

}  // namespace

std::string_view symbol_of(Operator op) {
  constexpr std::array<std::string_view, 13> kNames = {
      "=", "!=", "<", "<=", ">", ">=", "LIKE", "ILIKE", "RLIKE", "IN", "NOT IN", "IS NULL", "IS NOT NULL"};
  return kNames[static_cast<size_t>(op)];
}

std::vector<Comparison> parse_filter(std::string_view filter) {
  if (filter.size() > kMaxFilterBytes) throw invalid_argument("a filter takes at most ", kMaxFilterBytes, " bytes");
  Scanner scanner(filter);
  std::vector<Comparison> out;
  if (scanner.at_end()) return out;
  do {
    out.push_back(take_comparison(scanner));
    if (out.size() > kMaxComparisons)
      throw invalid_argument("a filter takes at most ", kMaxComparisons, " comparisons");
  } while (scanner.take_word("AND"));
  if (!scanner.at_end()) throw scanner.fault();
  return out;
}

OrderKey parse_order_key(std::string_view text) {
  Scanner scanner(text);
  OrderKey out;
  if (scanner.at_end()) throw invalid_argument("Invalid order_by clause '", text, "'");
  // A bare key may hold a blank ("Run Name"), so the direction is cut off the end first.
  std::string_view name = text::trim(text);
  for (const std::string_view direction : {" desc", " asc"}) {
    if (name.size() > direction.size() &&
        text::equal_ignoring_case(name.substr(name.size() - direction.size()), direction)) {
      out.ascending = direction == " asc";
      name = text::trim(name.substr(0, name.size() - direction.size()));
      break;
    }
  }
  Scanner names(name);
  take_entity_and_key(names, out.entity, out.key);
  if (names.at_end()) return out;
  const bool is_two_words = out.entity.empty() && name.find_first_of("`\"'=<>!,()") == std::string_view::npos;
  if (!is_two_words) throw invalid_argument("Invalid order_by clause '", text, "'");
  out.key = std::string(name);
  return out;
}

}  // namespace slipway::tracking
