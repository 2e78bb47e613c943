// How errors look to MLflow's clients. Used by the handlers' wrapper and by render_error.
#pragma once

#include <exception>
#include <string_view>

#include "foundation/base/error.h"
#include "foundation/http/message.h"

namespace slipway::mlflow {

http::Response error_response(int status, std::string_view error_code, std::string_view message);
// Of whatever a handler threw; unexpected ones are logged and answered without their text.
http::Response response_of(const Error& error, const http::Request& request);
http::Response response_of(const std::exception& error, const http::Request& request);

}  // namespace slipway::mlflow
