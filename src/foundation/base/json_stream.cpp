#include "foundation/base/json_stream.h"

#include <charconv>
#include <cmath>
#include <limits>

#include "foundation/base/text.h"

namespace slipway {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

void append_utf8(std::string& out, uint32_t code) {
  if (code < 0x80) {
    out.push_back(static_cast<char>(code));
  } else if (code < 0x800) {
    out.push_back(static_cast<char>(0xC0 | (code >> 6)));
    out.push_back(static_cast<char>(0x80 | (code & 0x3F)));
  } else if (code < 0x10000) {
    out.push_back(static_cast<char>(0xE0 | (code >> 12)));
    out.push_back(static_cast<char>(0x80 | ((code >> 6) & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (code & 0x3F)));
  } else {
    out.push_back(static_cast<char>(0xF0 | (code >> 18)));
    out.push_back(static_cast<char>(0x80 | ((code >> 12) & 0x3F)));
    out.push_back(static_cast<char>(0x80 | ((code >> 6) & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (code & 0x3F)));
  }
}

double parse_real(std::string_view token) {
  double value = 0;
  const auto result = std::from_chars(token.data(), token.data() + token.size(), value);
  if (result.ec != std::errc::result_out_of_range) return value;
  // Too large or too small for a double: as every other reader does, infinity or zero.
  const size_t exponent = token.find_first_of("eE");
  const bool tiny = exponent != std::string_view::npos && token.find('-', exponent) != std::string_view::npos;
  const double size = tiny ? 0 : std::numeric_limits<double>::infinity();
  return token.front() == '-' ? -size : size;
}

}  // namespace

Error JsonReader::fault(std::string_view what) const {
  return invalid_argument("JSON is not valid at byte ", at_, ": ", what);
}

void JsonReader::blanks() {
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (c != ' ' && c != '\n' && c != '\t' && c != '\r') return;
    ++at_;
  }
}

JsonReader::Kind JsonReader::peek() {
  blanks();
  if (at_ >= text_.size()) throw fault("the text ends where a value is expected");
  switch (text_[at_]) {
    case '"':
      return Kind::kString;
    case '[':
      return Kind::kArray;
    case '{':
      return Kind::kObject;
    case 't':
    case 'f':
      return Kind::kBoolean;
    case 'n':
      return Kind::kNull;
    case 'N':
    case 'I':
    case '-':
      return Kind::kNumber;
    default:
      break;
  }
  if (is_digit(text_[at_])) return Kind::kNumber;
  throw fault("expected a value");
}

void JsonReader::expect(char wanted, std::string_view what) {
  blanks();
  if (at_ >= text_.size() || text_[at_] != wanted) throw fault(what);
  ++at_;
}

void JsonReader::expect_word(std::string_view word) {
  blanks();
  if (text_.substr(at_, word.size()) != word) throw fault(text::concat("expected ", word));
  at_ += word.size();
}

void JsonReader::read_null() { expect_word("null"); }

bool JsonReader::read_boolean() {
  const bool value = peek() == Kind::kBoolean && text_[at_] == 't';
  expect_word(value ? "true" : "false");
  return value;
}

std::string_view JsonReader::number_token(bool& is_integer) {
  const size_t start = at_;
  const auto digits = [this] {
    const size_t first = at_;
    while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
    if (at_ == first) throw fault("expected a digit");
  };
  if (text_[at_] == '-') ++at_;
  const size_t whole = at_;
  digits();
  if (text_[whole] == '0' && at_ - whole > 1) throw fault("a number may not start with 0");
  is_integer = true;
  if (at_ < text_.size() && text_[at_] == '.') {
    is_integer = false;
    ++at_;
    digits();
  }
  if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
    is_integer = false;
    ++at_;
    if (at_ < text_.size() && (text_[at_] == '+' || text_[at_] == '-')) ++at_;
    digits();
  }
  return text_.substr(start, at_ - start);
}

std::optional<double> JsonReader::read_word_number() {
  if (peek() != Kind::kNumber) throw fault("expected a number");
  if (text_[at_] == 'N') {
    expect_word("NaN");
    return std::numeric_limits<double>::quiet_NaN();
  }
  const bool negative = text_[at_] == '-';
  if (text_.substr(at_ + (negative ? 1 : 0), 1) != "I") return std::nullopt;
  expect_word(negative ? "-Infinity" : "Infinity");
  return negative ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity();
}

void JsonReader::skip_number() {
  bool is_integer = false;
  if (!read_word_number()) number_token(is_integer);
}

JsonReader::Number JsonReader::read_number() {
  Number number;
  if (const auto word = read_word_number()) {
    number.real = *word;
    return number;
  }
  const std::string_view token = number_token(number.is_integer);
  if (number.is_integer) {
    const auto result = std::from_chars(token.data(), token.data() + token.size(), number.integer);
    number.is_integer = result.ec == std::errc();
    number.real = static_cast<double>(number.integer);
  }
  if (!number.is_integer) number.real = parse_real(token);
  return number;
}

std::string_view JsonReader::read_string() {
  expect('"', "expected a string");
  const size_t start = at_;
  bool ascii = true;
  while (at_ < text_.size() && text_[at_] != '"') {
    const auto byte = static_cast<unsigned char>(text_[at_]);
    if (byte == '\\') return unescape(start);
    if (byte < 0x20) throw fault("a control character in a string must be escaped");
    ascii = ascii && byte < 0x80;
    ++at_;
  }
  if (at_ >= text_.size()) throw fault("the string does not end");
  const std::string_view value = text_.substr(start, at_ - start);
  if (!ascii && !text::is_valid_utf8(value)) throw fault("the string is not UTF-8");
  ++at_;
  return value;
}

std::string_view JsonReader::unescape(size_t start) {
  scratch_.assign(text_.substr(start, at_ - start));
  while (at_ < text_.size() && text_[at_] != '"') {
    if (static_cast<unsigned char>(text_[at_]) < 0x20) throw fault("a control character in a string must be escaped");
    if (text_[at_] == '\\') {
      append_escape();
    } else {
      scratch_.push_back(text_[at_++]);
    }
  }
  if (at_ >= text_.size()) throw fault("the string does not end");
  if (!text::is_valid_utf8(scratch_)) throw fault("the string is not UTF-8");
  ++at_;
  return scratch_;
}

void JsonReader::append_escape() {
  constexpr std::string_view kLetters = "\"\\/bfnrt";
  constexpr std::string_view kMeaning = "\"\\/\b\f\n\r\t";
  if (++at_ >= text_.size()) throw fault("the string does not end");
  const size_t letter = kLetters.find(text_[at_]);
  if (letter != std::string_view::npos) {
    scratch_.push_back(kMeaning[letter]);
    ++at_;
    return;
  }
  if (text_[at_] != 'u') throw fault("an unknown escape in a string");
  ++at_;
  uint32_t code = hex4();
  if (code >= 0xD800 && code < 0xDC00) {
    if (text_.substr(at_, 2) != "\\u") throw fault("half a surrogate pair");
    at_ += 2;
    const uint32_t low = hex4();
    if (low < 0xDC00 || low > 0xDFFF) throw fault("half a surrogate pair");
    code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
  } else if (code >= 0xDC00 && code <= 0xDFFF) {
    throw fault("half a surrogate pair");
  }
  append_utf8(scratch_, code);
}

uint32_t JsonReader::hex4() {
  if (text_.size() - at_ < 4) throw fault("expected four hexadecimal digits");
  uint32_t code = 0;
  const char* begin = text_.data() + at_;
  const auto result = std::from_chars(begin, begin + 4, code, 16);
  if (result.ptr != begin + 4) throw fault("expected four hexadecimal digits");
  at_ += 4;
  return code;
}

void JsonReader::enter() {
  if (depth_ == kMaxDepth) throw fault("nested too deeply");
  fresh_[depth_++] = true;
}

bool JsonReader::next_item(char close) {
  blanks();
  if (at_ < text_.size() && text_[at_] == close) {
    ++at_;
    --depth_;
    return false;
  }
  if (!fresh_[depth_ - 1]) expect(',', close == ']' ? "expected , or ]" : "expected , or }");
  fresh_[depth_ - 1] = false;
  return true;
}

void JsonReader::begin_array() {
  expect('[', "expected a list");
  enter();
}

bool JsonReader::next_element() { return next_item(']'); }

void JsonReader::begin_object() {
  expect('{', "expected an object");
  enter();
}

bool JsonReader::next_member(std::string& key) {
  if (!next_item('}')) return false;
  key.assign(read_string());
  expect(':', "expected :");
  return true;
}

std::string_view JsonReader::skip() {
  const Kind kind = peek();
  const size_t start = at_;
  std::string key;
  switch (kind) {
    case Kind::kNull:
      read_null();
      break;
    case Kind::kBoolean:
      read_boolean();
      break;
    case Kind::kNumber:
      read_number();
      break;
    case Kind::kString:
      read_string();
      break;
    case Kind::kArray:
      for (begin_array(); next_element();) skip();
      break;
    case Kind::kObject:
      for (begin_object(); next_member(key);) skip();
      break;
  }
  return text_.substr(start, at_ - start);
}

void JsonReader::finish() {
  blanks();
  if (at_ < text_.size()) throw fault("extra characters after the document");
}

void append_json_number(std::string& out, double value) {
  // As text::format_double, without a string of its own.
  std::array<char, 40> buffer{};
  const double magnitude = std::fabs(value);
  const bool fixed = value == 0 || (magnitude >= 1e-4 && magnitude < 1e16);
  const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                    fixed ? std::chars_format::fixed : std::chars_format::scientific);
  const std::string_view digits(buffer.data(), static_cast<size_t>(result.ptr - buffer.data()));
  out.append(digits);
  if (fixed && digits.find('.') == std::string_view::npos) out.append(".0");
}

void append_json_number(std::string& out, int64_t value) {
  std::array<char, 24> buffer{};
  const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  out.append(buffer.data(), result.ptr);
}

void append_json_string(std::string& out, std::string_view value) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out.push_back('"');
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (byte >= 0x20) {
      out.push_back(c);
    } else if (c == '\n') {
      out.append("\\n");
    } else if (c == '\t') {
      out.append("\\t");
    } else if (c == '\r') {
      out.append("\\r");
    } else {
      out.append("\\u00").push_back(kHex[byte >> 4]);
      out.push_back(kHex[byte & 15]);
    }
  }
  out.push_back('"');
}

void append_json_member(std::string& out, std::string_view name) {
  if (out.back() != '{') out.append(", ");
  append_json_string(out, name);
  out.append(": ");
}

}  // namespace slipway
