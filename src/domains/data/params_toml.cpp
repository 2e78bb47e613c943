#include <algorithm>
#include <cstdlib>
#include <limits>
#include <set>

#include "domains/data/params_formats.h"
#include "foundation/base/error.h"

namespace slipway::data {

namespace {

constexpr int kMaxDepth = 100;

using Path = std::vector<std::string>;

bool is_bare(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

class TomlReader {
 public:
  TomlReader(std::string_view text, std::string_view name, ValueSpans* spans)
      : text_(text), name_(name), spans_(spans) {}

  Value document() {
    Value out = Value::map();
    Value* table = &out;
    if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;
    for (skip_lines(); at_ < text_.size(); skip_lines()) {
      if (text_[at_] == '[') {
        table = header(out);
      } else {
        pair(*table, prefix_, 0);
      }
      end_line();
    }
    return out;
  }

 private:
  // "[a.b]" or "[[a.b]]": the table that the lines below fill.
  Value* header(Value& root) {
    const bool repeated = text_.substr(at_).starts_with("[[");
    at_ += repeated ? 2 : 1;
    const Path path = key();
    expect(']');
    if (repeated) expect(']');
    Value* at = &root;
    for (size_t i = 0; i + 1 < path.size(); ++i) at = inner(*at, path[i]);
    Value* found = at->find(path.back());
    const std::string name = text::join(path, ".");
    if (!repeated) {
      if (!headers_.insert(name).second || (found != nullptr && !found->is_map()))
        throw fault("a table is there twice");
      prefix_ = name + ".";
      return inner(*at, path.back());
    }
    if (found == nullptr) {
      at->set(path.back(), Value::list());
      found = at->find(path.back());
    }
    if (!found->is_list()) throw fault("a table is there twice");
    found->push(Value::map());
    std::erase_if(headers_, [&](const std::string& known) { return known.starts_with(name + "."); });
    prefix_ = text::concat(name, ".", found->items().size() - 1, ".");
    return &found->items().back();
  }

  // The table under a key, made when it is missing; of a list of tables the last.
  Value* inner(Value& table, const std::string& name) {
    Value* found = table.find(name);
    if (found == nullptr) {
      table.members().push_back({name, Value::map(), false});
      return &table.members().back().value;
    }
    if (found->is_list() && !found->items().empty()) found = &found->items().back();
    if (!found->is_map()) throw fault(text::concat("'", name, "' is not a table"));
    return found;
  }

  void pair(Value& table, const std::string& prefix, int depth) {
    const Path path = key();
    expect('=');
    Value* at = &table;
    for (size_t i = 0; i + 1 < path.size(); ++i) at = inner(*at, path[i]);
    if (at->find(path.back()) != nullptr) throw fault(text::concat("the key '", path.back(), "' is there twice"));
    const std::string name = prefix + text::join(path, ".");
    at->members().push_back({path.back(), value(name, depth), false});
  }

  Path key() {
    Path out;
    do {
      skip_blanks();
      if (at_ < text_.size() && (text_[at_] == '"' || text_[at_] == '\'')) {
        out.push_back(text_[at_] == '"' ? basic() : literal());
      } else {
        const size_t start = at_;
        while (at_ < text_.size() && is_bare(text_[at_])) ++at_;
        if (at_ == start) throw fault("a key is missing");
        out.emplace_back(text_.substr(start, at_ - start));
      }
      if (out.size() > kMaxDepth) throw fault("it is nested too deeply");
      skip_blanks();
    } while (accept('.'));
    return out;
  }

  Value value(const std::string& name, int depth) {
    if (depth > kMaxDepth) throw fault("it is nested too deeply");
    skip_blanks();
    const size_t start = at_;
    Value out = value_here(name, depth);
    if (spans_ != nullptr) (*spans_)[name] = {start, at_};
    return out;
  }

  Value value_here(const std::string& name, int depth) {
    if (at_ >= text_.size()) throw fault("a value is missing");
    if (text_.substr(at_).starts_with("\"\"\"")) return Value::string(multi_line('"'));
    if (text_.substr(at_).starts_with("'''")) return Value::string(multi_line('\''));
    switch (text_[at_]) {
      case '"':
        return Value::string(basic());
      case '\'':
        return Value::string(literal());
      case '[':
        return list(name, depth);
      case '{':
        return inline_table(name, depth);
      default:
        return word();
    }
  }

  Value list(const std::string& name, int depth) {
    Value out = Value::list();
    ++at_;
    for (skip_lines(); !accept(']'); skip_lines()) {
      out.push(value(text::concat(name, ".", out.items().size()), depth + 1));
      skip_lines();
      if (!accept(',') && (at_ >= text_.size() || text_[at_] != ']')) throw fault("a list is not closed");
    }
    return out;
  }

  Value inline_table(const std::string& name, int depth) {
    Value out = Value::map();
    ++at_;
    skip_blanks();
    if (accept('}')) return out;
    do {
      pair(out, name + ".", depth + 1);
      skip_blanks();
    } while (accept(','));
    expect('}');
    return out;
  }

  Value word() {
    const size_t start = at_;
    while (at_ < text_.size() && std::string_view(",]}# \t\r\n").find(text_[at_]) == std::string_view::npos) ++at_;
    // A date may have its time behind a blank.
    const std::string_view rest = text_.substr(at_);
    if (at_ - start == 10 && text_[start + 4] == '-' && rest.size() > 3 && rest[0] == ' ' && rest[3] == ':') {
      at_ = std::min(text_.find_first_of(",]}# \t\r\n", at_ + 1), text_.size());
    }
    const std::string raw(text_.substr(start, at_ - start));
    if (raw == "true" || raw == "false") return Value::boolean(raw == "true");
    std::string number = raw;
    std::erase(number, '_');
    const bool negative = number.starts_with('-');
    std::string digits = number.substr(negative || number.starts_with('+') ? 1 : 0);
    if (digits == "inf" || digits == "nan") {
      const double made =
          digits == "nan" ? std::numeric_limits<double>::quiet_NaN() : std::numeric_limits<double>::infinity();
      return Value::floating(negative ? -made : made);
    }
    if (digits.empty() || digits[0] < '0' || digits[0] > '9') throw fault(text::concat("'", raw, "' is no value"));
    if (digits.size() > 2 && digits[0] == '0' && std::string_view("xob").find(digits[1]) != std::string_view::npos) {
      const int base = digits[1] == 'x' ? 16 : digits[1] == 'o' ? 8 : 2;
      char* end = nullptr;
      const long long made = std::strtoll(digits.c_str() + 2, &end, base);
      if (*end != '\0') throw fault(text::concat("'", raw, "' is no number"));
      return Value::integer(made);
    }
    if (digits.find_first_not_of("0123456789") == std::string::npos) {
      return Value::digits(negative && digits != "0" ? "-" + digits : digits);
    }
    if (digits.find(':') != std::string::npos || digits.find('-', 4) == 4) return Value::date(raw);
    char* end = nullptr;
    const double made = std::strtod(number.c_str(), &end);
    if (*end != '\0') throw fault(text::concat("'", raw, "' is no value"));
    return Value::floating(made);
  }

  std::string literal() {
    const size_t end = text_.find_first_of("'\n", at_ + 1);
    if (end == std::string_view::npos || text_[end] != '\'') throw fault("a text is not closed");
    std::string out(text_.substr(at_ + 1, end - at_ - 1));
    at_ = end + 1;
    return out;
  }

  std::string basic() {
    std::string out;
    for (++at_; at_ < text_.size() && text_[at_] != '"';) {
      if (text_[at_] == '\n') throw fault("a text is not closed");
      take(out);
    }
    expect('"');
    return out;
  }

  std::string multi_line(char quote) {
    const std::string closing(3, quote);
    at_ += 3;
    if (text_.substr(at_).starts_with("\r\n")) ++at_;
    if (text_.substr(at_).starts_with("\n")) ++at_;
    std::string out;
    while (!text_.substr(at_).starts_with(closing)) {
      if (at_ >= text_.size()) throw fault("a text is not closed");
      if (quote == '"') {
        take(out);
      } else {
        out.push_back(text_[at_++]);
      }
    }
    at_ += 3;
    // One or two quotes may stand right before the closing three.
    for (int i = 0; i < 2 && at_ < text_.size() && text_[at_] == quote; ++i, ++at_) out.push_back(quote);
    return out;
  }

  // One character of a basic text, or an escape.
  void take(std::string& out) {
    static constexpr std::string_view names = "\"\\bfnrt";
    static constexpr std::string_view means = "\"\\\b\f\n\r\t";
    if (text_[at_] != '\\') {
      out.push_back(text_[at_++]);
      return;
    }
    if (at_ + 1 >= text_.size()) throw fault("a text is not closed");
    const char which = text_[++at_];
    ++at_;
    if (which == 'u' || which == 'U') {
      const size_t length = which == 'u' ? 4 : 8;
      const std::string digits(text_.substr(at_, length));
      if (digits.size() != length || digits.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos) {
        throw fault("an escape is damaged");
      }
      append_utf8(static_cast<uint32_t>(std::stoul(digits, nullptr, 16)), out);
      at_ += length;
    } else if (which == '\n' || which == ' ' || which == '\t' || which == '\r') {
      at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size());
    } else if (const size_t found = names.find(which); found != std::string_view::npos) {
      out.push_back(means[found]);
    } else {
      throw fault("an escape is unknown");
    }
  }

  void skip_blanks() { at_ = std::min(text_.find_first_not_of(" \t", at_), text_.size()); }
  void skip_lines() {
    for (;;) {
      at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size());
      if (at_ >= text_.size() || text_[at_] != '#') return;
      at_ = std::min(text_.find('\n', at_), text_.size());
    }
  }
  void end_line() {
    skip_blanks();
    if (at_ < text_.size() && text_[at_] == '#') at_ = std::min(text_.find('\n', at_), text_.size());
    if (at_ < text_.size() && text_[at_] == '\r') ++at_;
    if (at_ < text_.size() && text_[at_] != '\n') throw fault("something is behind a value");
  }
  bool accept(char wanted) {
    if (at_ >= text_.size() || text_[at_] != wanted) return false;
    ++at_;
    return true;
  }
  void expect(char wanted) {
    skip_blanks();
    if (!accept(wanted)) throw fault(text::concat("'", wanted, "' is missing"));
  }
  Error fault(std::string_view what) const {
    const auto end = text_.begin() + static_cast<std::ptrdiff_t>(std::min(at_, text_.size()));
    return invalid_argument("unable to read: '", name_, "', TOML file structure is corrupted at line ",
                            std::count(text_.begin(), end, '\n') + 1, ": ", what);
  }

  const std::string_view text_;
  const std::string_view name_;
  ValueSpans* const spans_;
  size_t at_ = 0;
  std::string prefix_;
  std::set<std::string> headers_;
};

}  // namespace

Value parse_toml(std::string_view text, std::string_view name, ValueSpans* spans) {
  return TomlReader(text, name, spans).document();
}

}  // namespace slipway::data
