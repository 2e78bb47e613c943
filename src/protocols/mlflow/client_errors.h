// An error answer of an MLflow server as an Error of ours. Used by the client only.
#pragma once

#include <string>

#include "foundation/base/error.h"
#include "foundation/http/client.h"

namespace slipway::mlflow {

// By the error_code of the body, or by the status of a body that has none; the text names the call.
Error error_of(const http::ClientResponse& answer, const std::string& call);

}  // namespace slipway::mlflow
