// Reads and writes YAML as DVC's own files need it: YAML 1.2 scalars when reading (yes and no are strings, 1e5 is a
// number), and when writing byte for byte the block style of DVC, folding and quoting included.
#pragma once

#include <string>
#include <string_view>

#include "domains/data/value.h"

namespace slipway::data {

// What an unquoted scalar means.
enum class ScalarKind { kString, kNull, kBool, kInt, kFloat, kDate, kMerge };
ScalarKind resolve_scalar(std::string_view text);
// The value of an unquoted scalar.
Value scalar_value(std::string_view text);

// One document; an empty one is an empty map. `name` is the file in messages. Throws invalid_argument with the line.
Value parse_yaml(std::string_view text, std::string_view name);
std::string write_yaml(const Value& value);

}  // namespace slipway::data
