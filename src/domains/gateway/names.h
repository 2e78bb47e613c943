// What the gateway takes as a name. Used by its use cases.
#pragma once

#include <string>
#include <string_view>

#include "domains/gateway/model.h"

namespace slipway::gateway {

inline constexpr size_t kMaxName = 255;

// UTF-8 without NUL.
bool is_plain_text(std::string_view value);
// Throw invalid_argument that names `what`.
void check_name(std::string_view what, const std::string& value);
void check_name_if_set(std::string_view what, const std::string& value);
// An endpoint's name stands in addresses: letters, digits, `_`, `-` and `.`.
void check_endpoint_name(const std::string& name);

Stamp new_stamp(int64_t now_ms, const std::string& maker);

}  // namespace slipway::gateway
