// How errors look to clients of Slipway's own API: {"error": {"code": "not_found", "message": "..."}}. Mounted by
// app/server for every path that no other protocol owns.
#pragma once

#include <string_view>

#include "foundation/http/message.h"

namespace slipway::protocol {

http::Response render_error(const http::Request& request, int status, std::string_view code, std::string_view message);

}  // namespace slipway::protocol
