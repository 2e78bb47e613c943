#include "protocols/slipway/model_permission.h"

#include <utility>

#include "foundation/identity/caller.h"

namespace slipway::protocol {

namespace {

identity::Resource resource_of(std::string model) { return {identity::ResourceKind::kModel, std::move(model)}; }

std::string name_in(const http::Request& request) { return std::string(request.parameter("name")); }

}  // namespace

bool may_read(identity::Permissions& permissions, const http::Request& request, const std::string& model) {
  return permissions.allows(identity::caller_of(request), resource_of(model), identity::Permission::kRead);
}

http::Handler on_model(identity::Permissions& permissions, identity::Permission needed, http::Handler handler) {
  return [&permissions, needed, handler = std::move(handler)](http::Request& request) {
    permissions.require(identity::caller_of(request), resource_of(name_in(request)), needed);
    return handler(request);
  };
}

http::Handler on_monitor(identity::Permissions& permissions, const monitoring::Monitors& monitors,
                         identity::Permission needed, http::Handler handler) {
  return [&permissions, &monitors, needed, handler = std::move(handler)](http::Request& request) {
    const auto monitor = monitors.find(name_in(request));
    permissions.require(identity::caller_of(request),
                        resource_of(monitor ? monitor->model : std::string(identity::kAll)), needed);
    return handler(request);
  };
}

}  // namespace slipway::protocol
