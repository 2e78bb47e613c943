#include "protocols/oip/errors.h"

#include "foundation/base/json_stream.h"

namespace slipway::oip {

http::Response render_error(int status, std::string_view message) {
  std::string body = R"({"error":)";
  append_json_string(body, message);
  body.push_back('}');
  return http::Response::json(status, std::move(body));
}

}  // namespace slipway::oip
