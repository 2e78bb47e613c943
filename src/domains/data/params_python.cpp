#include <algorithm>
#include <cstdlib>
#include <optional>

#include "domains/data/params_formats.h"
#include "foundation/base/error.h"

namespace slipway::data {

namespace {

constexpr int kMaxDepth = 100;

bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80) != 0; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_name(char c) { return is_name_start(c) || is_digit(c); }

// A literal could not be read: the statement is passed over.
struct NotLiteral {};

// One statement without its line breaks in brackets: where it stands and how far it is indented.
struct Statement {
  size_t indent = 0;
  size_t begin = 0;
  size_t end = 0;
};

// Cuts the text into statements; strings, brackets, comments and joined lines are understood, nothing else.
class StatementCutter {
 public:
  StatementCutter(std::string_view text, std::string_view name) : text_(text), name_(name) {}

  std::vector<Statement> cut() {
    while (at_ < text_.size()) line();
    return std::move(out_);
  }

 private:
  void line() {
    size_t indent = 0;
    for (; at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\f'); ++at_) {
      indent = text_[at_] == '\t' ? (indent / 8 + 1) * 8 : indent + 1;
    }
    size_t begin = at_;
    size_t depth = 0;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '#') {
        if (depth == 0) add(indent, begin, at_);
        begin = at_ = std::min(text_.find('\n', at_), text_.size());
        if (depth > 0) continue;
        if (at_ < text_.size()) ++at_;
        return;
      }
      if (c == '"' || c == '\'') {
        string(c);
      } else if (c == '(' || c == '[' || c == '{') {
        if (depth == 0) opened_ = begin;
        if (++depth > 10'000) throw fault();
      } else if (c == ')' || c == ']' || c == '}') {
        if (depth-- == 0) throw fault();
        if (depth == 0) begin = opened_;
      } else if (c == '\\' && text_.substr(at_ + 1).starts_with('\n')) {
        ++at_;
      } else if (c == '\\' && text_.substr(at_ + 1).starts_with("\r\n")) {
        at_ += 2;
      } else if (depth == 0 && (c == '\n' || c == ';')) {
        add(indent, begin, at_);
        begin = at_ + 1;
        if (c == '\n') {
          ++at_;
          return;
        }
      }
    }
    if (depth > 0) throw fault();
    add(indent, begin, at_);
  }

  // Leaves at_ on the closing quote. A backslash keeps a quote from closing, in raw strings as well.
  void string(char quote) {
    const bool triple = text_.substr(at_).starts_with(std::string(3, quote));
    at_ += triple ? 3 : 1;
    for (; at_ < text_.size(); ++at_) {
      if (text_[at_] == '\\') {
        ++at_;
      } else if (!triple && text_[at_] == '\n') {
        throw fault();
      } else if (text_[at_] == quote && (!triple || text_.substr(at_).starts_with(std::string(3, quote)))) {
        at_ += triple ? 2 : 0;
        return;
      }
    }
    throw fault();
  }

  void add(size_t indent, size_t begin, size_t end) {
    while (begin < end && std::string_view(" \t\r\n\f").find(text_[begin]) != std::string_view::npos) ++begin;
    while (begin < end && std::string_view(" \t\r\n\f").find(text_[end - 1]) != std::string_view::npos) --end;
    if (begin < end) out_.push_back({indent, begin, end});
  }

  Error fault() const { return invalid_argument("unable to read: '", name_, "', Python file structure is corrupted"); }

  const std::string_view text_;
  const std::string_view name_;
  size_t at_ = 0;
  size_t opened_ = 0;
  std::vector<Statement> out_;
};

// Reads one literal of Python from a piece of text.
class LiteralReader {
 public:
  explicit LiteralReader(std::string_view text) : text_(text) {}

  Value whole() {
    Value out = tuple_or_value();
    skip();
    if (at_ != text_.size()) throw NotLiteral();
    return out;
  }

 private:
  // "1, 2" is a tuple without brackets.
  Value tuple_or_value() {
    Value first = value(0);
    skip();
    if (at_ >= text_.size() || text_[at_] != ',') return first;
    Value out = Value::list();
    out.push(std::move(first));
    while (accept(',')) {
      skip();
      if (at_ >= text_.size()) break;
      out.push(value(0));
      skip();
    }
    return out;
  }

  Value value(int depth) {
    if (depth > kMaxDepth) throw NotLiteral();
    skip();
    if (at_ >= text_.size()) throw NotLiteral();
    const char c = text_[at_];
    if (c == '[') return items(']', depth);
    if (c == '(') return parenthesis(depth);
    if (c == '{') return braces(depth);
    if (c == '-' || c == '+') return signed_number(depth);
    if (is_digit(c) || c == '.') return number();
    if (c == '"' || c == '\'') return strings();
    return word();
  }

  Value items(char closing, int depth) {
    Value out = Value::list();
    ++at_;
    for (skip(); !accept(closing); skip()) {
      out.push(value(depth + 1));
      skip();
      if (!accept(',') && (at_ >= text_.size() || text_[at_] != closing)) throw NotLiteral();
    }
    return out;
  }

  // A tuple, or a value in parentheses.
  Value parenthesis(int depth) {
    const size_t start = at_;
    Value out = items(')', depth);
    size_t last = at_ - 1;
    while (last > start && std::string_view(" \t\r\n)").find(text_[last]) != std::string_view::npos) --last;
    if (out.items().size() == 1 && text_[last] != ',') return Value(out.items().front());
    return out;
  }

  Value braces(int depth) {
    Value map = Value::map();
    Value set = Value::list();
    ++at_;
    bool is_set = false;
    for (skip(); !accept('}'); skip()) {
      Value key = value(depth + 1);
      skip();
      if (accept(':')) {
        if (key.is_collection()) throw NotLiteral();
        const bool typed = !key.is_string();
        const std::string name = key.is_null() ? "null" : plain_text(key);
        Value item = value(depth + 1);
        if (Value* known = map.find(name)) {
          *known = std::move(item);
        } else {
          map.members().push_back({name, std::move(item), typed});
        }
      } else {
        is_set = true;
        if (std::find(set.items().begin(), set.items().end(), key) == set.items().end()) set.push(std::move(key));
      }
      skip();
      if (!accept(',') && (at_ >= text_.size() || text_[at_] != '}')) throw NotLiteral();
    }
    if (is_set && !map.empty()) throw NotLiteral();
    return is_set ? set : map;
  }

  Value signed_number(int depth) {
    const bool negative = text_[at_] == '-';
    ++at_;
    Value out = value(depth + 1);
    if (out.kind() == Value::Kind::kFloat) return negative ? Value::floating(-out.as_double()) : out;
    if (out.kind() != Value::Kind::kInt) throw NotLiteral();
    if (!negative || out.text() == "0") return out;
    return Value::digits(out.text().starts_with('-') ? out.text().substr(1) : "-" + out.text());
  }

  Value number() {
    const size_t start = at_;
    const bool based = text_[at_] == '0' && at_ + 1 < text_.size() &&
                       std::string_view("xobXOB").find(text_[at_ + 1]) != std::string_view::npos;
    if (based) at_ += 2;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      const bool exponent_sign = !based && (c == '+' || c == '-') && (text_[at_ - 1] | 0x20) == 'e' && at_ > start;
      if (!is_name(c) && c != '.' && !exponent_sign) break;
      ++at_;
    }
    std::string digits(text_.substr(start, at_ - start));
    std::erase(digits, '_');
    char* end = nullptr;
    if (based) {
      const int base = (digits[1] | 0x20) == 'x' ? 16 : (digits[1] | 0x20) == 'o' ? 8 : 2;
      const long long made = std::strtoll(digits.c_str() + 2, &end, base);
      if (digits.size() < 3 || *end != '\0') throw NotLiteral();
      return Value::integer(made);
    }
    if (digits.find_first_not_of("0123456789") == std::string::npos) {
      digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));
      return Value::digits(digits);
    }
    const double made = std::strtod(digits.c_str(), &end);
    if (*end != '\0' || digits.find_first_of("xXnNiI") != std::string::npos) throw NotLiteral();
    return Value::floating(made);
  }

  Value word() {
    const size_t start = at_;
    while (at_ < text_.size() && is_name(text_[at_])) ++at_;
    const std::string name(text_.substr(start, at_ - start));
    if (at_ < text_.size() && (text_[at_] == '"' || text_[at_] == '\'')) {
      at_ = start;
      return strings();
    }
    if (name == "True" || name == "False") return Value::boolean(name == "True");
    if (name == "None") return {};
    throw NotLiteral();
  }

  // Strings one behind the other are one.
  Value strings() {
    std::string out;
    for (;;) {
      const size_t start = at_;
      while (at_ < text_.size() && is_name_start(text_[at_])) ++at_;
      const std::string prefix = text::lower(text_.substr(start, at_ - start));
      const bool quote = at_ < text_.size() && (text_[at_] == '"' || text_[at_] == '\'');
      if (!quote) {
        at_ = start;
        return Value::string(out);
      }
      if (!prefix.empty() && prefix != "r" && prefix != "u") throw NotLiteral();
      string(prefix == "r", out);
      skip();
    }
  }

  void string(bool raw, std::string& out) {
    const char quote = text_[at_];
    const bool triple = text_.substr(at_).starts_with(std::string(3, quote));
    at_ += triple ? 3 : 1;
    for (; at_ < text_.size();) {
      if (text_[at_] == quote && (!triple || text_.substr(at_).starts_with(std::string(3, quote)))) {
        at_ += triple ? 3 : 1;
        return;
      }
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) {
        raw ? (out.append(text_.substr(at_, 2)), void(at_ += 2)) : escape(out);
      } else {
        out.push_back(text_[at_++]);
      }
    }
    throw NotLiteral();
  }

  void escape(std::string& out) {
    static constexpr std::string_view names = "\\'\"abfnrtv";
    static constexpr std::string_view means = "\\'\"\a\b\f\n\r\t\v";
    const char which = text_[at_ + 1];
    at_ += 2;
    if (which == '\n') return;
    if (const size_t found = names.find(which); found != std::string_view::npos) {
      out.push_back(means[found]);
    } else if (which == 'x' || which == 'u' || which == 'U') {
      code(which == 'x' ? 2 : which == 'u' ? 4 : 8, 16, out);
    } else if (which >= '0' && which <= '7') {
      --at_;
      size_t length = 0;
      while (length < 3 && at_ + length < text_.size() && text_[at_ + length] >= '0' && text_[at_ + length] <= '7') {
        ++length;
      }
      code(length, 8, out);
    } else if (which == 'N') {
      throw NotLiteral();
    } else {
      out.push_back('\\');
      out.push_back(which);
    }
  }

  void code(size_t length, int base, std::string& out) {
    const std::string digits(text_.substr(at_, length));
    char* end = nullptr;
    const unsigned long made = std::strtoul(digits.c_str(), &end, base);
    if (digits.size() != length || *end != '\0') throw NotLiteral();
    append_utf8(static_cast<uint32_t>(made), out);
    at_ += length;
  }

  void skip() {
    for (;;) {
      at_ = std::min(text_.find_first_not_of(" \t\r\n\f\\", at_), text_.size());
      if (at_ >= text_.size() || text_[at_] != '#') return;
      at_ = std::min(text_.find('\n', at_), text_.size());
    }
  }
  bool accept(char wanted) {
    if (at_ >= text_.size() || text_[at_] != wanted) return false;
    ++at_;
    return true;
  }

  const std::string_view text_;
  size_t at_ = 0;
};

class PythonReader {
 public:
  PythonReader(std::string_view text, std::string_view name, ValueSpans* spans)
      : text_(text), spans_(spans), statements_(StatementCutter(text, name).cut()) {}

  Value document() {
    Value out = Value::map();
    block(0, "", false, 0, out);
    return out;
  }

 private:
  std::string_view text_of(const Statement& statement) const {
    return text_.substr(statement.begin, statement.end - statement.begin);
  }

  // Statements of one block; those indented further belong to something that was passed over.
  void block(size_t indent, const std::string& prefix, bool of_self, int depth, Value& out) {
    while (next_ < statements_.size() && statements_[next_].indent >= indent) {
      const Statement statement = statements_[next_++];
      if (statement.indent > indent) continue;
      const std::string_view text = text_of(statement);
      if (!of_self && text.starts_with("class ") && depth < kMaxDepth) {
        const std::string name = name_at(text, 6);
        Value inner = Value::map();
        suite(statement, text::concat(prefix, name, "."), false, depth, inner);
        out.set(name, std::move(inner));
      } else if (text.starts_with("def ") && name_at(text, 4) == "__init__" && depth < kMaxDepth) {
        suite(statement, prefix, true, depth, out);
      } else {
        assignment(statement, prefix, of_self, out);
      }
    }
  }

  void suite(const Statement& head, const std::string& prefix, bool of_self, int depth, Value& out) {
    if (next_ < statements_.size() && statements_[next_].indent > head.indent) {
      block(statements_[next_].indent, prefix, of_self, depth + 1, out);
      return;
    }
    // "class A: x = 1" on one line.
    const std::string_view text = text_of(head);
    const size_t colon = text.rfind(": ");
    if (colon == std::string_view::npos) return;
    Statement rest = head;
    rest.begin = head.begin + colon + 2;
    assignment(rest, prefix, of_self, out);
  }

  static std::string name_at(std::string_view text, size_t at) {
    at = std::min(text.find_first_not_of(" \t", at), text.size());
    size_t end = at;
    while (end < text.size() && is_name(text[end])) ++end;
    return std::string(text.substr(at, end - at));
  }

  // "name = literal", "name: type = literal", in __init__ "self.name = literal".
  void assignment(const Statement& statement, const std::string& prefix, bool of_self, Value& out) {
    const std::string_view text = text_of(statement);
    std::string name = name_at(text, 0);
    size_t at = name.size();
    if (name == "self" && text.substr(at).starts_with('.')) {
      name = name_at(text, at + 1);
      at += 1 + name.size();
    } else if (of_self) {
      return;
    }
    at = std::min(text.find_first_not_of(" \t", at), text.size());
    if (name.empty() || at >= text.size()) return;
    if (text[at] == ':') at = std::min(text.find('=', at), text.size());
    if (at >= text.size() || text[at] != '=' || text.substr(at).starts_with("==")) return;
    const size_t start = std::min(text.find_first_not_of(" \t", at + 1), text.size());
    try {
      Value made = LiteralReader(text.substr(start)).whole();
      if (spans_ != nullptr) (*spans_)[prefix + name] = {statement.begin + start, statement.end};
      out.set(name, std::move(made));
    } catch (const NotLiteral&) {
      // Something that has to be computed; parameters are literals.
    }
  }

  const std::string_view text_;
  ValueSpans* const spans_;
  const std::vector<Statement> statements_;
  size_t next_ = 0;
};

}  // namespace

Value parse_python_params(std::string_view text, std::string_view name, ValueSpans* spans) {
  return PythonReader(text, name, spans).document();
}

std::string python_literal(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::kNull:
      return "None";
    case Value::Kind::kBool:
      return value.as_bool() ? "True" : "False";
    case Value::Kind::kInt:
      return value.text();
    case Value::Kind::kFloat:
      return text::format_double(value.as_double());
    case Value::Kind::kDate:
    case Value::Kind::kString: {
      const bool doubled = value.text().find('\'') != std::string::npos && value.text().find('"') == std::string::npos;
      std::string out = text::replace_all(value.text(), "\\", "\\\\");
      out = text::replace_all(text::replace_all(out, "\n", "\\n"), "\t", "\\t");
      out = text::replace_all(out, "\r", "\\r");
      if (!doubled) out = text::replace_all(out, "'", "\\'");
      const char quote = doubled ? '"' : '\'';
      return text::concat(quote, out, quote);
    }
    case Value::Kind::kList: {
      std::vector<std::string> parts;
      for (const Value& item : value.items()) parts.push_back(python_literal(item));
      return text::concat("[", text::join(parts, ", "), "]");
    }
    case Value::Kind::kMap: {
      std::vector<std::string> parts;
      for (const Member& member : value.members()) {
        const std::string key = member.typed_key ? member.key : python_literal(Value::string(member.key));
        parts.push_back(text::concat(key, ": ", python_literal(member.value)));
      }
      return text::concat("{", text::join(parts, ", "), "}");
    }
  }
  return "";
}

}  // namespace slipway::data
