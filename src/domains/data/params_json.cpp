#include <algorithm>
#include <cstdlib>
#include <limits>
#include <unordered_map>

#include "domains/data/params_formats.h"
#include "foundation/base/error.h"

namespace slipway::data {

namespace {

constexpr int kMaxDepth = 200;

class JsonReader {
 public:
  JsonReader(std::string_view text, std::string_view name) : text_(text), name_(name) {}

  Value document() {
    if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;
    Value out = value(0);
    skip_blanks();
    if (at_ != text_.size()) throw fault();
    return out;
  }

 private:
  Value value(int depth) {
    if (depth > kMaxDepth) throw fault();
    skip_blanks();
    if (at_ >= text_.size()) throw fault();
    switch (text_[at_]) {
      case '{':
        return object(depth);
      case '[':
        return list(depth);
      case '"':
        return Value::string(string());
      default:
        return word();
    }
  }

  Value object(int depth) {
    Value out = Value::map();
    std::unordered_map<std::string, size_t> places;
    ++at_;
    if (next_is('}')) return out;
    do {
      skip_blanks();
      if (at_ >= text_.size() || text_[at_] != '"') throw fault();
      std::string key = string();
      if (!next_is(':')) throw fault();
      Value item = value(depth + 1);
      const auto [place, fresh] = places.emplace(key, out.members().size());
      if (fresh) {
        out.members().push_back({std::move(key), std::move(item), false});
      } else {
        out.members()[place->second].value = std::move(item);
      }
    } while (next_is(','));
    if (!next_is('}')) throw fault();
    return out;
  }

  Value list(int depth) {
    Value out = Value::list();
    ++at_;
    if (next_is(']')) return out;
    do {
      out.push(value(depth + 1));
    } while (next_is(','));
    if (!next_is(']')) throw fault();
    return out;
  }

  Value word() {
    for (const auto& [text, made] : words()) {
      if (text_.substr(at_).starts_with(text)) {
        at_ += text.size();
        return made;
      }
    }
    const size_t start = at_;
    at_ = std::min(text_.find_first_not_of("+-0123456789.eE", at_), text_.size());
    const std::string number(text_.substr(start, at_ - start));
    if (number.empty() || number[0] == '+' || number[0] == '.') throw fault();
    if (number.find_first_of(".eE") == std::string::npos) {
      const std::string_view digits = std::string_view(number).substr(number[0] == '-' ? 1 : 0);
      const bool good = !digits.empty() && digits.find_first_not_of("0123456789") == std::string_view::npos &&
                        (digits.size() == 1 || digits[0] != '0');
      if (!good) throw fault();
      return Value::digits(number == "-0" ? "0" : number);
    }
    char* end = nullptr;
    const double parsed = std::strtod(number.c_str(), &end);
    if (*end != '\0') throw fault();
    return Value::floating(parsed);
  }

  static const std::vector<std::pair<std::string_view, Value>>& words() {
    static const double infinity = std::numeric_limits<double>::infinity();
    static const std::vector<std::pair<std::string_view, Value>> known = {
        {"true", Value::boolean(true)},
        {"false", Value::boolean(false)},
        {"null", Value()},
        {"NaN", Value::floating(std::numeric_limits<double>::quiet_NaN())},
        {"Infinity", Value::floating(infinity)},
        {"-Infinity", Value::floating(-infinity)},
    };
    return known;
  }

  std::string string() {
    std::string out;
    for (++at_; at_ < text_.size() && text_[at_] != '"';) {
      if (text_[at_] == '\n') throw fault();
      if (text_[at_] != '\\') {
        out.push_back(text_[at_++]);
      } else {
        escape(out);
      }
    }
    if (at_ >= text_.size()) throw fault();
    ++at_;
    return out;
  }

  void escape(std::string& out) {
    static constexpr std::string_view names = "\"\\/bfnrt";
    static constexpr std::string_view means = "\"\\/\b\f\n\r\t";
    if (at_ + 1 >= text_.size()) throw fault();
    const char which = text_[at_ + 1];
    at_ += 2;
    if (which != 'u') {
      const size_t found = names.find(which);
      if (found == std::string_view::npos) throw fault();
      out.push_back(means[found]);
      return;
    }
    uint32_t code = unit();
    if (code >= 0xD800 && code < 0xDC00 && text_.substr(at_).starts_with("\\u")) {
      at_ += 2;
      const uint32_t low = unit();
      if (low < 0xDC00 || low > 0xDFFF) throw fault();
      code = 0x10000 + ((code - 0xD800) << 10U) + (low - 0xDC00);
    }
    append_utf8(code, out);
  }

  uint32_t unit() {
    uint32_t out = 0;
    for (int i = 0; i < 4; ++i, ++at_) {
      static constexpr std::string_view digits = "0123456789abcdef";
      const size_t digit = at_ < text_.size() ? digits.find(static_cast<char>(text_[at_] | 0x20)) : digits.npos;
      if (digit == std::string_view::npos) throw fault();
      out = out << 4U | static_cast<uint32_t>(digit);
    }
    return out;
  }

  void skip_blanks() { at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size()); }
  bool next_is(char wanted) {
    skip_blanks();
    if (at_ >= text_.size() || text_[at_] != wanted) return false;
    ++at_;
    return true;
  }
  Error fault() const {
    const auto line = std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(at_), '\n') + 1;
    return invalid_argument("unable to read: '", name_, "', JSON file structure is corrupted at line ", line);
  }

  const std::string_view text_;
  const std::string_view name_;
  size_t at_ = 0;
};

}  // namespace

void append_utf8(uint32_t code, std::string& out) {
  if (code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) code = 0xFFFD;
  const auto put = [&](uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0U | code >> 6U);
    put(0x80U | (code & 0x3FU));
  } else if (code < 0x10000) {
    put(0xE0U | code >> 12U);
    put(0x80U | (code >> 6U & 0x3FU));
    put(0x80U | (code & 0x3FU));
  } else {
    put(0xF0U | code >> 18U);
    put(0x80U | (code >> 12U & 0x3FU));
    put(0x80U | (code >> 6U & 0x3FU));
    put(0x80U | (code & 0x3FU));
  }
}

Value parse_json(std::string_view text, std::string_view name) { return JsonReader(text, name).document(); }

}  // namespace slipway::data
