// JSON as it is kept in columns: one form for every value, so that text comparisons in searches mean something. Used by
// the stores here and by the protocols that hand values over.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace slipway::traces {

// How deeply a value may nest.
inline constexpr size_t kMaxJsonDepth = 48;

// A string as JSON. Without NUL, which databases do not take.
void append_text(std::string& out, std::string_view text);
std::string json_of(std::string_view text);

// The same value with ", " and ": " between its parts, numbers in their shortest form ("3.0", "3") and non-finite ones
// as the strings "NaN", "Infinity" and "-Infinity", which databases can read. Throws invalid_argument for anything but
// one JSON value, or one nested too deeply.
std::string normal_json(std::string_view json);
// Nothing where that would throw.
std::optional<std::string> try_normal_json(std::string_view json);

// Text of a JSON string, nothing for other values.
std::optional<std::string> text_of_json(std::string_view json);
// A JSON number, or one inside a JSON string.
std::optional<double> number_of_json(std::string_view json);

}  // namespace slipway::traces
