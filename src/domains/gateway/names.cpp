#include "domains/gateway/names.h"

#include <algorithm>

#include "foundation/base/error.h"

namespace slipway::gateway {

bool is_plain_text(std::string_view value) {
  return text::is_valid_utf8(value) && value.find('\0') == std::string_view::npos;
}

void check_name(std::string_view what, const std::string& value) {
  if (value.empty()) throw invalid_argument("Missing value for required parameter '", what, "'.");
  check_name_if_set(what, value);
}

void check_name_if_set(std::string_view what, const std::string& value) {
  if (value.size() > kMaxName) throw invalid_argument(what, " is longer than ", kMaxName, " bytes.");
  if (!is_plain_text(value)) throw invalid_argument(what, " is not text.");
}

void check_endpoint_name(const std::string& name) {
  check_name("name", name);
  const bool is_valid = std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == '.';
  });
  if (is_valid) return;
  throw invalid_argument("Invalid endpoint name '", name,
                         "'. Name can only contain letters, numbers, underscores, hyphens, and dots.");
}

Stamp new_stamp(int64_t now_ms, const std::string& maker) { return {now_ms, now_ms, maker, maker}; }

}  // namespace slipway::gateway
