#include "protocols/slipway/event_routes.h"

#include "foundation/base/error.h"
#include "foundation/base/json.h"

namespace slipway::protocol {

namespace {

constexpr size_t kMaxBody = size_t{64} << 10U;

jobs::Event decode_event(const std::string& body) {
  const json::value document = json::parse(body);
  const json::object& fields = json::as_object(document, "an event");
  jobs::Event out;
  out.kind = json::get_string(fields, "kind");
  if (out.kind.rfind("stage.", 0) != 0)
    throw invalid_argument("clients report events of kind 'stage.*', got '", out.kind, "'");
  out.subject = json::get_string(fields, "subject");
  for (const auto& member : json::get_object(fields, "attributes")) {
    out.attributes[member.key()] = json::get_string(json::get_object(fields, "attributes"), member.key());
  }
  return out;
}

}  // namespace

std::vector<http::Route> event_routes(jobs::EventBus& bus, const Clock& clock) {
  return {{"POST", "/api/slipway/v1/events",
           [&bus, &clock](http::Request& request) {
             jobs::Event event = decode_event(request.read_body(kMaxBody));
             event.time_ms = clock.now_ms();
             bus.publish(std::move(event));
             return http::Response::json(202, "{}");
           },
           "lineage.write", "Report what happened in a pipeline's stage"}};
}

}  // namespace slipway::protocol
