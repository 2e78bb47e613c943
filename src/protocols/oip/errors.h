// Errors in the protocol's shape.
#pragma once

#include <string_view>

#include "foundation/http/message.h"

namespace slipway::oip {

// {"error": "..."}
http::Response render_error(int status, std::string_view message);

}  // namespace slipway::oip
