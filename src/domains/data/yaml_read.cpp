#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "domains/data/yaml.h"
#include "domains/data/yaml_fault.h"
#include "foundation/base/error.h"

namespace slipway::data {

namespace {

constexpr int kMaxDepth = 64;
// Aliases may repeat a node many times; a small file must not become an endless tree.
constexpr size_t kMaxNodes = 2'000'000;

bool digit(char c) { return c >= '0' && c <= '9'; }
bool digit_or_bar(char c) { return digit(c) || c == '_'; }
bool sign(char c) { return c == '+' || c == '-'; }

bool all_of(std::string_view text, bool (*accept)(char)) {
  return !text.empty() && std::all_of(text.begin(), text.end(), accept);
}

bool is_int(std::string_view text) {
  if (!text.empty() && sign(text[0])) text.remove_prefix(1);
  if (text.starts_with("0b")) return all_of(text.substr(2), [](char c) { return c == '0' || c == '1' || c == '_'; });
  if (text.starts_with("0o")) return all_of(text.substr(2), [](char c) { return (c >= '0' && c <= '7') || c == '_'; });
  if (text.starts_with("0x")) {
    return all_of(text.substr(2),
                  [](char c) { return digit_or_bar(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); });
  }
  return all_of(text, digit_or_bar);
}

// An exponent that runs to the end of the text.
bool is_exponent(std::string_view text, bool sign_needed) {
  if (text.size() < 2 || (text[0] != 'e' && text[0] != 'E')) return false;
  text.remove_prefix(1);
  if (sign(text[0])) {
    text.remove_prefix(1);
  } else if (sign_needed) {
    return false;
  }
  return all_of(text, digit);
}

bool is_float(std::string_view text) {
  if (text == ".nan" || text == ".NaN" || text == ".NAN") return true;
  if (!text.empty() && sign(text[0])) text.remove_prefix(1);
  if (text == ".inf" || text == ".Inf" || text == ".INF") return true;
  size_t i = 0;
  if (!text.empty() && digit(text[0])) {
    while (i < text.size() && digit_or_bar(text[i])) ++i;
    if (i == text.size()) return false;
    if (text[i] != '.') return is_exponent(text.substr(i), false);
    ++i;
    while (i < text.size() && digit_or_bar(text[i])) ++i;
    return i == text.size() || is_exponent(text.substr(i), false);
  }
  if (text.size() < 2 || text[0] != '.') return false;
  i = 1;
  while (i < text.size() && digit_or_bar(text[i])) ++i;
  return i > 1 && (i == text.size() || is_exponent(text.substr(i), true));
}

// 2024-01-01, or with a time after T, t or blanks.
bool is_date(std::string_view text) {
  const auto digits = [&](size_t from, size_t most) {
    size_t n = 0;
    while (n < most && from + n < text.size() && digit(text[from + n])) ++n;
    return n;
  };
  if (text.size() < 8 || digits(0, 4) != 4 || text[4] != '-') return false;
  const size_t month = digits(5, 2);
  if (month == 0 || 5 + month >= text.size() || text[5 + month] != '-') return false;
  const size_t day_at = 6 + month;
  const size_t day = digits(day_at, 2);
  if (day == 0) return false;
  if (day_at + day == text.size()) return month == 2 && day == 2;
  const char next = text[day_at + day];
  if (next != 'T' && next != 't' && next != ' ' && next != '\t') return false;
  const std::string_view time = text.substr(text.find_first_not_of(" \tTt", day_at + day));
  return time.size() >= 7 && std::count(time.begin(), time.end(), ':') >= 2 &&
         std::all_of(time.begin(), time.end(), [](char c) {
           return digit(c) || c == ':' || c == '.' || c == 'Z' || c == '+' || c == '-' || c == ' ';
         });
}

std::string without_bars(std::string_view text) {
  std::string out(text);
  std::erase(out, '_');
  return out;
}

Value int_value(std::string_view text) {
  std::string digits = without_bars(text);
  const bool negative = digits.starts_with('-');
  if (!digits.empty() && sign(digits[0])) digits.erase(0, 1);
  const int base = digits.starts_with("0b") ? 2 : digits.starts_with("0o") ? 8 : digits.starts_with("0x") ? 16 : 10;
  if (base != 10) {
    if (digits.size() > 2 + 15) return Value::string(text);
    const int64_t number = digits.size() > 2 ? std::stoll(digits.substr(2), nullptr, base) : 0;
    return Value::integer(negative ? -number : number);
  }
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.empty() ? 0 : digits.size() - 1));
  if (digits.empty()) return Value::string(text);
  return Value::digits(negative && digits != "0" ? "-" + digits : digits);
}

Value float_value(std::string_view text) {
  const std::string number = text::lower(without_bars(text));
  if (number.ends_with(".nan")) return Value::floating(std::numeric_limits<double>::quiet_NaN());
  if (number.ends_with(".inf")) {
    const double infinity = std::numeric_limits<double>::infinity();
    return Value::floating(number.starts_with('-') ? -infinity : infinity);
  }
  return Value::floating(std::strtod(number.c_str(), nullptr));
}

class Reader {
 public:
  Reader(std::string_view name, std::string_view text) : name_(name), text_(text) {}

  Value read(const YAML::Node& node, int depth) {
    if (depth > kMaxDepth) throw fault(node, "it is nested too deeply");
    if (++nodes_ > kMaxNodes) throw fault(node, "it is too large");
    switch (node.Type()) {
      case YAML::NodeType::Scalar:
        return node.Tag() == "!" || node.Tag() == "tag:yaml.org,2002:str" ? Value::string(node.Scalar())
                                                                          : scalar_value(node.Scalar());
      case YAML::NodeType::Sequence: {
        Value out = Value::list();
        for (const auto& item : node) out.push(read(item, depth + 1));
        return out;
      }
      case YAML::NodeType::Map:
        return read_map(node, depth);
      default:
        return {};
    }
  }

 private:
  Value read_map(const YAML::Node& node, int depth) {
    Value out = Value::map();
    std::vector<Value> merged;
    for (const auto& pair : node) {
      if (!pair.first.IsScalar() && !pair.first.IsNull()) throw fault(pair.first, "a key must be a scalar");
      const bool quoted = pair.first.Tag() == "!";
      const std::string key = pair.first.IsNull() ? "" : pair.first.Scalar();
      const ScalarKind kind = quoted ? ScalarKind::kString : resolve_scalar(key);
      Value value = read(pair.second, depth + 1);
      if (kind == ScalarKind::kMerge) {
        merged.push_back(std::move(value));
        continue;
      }
      if (out.find(key) != nullptr) throw fault(pair.first, text::concat("the key '", key, "' is there twice"));
      out.members().push_back({key, std::move(value), kind != ScalarKind::kString});
    }
    for (const Value& from : merged) merge(from, out);
    return out;
  }
  // `<<` brings the keys of other maps that this one does not have itself.
  static void merge(const Value& from, Value& into) {
    for (const Value& item : from.items()) merge(item, into);
    for (const Member& member : from.members()) {
      if (into.find(member.key) == nullptr) into.members().push_back(member);
    }
  }
  Error fault(const YAML::Node& node, std::string_view what) const {
    const auto line = static_cast<size_t>(node.Mark().line) + 1;
    return invalid_argument("'", name_, "' is invalid: ", what, ", in line ", line, yaml_excerpt(text_, line));
  }

  const std::string_view name_;
  const std::string_view text_;
  size_t nodes_ = 0;
};

}  // namespace

ScalarKind resolve_scalar(std::string_view text) {
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") return ScalarKind::kNull;
  for (const std::string_view word : {"true", "True", "TRUE", "false", "False", "FALSE"}) {
    if (text == word) return ScalarKind::kBool;
  }
  if (text == "<<") return ScalarKind::kMerge;
  const char first = text[0];
  if (!digit(first) && !sign(first) && first != '.') return ScalarKind::kString;
  if (is_float(text)) return ScalarKind::kFloat;
  if (first != '.' && is_int(text)) return ScalarKind::kInt;
  return is_date(text) ? ScalarKind::kDate : ScalarKind::kString;
}

Value scalar_value(std::string_view text) {
  switch (resolve_scalar(text)) {
    case ScalarKind::kNull:
      return {};
    case ScalarKind::kBool:
      return Value::boolean(text[0] == 't' || text[0] == 'T');
    case ScalarKind::kInt:
      return int_value(text);
    case ScalarKind::kFloat:
      return float_value(text);
    case ScalarKind::kDate:
      return Value::date(std::string(text));
    default:
      return Value::string(text);
  }
}

Value parse_yaml(std::string_view text, std::string_view name) {
  if (text.find('\0') != std::string_view::npos) {
    throw invalid_argument("'", name, "' is invalid: it holds a zero byte, so it is not text");
  }
  try {
    const YAML::Node root = YAML::Load(std::string(text));
    if (!root.IsDefined() || root.IsNull()) return Value::map();
    return Reader(name, text).read(root, 0);
  } catch (const YAML::Exception& error) {
    const auto line = static_cast<size_t>(error.mark.line) + 1;
    throw invalid_argument("'", name, "' is invalid", has_conflict_markers(text) ? " (possible merge conflicts)" : "",
                           ": ", error.msg, ", in line ", line, ", column ", error.mark.column + 1,
                           yaml_excerpt(text, line));
  }
}

}  // namespace slipway::data
