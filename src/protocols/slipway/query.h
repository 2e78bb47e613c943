// Numbers in the query of a request of Slipway's own API. Used by its routes.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "foundation/http/message.h"

namespace slipway::protocol {

// Throws invalid_argument, naming the parameter, for anything but a whole number.
std::optional<int64_t> find_query_int(const http::Request& request, std::string_view name);

// `otherwise` where it is not given. Throws for a negative one too.
int64_t query_int(const http::Request& request, std::string_view name, int64_t otherwise);

}  // namespace slipway::protocol
