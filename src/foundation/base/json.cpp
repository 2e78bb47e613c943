#include "foundation/base/json.h"

#include <boost/json/basic_parser_impl.hpp>
#include <charconv>
#include <cmath>
#include <limits>

#include "foundation/base/error.h"
#include "foundation/base/files.h"

namespace slipway::json {

namespace {

constexpr size_t kMaxDepth = 64;

// Replaces bare NaN, Infinity and -Infinity outside strings by quoted ones, as Python's json module writes them bare.
std::string quote_non_finite(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 16);
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      out.push_back(c);
      if (c == '\\' && i + 1 < text.size()) out.push_back(text[++i]);
      if (c == '"') in_string = false;
      continue;
    }
    std::string_view word;
    for (const std::string_view candidate : {"-Infinity", "Infinity", "NaN"}) {
      if (text.substr(i, candidate.size()) == candidate) word = candidate;
      if (!word.empty()) break;
    }
    if (!word.empty()) {
      out.append("\"").append(word).append("\"");
      i += word.size() - 1;
      continue;
    }
    in_string = c == '"';
    out.push_back(c);
  }
  return out;
}

void write_indented(const value& document, int depth, std::string& out) {
  const std::string inner(static_cast<size_t>(depth + 1) * 2, ' ');
  const std::string outer(static_cast<size_t>(depth) * 2, ' ');
  if (document.is_object() && !document.get_object().empty()) {
    out.append("{\n");
    bool first = true;
    for (const auto& member : document.get_object()) {
      if (!first) out.append(",\n");
      first = false;
      out.append(inner).append(boost::json::serialize(member.key())).append(": ");
      write_indented(member.value(), depth + 1, out);
    }
    out.append("\n").append(outer).append("}");
  } else if (document.is_array() && !document.get_array().empty()) {
    out.append("[\n");
    bool first = true;
    for (const auto& item : document.get_array()) {
      if (!first) out.append(",\n");
      first = false;
      out.append(inner);
      write_indented(item, depth + 1, out);
    }
    out.append("\n").append(outer).append("]");
  } else {
    out.append(write(document));
  }
}

// Builds the document as the parser goes. Boost.JSON's own builder rounds some doubles to a neighbour; here each
// becomes the double nearest to its text. The text lies in one piece, so that a number's literal is whole.
struct ExactBuilder {
  static constexpr size_t max_object_size = object::max_size();
  static constexpr size_t max_array_size = array::max_size();
  static constexpr size_t max_key_size = boost::json::string::max_size();
  static constexpr size_t max_string_size = boost::json::string::max_size();
  using Text = boost::json::string_view;
  using Code = boost::json::error_code;

  bool on_document_begin(Code&) { return true; }
  bool on_document_end(Code&) { return true; }
  bool on_object_begin(Code&) { return true; }
  bool on_object_end(size_t count, Code&) {
    stack.push_object(count);
    return true;
  }
  bool on_array_begin(Code&) { return true; }
  bool on_array_end(size_t count, Code&) {
    stack.push_array(count);
    return true;
  }
  bool on_key_part(Text part, size_t, Code&) {
    stack.push_chars(part);
    return true;
  }
  bool on_key(Text part, size_t, Code&) {
    stack.push_key(part);
    return true;
  }
  bool on_string_part(Text part, size_t, Code&) {
    stack.push_chars(part);
    return true;
  }
  bool on_string(Text part, size_t, Code&) {
    stack.push_string(part);
    return true;
  }
  bool on_number_part(Text, Code&) { return true; }
  bool on_int64(int64_t number, Text, Code&) {
    stack.push_int64(number);
    return true;
  }
  bool on_uint64(uint64_t number, Text, Code&) {
    stack.push_uint64(number);
    return true;
  }
  bool on_double(double near, Text literal, Code&) {
    double exact = near;
    const auto [end, fault] = std::from_chars(literal.data(), literal.data() + literal.size(), exact);
    // Too large or too small for a double: infinity or zero, as the parser has it.
    stack.push_double(fault == std::errc() ? exact : near);
    return true;
  }
  bool on_bool(bool flag, Code&) {
    stack.push_bool(flag);
    return true;
  }
  bool on_null(Code&) {
    stack.push_null();
    return true;
  }
  bool on_comment_part(Text, Code&) { return true; }
  bool on_comment(Text, Code&) { return true; }

  boost::json::value_stack stack;
};

Error wrong_type(std::string_view key, std::string_view wanted) {
  return invalid_argument("'", key, "' must be ", wanted);
}

}  // namespace

value parse(std::string_view text, storage_ptr storage) {
  boost::json::parse_options options;
  options.max_depth = kMaxDepth;
  boost::json::basic_parser<ExactBuilder> parser(options);
  parser.handler().stack.reset(std::move(storage));
  boost::json::error_code error;
  const size_t used = parser.write_some(false, text.data(), text.size(), error);
  if (error) throw invalid_argument("JSON is not valid at byte ", used, ": ", error.message());
  if (!text::trim(text.substr(used)).empty()) {
    throw invalid_argument("JSON has extra characters after the document at byte ", used);
  }
  return parser.handler().stack.release();
}

value parse_lenient(std::string_view text, const storage_ptr& storage) {
  // Hardly any document has them.
  const bool may_have = text.find("NaN") != std::string_view::npos || text.find("Infinity") != std::string_view::npos;
  return may_have ? json::parse(quote_non_finite(text), storage) : json::parse(text, storage);
}

value parse_file(const std::string& path) {
  try {
    return parse(files::read(path));
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kInvalidArgument) throw;
    throw invalid_argument(path, ": ", error.what());
  }
}

std::string write(const value& document) {
  // Boost.JSON writes 1.0 as 1E0; clients and people expect 1.0, so doubles are written by our own shortest form.
  if (document.is_double()) return text::format_double(document.get_double());
  if (document.is_array()) {
    std::string out = "[";
    for (const auto& item : document.get_array()) {
      if (out.size() > 1) out.push_back(',');
      out.append(write(item));
    }
    return out.append("]");
  }
  if (document.is_object()) {
    std::string out = "{";
    for (const auto& member : document.get_object()) {
      if (out.size() > 1) out.push_back(',');
      out.append(boost::json::serialize(member.key())).append(":").append(write(member.value()));
    }
    return out.append("}");
  }
  return boost::json::serialize(document);
}

std::string write_pretty(const value& document) {
  std::string out;
  write_indented(document, 0, out);
  return out.append("\n");
}

value number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  return value;
}

const value* find(const object& from, std::string_view key) {
  const value* found = from.if_contains(key);
  return found == nullptr || found->is_null() ? nullptr : found;
}

std::optional<std::string> find_string(const object& from, std::string_view key) {
  const value* found = find(from, key);
  if (found == nullptr) return std::nullopt;
  if (!found->is_string()) throw wrong_type(key, "a string");
  return std::string(found->get_string());
}

std::optional<int64_t> find_int(const object& from, std::string_view key) {
  const value* found = find(from, key);
  if (found == nullptr) return std::nullopt;
  if (found->is_int64()) return found->get_int64();
  if (found->is_string()) {
    if (const auto parsed = text::parse_int(std::string_view(found->get_string()))) return parsed;
  }
  if (found->is_double()) {
    const double number = found->get_double();
    if (std::trunc(number) == number && std::fabs(number) < 9.2e18) return static_cast<int64_t>(number);
  }
  throw wrong_type(key, "an integer");
}

std::optional<double> find_double(const object& from, std::string_view key) {
  const value* found = find(from, key);
  if (found == nullptr) return std::nullopt;
  if (found->is_double()) return found->get_double();
  if (found->is_int64()) return static_cast<double>(found->get_int64());
  if (found->is_uint64()) return static_cast<double>(found->get_uint64());
  if (found->is_string()) {
    if (const auto parsed = text::parse_double(std::string_view(found->get_string()))) return parsed;
  }
  throw wrong_type(key, "a number");
}

std::optional<bool> find_bool(const object& from, std::string_view key) {
  const value* found = find(from, key);
  if (found == nullptr) return std::nullopt;
  if (!found->is_bool()) throw wrong_type(key, "true or false");
  return found->get_bool();
}

namespace {
template <typename T>
T required(std::optional<T> found, std::string_view key) {
  if (!found) throw invalid_argument("'", key, "' is missing");
  return *std::move(found);
}
}  // namespace

std::string get_string(const object& from, std::string_view key) { return required(find_string(from, key), key); }
int64_t get_int(const object& from, std::string_view key) { return required(find_int(from, key), key); }
double get_double(const object& from, std::string_view key) { return required(find_double(from, key), key); }

const array& get_array(const object& from, std::string_view key) {
  const value* found = find(from, key);
  if (found == nullptr) throw invalid_argument("'", key, "' is missing");
  if (!found->is_array()) throw wrong_type(key, "a list");
  return found->get_array();
}

const object& get_object(const object& from, std::string_view key) {
  const value* found = find(from, key);
  if (found == nullptr) throw invalid_argument("'", key, "' is missing");
  if (!found->is_object()) throw wrong_type(key, "an object");
  return found->get_object();
}

const object& as_object(const value& document, std::string_view what) {
  if (!document.is_object()) throw invalid_argument(what, " must be a JSON object");
  return document.get_object();
}

}  // namespace slipway::json
