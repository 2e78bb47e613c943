// GraphQL's grammar by recursive descent.
#include <algorithm>

#include "foundation/base/error.h"
#include "protocols/mlflow/graphql_query.h"

namespace slipway::mlflow::graphql {

namespace {

// Of brackets in brackets; far more than any field that is answered has.
constexpr size_t kMaxNesting = 32;

bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_name_part(char c) { return is_name_start(c) || is_digit(c); }

int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

void append_utf8(std::string& out, unsigned code) {
  const auto put = [&](unsigned byte) { out.push_back(static_cast<char>(byte)); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0U | (code >> 6U));
    put(0x80U | (code & 0x3FU));
  } else {
    put(0xE0U | (code >> 12U));
    put(0x80U | ((code >> 6U) & 0x3FU));
    put(0x80U | (code & 0x3FU));
  }
}

// Characters to tokens: blanks, commas and comments mean nothing.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) { skip_blanks(); }

  bool at_end() const { return at_ == text_.size(); }
  char peek() const { return at_end() ? '\0' : text_[at_]; }
  bool starts_with(std::string_view token) const { return text_.substr(at_).starts_with(token); }

  bool take(std::string_view token) {
    if (!starts_with(token)) return false;
    at_ += token.size();
    skip_blanks();
    return true;
  }

  void expect(std::string_view token) {
    if (!take(token)) throw fault(text::concat("'", token, "' is expected"));
  }

  bool is_at_name() const { return is_name_start(peek()); }

  std::string name() {
    if (!is_at_name()) throw fault("a name is expected");
    const size_t start = at_;
    while (!at_end() && is_name_part(text_[at_])) ++at_;
    std::string out(text_.substr(start, at_ - start));
    skip_blanks();
    return out;
  }

  // A whole number, or one with a fraction or an exponent.
  Value number() {
    const size_t start = at_;
    bool whole = true;
    if (peek() == '-') ++at_;
    digits();
    if (peek() == '.') {
      whole = false;
      ++at_;
      digits();
    }
    if (peek() == 'e' || peek() == 'E') {
      whole = false;
      ++at_;
      if (peek() == '+' || peek() == '-') ++at_;
      digits();
    }
    if (is_name_part(peek()) || peek() == '.') throw fault("a number ends here");
    Value out;
    out.kind = whole ? Value::Kind::kInteger : Value::Kind::kNumber;
    out.text = std::string(text_.substr(start, at_ - start));
    skip_blanks();
    return out;
  }

  std::string string() {
    if (starts_with(R"(""")")) return block_string();
    ++at_;
    std::string out;
    while (peek() != '"') {
      if (at_end() || peek() == '\n' || peek() == '\r') throw fault("a string is not closed");
      if (peek() == '\\') {
        escape(out);
      } else {
        out.push_back(text_[at_++]);
      }
    }
    ++at_;
    skip_blanks();
    return out;
  }

  Error fault(std::string_view what) const {
    const std::string_view before = text_.substr(0, at_);
    const auto line = std::count(before.begin(), before.end(), '\n') + 1;
    const size_t start = before.rfind('\n');
    const size_t column = at_ - (start == std::string_view::npos ? 0 : start + 1) + 1;
    return invalid_argument("Syntax Error: ", what, " at line ", line, ", column ", column, " of the query");
  }

 private:
  void digits() {
    if (!is_digit(peek())) throw fault("a digit is expected");
    while (is_digit(peek())) ++at_;
  }

  void escape(std::string& out) {
    constexpr std::string_view kNames = "\"\\/bfnrt";
    constexpr std::string_view kCharacters = "\"\\/\b\f\n\r\t";
    ++at_;
    const char c = peek();
    if (const size_t index = kNames.find(c); index != std::string_view::npos && !at_end()) {
      out.push_back(kCharacters[index]);
      ++at_;
      return;
    }
    if (c != 'u') throw fault("no such escape");
    ++at_;
    unsigned code = 0;
    for (int i = 0; i < 4; ++i) {
      const int digit = hex_digit(peek());
      if (digit < 0) throw fault("four hexadecimal digits are expected");
      code = code * 16 + static_cast<unsigned>(digit);
      ++at_;
    }
    if (code >= 0xD800 && code <= 0xDFFF) throw fault("write the character itself instead of half of a pair");
    append_utf8(out, code);
  }

  std::string block_string() {
    at_ += 3;
    const size_t end = text_.find(R"(""")", at_);
    if (end == std::string_view::npos) throw fault("a string is not closed");
    std::string out(text_.substr(at_, end - at_));
    at_ = end + 3;
    skip_blanks();
    return out;
  }

  void skip_blanks() {
    while (!at_end()) {
      const char c = text_[at_];
      if (c == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == ',') {
        ++at_;
      } else {
        return;
      }
    }
  }

  std::string_view text_;
  size_t at_ = 0;
};

class Parser {
 public:
  explicit Parser(std::string_view text) : scan_(text) {}

  Document document() {
    Document out;
    while (!scan_.at_end()) {
      if (scan_.peek() == '{') {
        out.operations.push_back({"query", "", {}, selections()});
        continue;
      }
      const std::string word = scan_.name();
      if (word == "fragment") {
        out.fragments.push_back(fragment());
      } else if (word == "query" || word == "mutation") {
        out.operations.push_back(operation(word));
      } else {
        throw scan_.fault("query, mutation or fragment is expected");
      }
    }
    if (out.operations.empty()) throw scan_.fault("an operation is expected");
    return out;
  }

 private:
  // Counts open brackets while it lives.
  class Nested {
   public:
    explicit Nested(Parser& parser) : parser_(parser) {
      if (++parser_.nesting_ > kMaxNesting) throw parser_.scan_.fault("nesting is too deep");
    }
    ~Nested() { --parser_.nesting_; }
    Nested(const Nested&) = delete;
    Nested& operator=(const Nested&) = delete;

   private:
    Parser& parser_;
  };

  Operation operation(const std::string& type) {
    Operation out;
    out.type = type;
    if (scan_.is_at_name()) out.name = scan_.name();
    if (scan_.take("(")) {
      while (!scan_.take(")")) out.variables.push_back(variable());
    }
    directives();
    out.selections = selections();
    return out;
  }

  Fragment fragment() {
    Fragment out;
    out.name = scan_.name();
    if (out.name == "on") throw scan_.fault("a fragment needs another name than 'on'");
    if (scan_.name() != "on") throw scan_.fault("'on' is expected");
    out.type = scan_.name();
    directives();
    out.selections = selections();
    return out;
  }

  Variable variable() {
    Variable out;
    scan_.expect("$");
    out.name = scan_.name();
    scan_.expect(":");
    type();
    if (scan_.take("=")) out.otherwise = value();
    directives();
    return out;
  }

  // What a variable's values look like is checked where they are used.
  void type() {
    const Nested nested(*this);
    if (scan_.take("[")) {
      type();
      scan_.expect("]");
    } else {
      scan_.name();
    }
    scan_.take("!");
  }

  std::vector<Selection> selections() {
    const Nested nested(*this);
    std::vector<Selection> out;
    scan_.expect("{");
    while (!scan_.take("}")) out.push_back(selection());
    if (out.empty()) throw scan_.fault("a field is expected between the braces");
    return out;
  }

  Selection selection() {
    Selection out;
    if (scan_.take("...")) return spread();
    out.name = scan_.name();
    if (scan_.take(":")) {
      out.alias = std::move(out.name);
      out.name = scan_.name();
    }
    if (scan_.peek() == '(') out.arguments = arguments();
    out.directives = directives();
    if (scan_.peek() == '{') out.children = selections();
    return out;
  }

  Selection spread() {
    Selection out;
    out.kind = Selection::Kind::kInline;
    const bool named = scan_.is_at_name();
    if (named) out.name = scan_.name();
    if (named && out.name != "on") {
      out.kind = Selection::Kind::kFragment;
      out.directives = directives();
      return out;
    }
    if (named) out.name = scan_.name();
    out.directives = directives();
    out.children = selections();
    return out;
  }

  std::vector<Argument> arguments() {
    std::vector<Argument> out;
    scan_.expect("(");
    while (!scan_.take(")")) {
      Argument argument;
      argument.name = scan_.name();
      scan_.expect(":");
      argument.value = value();
      out.push_back(std::move(argument));
    }
    return out;
  }

  std::vector<Directive> directives() {
    std::vector<Directive> out;
    while (scan_.take("@")) {
      Directive directive;
      directive.name = scan_.name();
      if (scan_.peek() == '(') directive.arguments = arguments();
      out.push_back(std::move(directive));
    }
    return out;
  }

  Value value() {
    const Nested nested(*this);
    Value out;
    const char first = scan_.peek();
    if (first == '"') {
      out.kind = Value::Kind::kText;
      out.text = scan_.string();
    } else if (first == '-' || is_digit(first)) {
      out = scan_.number();
    } else if (scan_.take("$")) {
      out.kind = Value::Kind::kVariable;
      out.text = scan_.name();
    } else if (scan_.take("[")) {
      out.kind = Value::Kind::kList;
      while (!scan_.take("]")) out.items.push_back(value());
    } else if (scan_.take("{")) {
      out.kind = Value::Kind::kObject;
      while (!scan_.take("}")) {
        out.names.push_back(scan_.name());
        scan_.expect(":");
        out.items.push_back(value());
      }
    } else {
      out.text = scan_.name();
      out.kind = out.text == "true" || out.text == "false" ? Value::Kind::kFlag
                 : out.text == "null"                      ? Value::Kind::kNull
                                                           : Value::Kind::kEnum;
    }
    return out;
  }

  Scanner scan_;
  size_t nesting_ = 0;
};

}  // namespace

Document parse(std::string_view query) {
  if (query.size() > kMaxQueryBytes) {
    throw invalid_argument("the query has ", query.size(), " bytes; at most ", kMaxQueryBytes, " are taken");
  }
  if (!text::is_valid_utf8(query)) throw invalid_argument("the query is not UTF-8");
  return Parser(query).document();
}

}  // namespace slipway::mlflow::graphql
