#include "domains/traces/json_text.h"

#include <cmath>

#include "foundation/base/error.h"
#include "foundation/base/json_stream.h"

namespace slipway::traces {

namespace {

void append_number(std::string& out, const JsonReader::Number& number) {
  if (number.is_integer) return append_json_number(out, number.integer);
  if (std::isnan(number.real)) {
    out.append("\"NaN\"");
  } else if (std::isinf(number.real)) {
    out.append(number.real > 0 ? "\"Infinity\"" : "\"-Infinity\"");
  } else {
    append_json_number(out, number.real);
  }
}

void append_value(std::string& out, JsonReader& reader, size_t depth) {
  const JsonReader::Kind kind = reader.peek();
  const bool is_nested = kind == JsonReader::Kind::kArray || kind == JsonReader::Kind::kObject;
  if (is_nested && depth == 0) throw reader.fault(text::concat("nested deeper than ", kMaxJsonDepth, " levels"));
  switch (kind) {
    case JsonReader::Kind::kNull:
      reader.read_null();
      out.append("null");
      break;
    case JsonReader::Kind::kBoolean:
      out.append(reader.read_boolean() ? "true" : "false");
      break;
    case JsonReader::Kind::kNumber:
      append_number(out, reader.read_number());
      break;
    case JsonReader::Kind::kString:
      append_text(out, reader.read_string());
      break;
    case JsonReader::Kind::kArray: {
      out.push_back('[');
      reader.begin_array();
      for (bool first = true; reader.next_element(); first = false) {
        if (!first) out.append(", ");
        append_value(out, reader, depth - 1);
      }
      out.push_back(']');
      break;
    }
    case JsonReader::Kind::kObject: {
      out.push_back('{');
      reader.begin_object();
      std::string key;
      for (bool first = true; reader.next_member(key); first = false) {
        if (!first) out.append(", ");
        append_text(out, key);
        out.append(": ");
        append_value(out, reader, depth - 1);
      }
      out.push_back('}');
      break;
    }
  }
}

}  // namespace

void append_text(std::string& out, std::string_view text) {
  if (text.find('\0') == std::string_view::npos) return append_json_string(out, text);
  std::string clean;
  for (const char c : text) {
    if (c != '\0') clean.push_back(c);
  }
  append_json_string(out, clean);
}

std::string json_of(std::string_view text) {
  std::string out;
  append_text(out, text);
  return out;
}

std::string normal_json(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  JsonReader reader(json);
  append_value(out, reader, kMaxJsonDepth);
  reader.finish();
  return out;
}

std::optional<std::string> try_normal_json(std::string_view json) {
  try {
    return normal_json(json);
  } catch (const Error&) {
    return std::nullopt;
  }
}

std::optional<std::string> text_of_json(std::string_view json) {
  if (json.empty() || json.front() != '"') return std::nullopt;
  JsonReader reader(json);
  return std::string(reader.read_string());
}

std::optional<double> number_of_json(std::string_view json) {
  const auto inner = text_of_json(json);
  const auto number = text::parse_double(text::trim(inner ? std::string_view(*inner) : json));
  return number && std::isfinite(*number) ? number : std::nullopt;
}

}  // namespace slipway::traces
