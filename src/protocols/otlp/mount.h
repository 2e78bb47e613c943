// OpenTelemetry's protocol for traces over HTTP, into the traces domain: what app/server mounts.
//
//   POST /v1/traces     ExportTraceServiceRequest in protobuf or JSON, plain or compressed
//   x-mlflow-experiment-id: where new traces go; x-mlflow-run-id: the run they belong to, if any
#pragma once

#include <string_view>
#include <vector>

#include "domains/traces/traces.h"
#include "domains/tracking/tracking.h"
#include "foundation/http/router.h"
#include "foundation/identity/permissions.h"

namespace slipway::otlp {

struct Services {
  traces::Traces& traces;
  tracking::Tracking& tracking;
  identity::Permissions& permissions;
};

// The services must outlive the routes.
std::vector<http::Route> routes(const Services& services);

// What the server itself refuses, as google.rpc.Status in the encoding of the request.
http::Response render_error(const http::Request& request, int status, std::string_view message);
bool owns_path(std::string_view path);

}  // namespace slipway::otlp
