#include "protocols/slipway/errors.h"

#include "foundation/base/json.h"

namespace slipway::protocol {

http::Response render_error(const http::Request& request, int status, std::string_view code, std::string_view message) {
  json::object error = {{"code", code}, {"message", message}};
  if (!request.request_id.empty()) error["request_id"] = request.request_id;
  return http::Response::json(status, json::write(json::object{{"error", std::move(error)}}));
}

}  // namespace slipway::protocol
