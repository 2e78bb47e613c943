#include "domains/data/value.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "foundation/base/text.h"

namespace slipway::data {

Value Value::boolean(bool value) {
  Value out;
  out.kind_ = Kind::kBool;
  out.boolean_ = value;
  return out;
}

Value Value::integer(int64_t value) { return digits(std::to_string(value)); }

Value Value::digits(std::string text) {
  Value out;
  out.kind_ = Kind::kInt;
  out.text_ = std::move(text);
  return out;
}

Value Value::floating(double value) {
  Value out;
  out.kind_ = Kind::kFloat;
  out.number_ = value;
  return out;
}

Value Value::date(std::string text) {
  Value out;
  out.kind_ = Kind::kDate;
  out.text_ = std::move(text);
  return out;
}

Value Value::string(std::string_view text) {
  Value out;
  out.kind_ = Kind::kString;
  out.text_ = text;
  return out;
}

Value Value::list() {
  Value out;
  out.kind_ = Kind::kList;
  return out;
}

Value Value::map() {
  Value out;
  out.kind_ = Kind::kMap;
  return out;
}

Value Value::strings(const std::vector<std::string>& items) {
  Value out = list();
  for (const std::string& item : items) out.push(string(item));
  return out;
}

double Value::as_double() const {
  if (kind_ == Kind::kBool) return boolean_ ? 1 : 0;
  if (kind_ == Kind::kInt) return text::parse_double(text_).value_or(0);
  return number_;
}

void Value::set(std::string_view key, Value value) {
  if (Value* found = find(key); found != nullptr) {
    *found = std::move(value);
  } else {
    members_.push_back({std::string(key), std::move(value), false});
  }
}

void Value::erase(std::string_view key) {
  std::erase_if(members_, [&](const Member& member) { return member.key == key; });
}

const Value* Value::find(std::string_view key) const {
  for (const Member& member : members_) {
    if (member.key == key) return &member.value;
  }
  return nullptr;
}

Value* Value::find(std::string_view key) {
  return const_cast<Value*>(std::as_const(*this).find(key));  // NOLINT: the object itself is not const here
}

namespace {

bool is_number(Value::Kind kind) {
  return kind == Value::Kind::kBool || kind == Value::Kind::kInt || kind == Value::Kind::kFloat;
}

bool same_members(const Value& a, const Value& b) {
  if (a.members().size() != b.members().size()) return false;
  return std::all_of(a.members().begin(), a.members().end(), [&](const Member& member) {
    const Value* other = b.find(member.key);
    return other != nullptr && *other == member.value;
  });
}

void append_float(double value, std::string& out) {
  if (std::isnan(value)) {
    out.append("NaN");
  } else if (std::isinf(value)) {
    out.append(value > 0 ? "Infinity" : "-Infinity");
  } else {
    out.append(text::format_double(value));
  }
}

void append_json(const Value& value, KeyOrder order, std::string& out);

void append_json_map(const Value& value, KeyOrder order, std::string& out) {
  std::vector<const Member*> members;
  for (const Member& member : value.members()) members.push_back(&member);
  if (order == KeyOrder::kSorted) {
    std::sort(members.begin(), members.end(), [](const Member* a, const Member* b) { return a->key < b->key; });
  }
  out.push_back('{');
  for (size_t i = 0; i < members.size(); ++i) {
    if (i > 0) out.append(", ");
    append_python_json_string(members[i]->key, out);
    out.append(": ");
    append_json(members[i]->value, order, out);
  }
  out.push_back('}');
}

void append_json(const Value& value, KeyOrder order, std::string& out) {
  switch (value.kind()) {
    case Value::Kind::kNull:
      out.append("null");
      break;
    case Value::Kind::kBool:
      out.append(value.as_bool() ? "true" : "false");
      break;
    case Value::Kind::kInt:
      out.append(value.text());
      break;
    case Value::Kind::kFloat:
      append_float(value.as_double(), out);
      break;
    case Value::Kind::kDate:
    case Value::Kind::kString:
      append_python_json_string(value.text(), out);
      break;
    case Value::Kind::kMap:
      append_json_map(value, order, out);
      break;
    case Value::Kind::kList:
      out.push_back('[');
      for (size_t i = 0; i < value.items().size(); ++i) {
        if (i > 0) out.append(", ");
        append_json(value.items()[i], order, out);
      }
      out.push_back(']');
      break;
  }
}

void append_escape(uint32_t unit, std::string& out) {
  std::array<char, 8> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "\\u%04x", unit);
  out.append(buffer.data());
}

// Decodes the UTF-8 sequence at `at` and moves past it; a damaged byte stands for itself as U+DC80..U+DCFF, which is
// how Python carries file names that are not UTF-8.
uint32_t next_code_point(std::string_view text, size_t& at) {
  const auto byte = [&](size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const uint32_t first = byte(at);
  const int extra = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1;
  uint32_t code = first & (extra == 3 ? 0x07U : extra == 2 ? 0x0FU : 0x1FU);
  bool good = first >= 0xC2 && first <= 0xF4;
  for (int i = 1; good && i <= extra; ++i) {
    good = (byte(at + static_cast<size_t>(i)) & 0xC0U) == 0x80;
    code = code << 6U | (byte(at + static_cast<size_t>(i)) & 0x3FU);
  }
  if (!good) {
    ++at;
    return 0xDC00 + first;
  }
  at += static_cast<size_t>(extra) + 1;
  return code;
}

}  // namespace

bool Value::operator==(const Value& other) const {
  if (is_number(kind_) && is_number(other.kind_)) {
    if (kind_ == Kind::kInt && other.kind_ == Kind::kInt) return text_ == other.text_;
    return as_double() == other.as_double();
  }
  if (kind_ != other.kind_) return false;
  switch (kind_) {
    case Kind::kList:
      return items_ == other.items_;
    case Kind::kMap:
      return same_members(*this, other);
    case Kind::kNull:
      return true;
    default:
      return text_ == other.text_;
  }
}

void append_python_json_string(std::string_view text, std::string& out) {
  out.push_back('"');
  for (size_t i = 0; i < text.size();) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x80) {
      const uint32_t code = next_code_point(text, i);
      if (code >= 0x10000) {
        append_escape(0xD800 + ((code - 0x10000) >> 10U), out);
        append_escape(0xDC00 + ((code - 0x10000) & 0x3FFU), out);
      } else {
        append_escape(code, out);
      }
      continue;
    }
    ++i;
    switch (c) {
      case '"':
        out.append("\\\"");
        break;
      case '\\':
        out.append("\\\\");
        break;
      case '\n':
        out.append("\\n");
        break;
      case '\r':
        out.append("\\r");
        break;
      case '\t':
        out.append("\\t");
        break;
      case '\b':
        out.append("\\b");
        break;
      case '\f':
        out.append("\\f");
        break;
      default:
        if (c < 0x20 || c == 0x7F) {
          if (c == 0x7F) {
            out.push_back('\x7F');
          } else {
            append_escape(c, out);
          }
        } else {
          out.push_back(static_cast<char>(c));
        }
    }
  }
  out.push_back('"');
}

std::string python_json(const Value& value, KeyOrder order) {
  std::string out;
  append_json(value, order, out);
  return out;
}

Value without_keys(const Value& value, const std::vector<std::string_view>& keys) {
  if (!value.is_collection()) return value;
  Value out = value.is_map() ? Value::map() : Value::list();
  for (const Value& item : value.items()) out.push(without_keys(item, keys));
  for (const Member& member : value.members()) {
    if (std::find(keys.begin(), keys.end(), member.key) != keys.end()) continue;
    out.members().push_back({member.key, without_keys(member.value, keys), member.typed_key});
  }
  return out;
}

std::string plain_text(const Value& value) {
  if (value.is_string() || value.kind() == Value::Kind::kDate) return value.text();
  if (value.is_null()) return "None";
  if (value.kind() == Value::Kind::kFloat && !std::isfinite(value.as_double())) {
    return text::format_double(value.as_double());
  }
  return python_json(value, KeyOrder::kAsIs);
}

}  // namespace slipway::data
