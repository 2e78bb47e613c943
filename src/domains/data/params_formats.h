// Readers of the files that hold parameters and metrics besides YAML: JSON, TOML, and the literals of a Python file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "domains/data/value.h"

namespace slipway::data {

// Where a value stands in its file, by its dotted key; so that one value can be replaced and the rest stays as it is.
struct TextSpan {
  size_t begin = 0;
  size_t end = 0;
};
using ValueSpans = std::map<std::string, TextSpan, std::less<>>;

// As Python reads JSON: NaN and Infinity are numbers, the last of two equal keys counts. All three throw
// invalid_argument with the file's name.
Value parse_json(std::string_view text, std::string_view name);
Value parse_toml(std::string_view text, std::string_view name, ValueSpans* spans = nullptr);
// Assignments of literals at the top level, in classes (a class is a map) and to `self` in __init__. Everything else in
// the file is passed over.
Value parse_python_params(std::string_view text, std::string_view name, ValueSpans* spans = nullptr);

// Chooses by the extension; YAML when it is none of the others.
Value parse_params(std::string_view text, const std::string& path);

// Appends a code point as UTF-8; what is no code point becomes U+FFFD.
void append_utf8(uint32_t code, std::string& out);
// A literal as Python writes it (repr).
std::string python_literal(const Value& value);

}  // namespace slipway::data
