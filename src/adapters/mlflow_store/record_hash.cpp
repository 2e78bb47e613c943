#include "adapters/mlflow_store/record_hash.h"

#include <algorithm>
#include <map>

#include "foundation/base/hash.h"
#include "foundation/base/json_stream.h"

namespace slipway::mlflow_store {

namespace {

// The code point at `at`, which moves behind it. The text is valid: a JsonReader checked it.
uint32_t next_code_point(std::string_view text, size_t& at) {
  const auto byte = [&](size_t i) { return static_cast<uint32_t>(static_cast<unsigned char>(text[i])); };
  const uint32_t first = byte(at++);
  if (first < 0x80) return first;
  const size_t more = first < 0xE0 ? 1 : first < 0xF0 ? 2 : 3;
  uint32_t out = first & (0x3FU >> more);
  for (const size_t end = std::min(at + more, text.size()); at < end; ++at) out = (out << 6U) | (byte(at) & 0x3FU);
  return out;
}

void append_unit(std::string& out, uint32_t unit) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += kDigits[(unit >> static_cast<uint32_t>(shift)) & 0xFU];
}

// In ASCII: whatever is beyond it as UTF-16 units.
void append_text(std::string& out, std::string_view text) {
  constexpr uint32_t kFirstBeyondUnits = 0x10000;
  constexpr std::string_view kShort = "\"\\\n\r\t\f\b";
  constexpr std::string_view kLetters = "\"\\nrtfb";
  out += '"';
  for (size_t at = 0; at < text.size();) {
    const uint32_t code = next_code_point(text, at);
    const size_t place = code < 0x80 ? kShort.find(static_cast<char>(code)) : std::string_view::npos;
    if (place != std::string_view::npos) {
      out += '\\';
      out += kLetters[place];
    } else if (code >= ' ' && code <= '~') {
      out += static_cast<char>(code);
    } else if (code < kFirstBeyondUnits) {
      append_unit(out, code);
    } else {
      append_unit(out, 0xD800U + ((code - kFirstBeyondUnits) >> 10U));
      append_unit(out, 0xDC00U + ((code - kFirstBeyondUnits) & 0x3FFU));
    }
  }
  out += '"';
}

void append_value(std::string& out, JsonReader& reader) {
  switch (reader.peek()) {
    case JsonReader::Kind::kString:
      append_text(out, reader.read_string());
      return;
    case JsonReader::Kind::kArray: {
      out += '[';
      reader.begin_array();
      for (bool is_first = true; reader.next_element(); is_first = false) {
        if (!is_first) out += ", ";
        append_value(out, reader);
      }
      out += ']';
      return;
    }
    case JsonReader::Kind::kObject: {
      // By code points, which is the order of the bytes.
      std::map<std::string, std::string> members;
      std::string name;
      for (reader.begin_object(); reader.next_member(name);) {
        std::string value;
        append_value(value, reader);
        members[name] = std::move(value);
      }
      out += '{';
      bool is_first = true;
      for (const auto& [key, value] : members) {
        if (!is_first) out += ", ";
        is_first = false;
        append_text(out, key);
        out.append(": ").append(value);
      }
      out += '}';
      return;
    }
    default:
      out += reader.skip();
  }
}

}  // namespace

std::string python_json(std::string_view normal_json) {
  std::string out;
  JsonReader reader(normal_json);
  append_value(out, reader);
  return out;
}

std::string record_hash(std::string_view inputs) { return hash_hex(HashKind::kSha256, python_json(inputs)); }

}  // namespace slipway::mlflow_store
