#include "protocols/slipway/event_routes.h"

#include <algorithm>

#include "foundation/base/error.h"
#include "foundation/base/json.h"

namespace slipway::protocol {

namespace {

constexpr size_t kMaxBody = size_t{64} << 10U;

// The reporter knows when it happened; a clock that runs ahead must not order events that are still to come.
jobs::Event decode_event(const std::string& body, int64_t now_ms) {
  const json::value document = json::parse(body);
  const json::object& fields = json::as_object(document, "an event");
  jobs::Event out;
  out.kind = json::get_string(fields, "kind");
  if (out.kind.rfind("stage.", 0) != 0)
    throw invalid_argument("clients report events of kind 'stage.*', got '", out.kind, "'");
  out.subject = json::get_string(fields, "subject");
  out.time_ms = std::clamp(json::find_int(fields, "time_ms").value_or(now_ms), int64_t{0}, now_ms);
  for (const auto& member : json::get_object(fields, "attributes")) {
    out.attributes[member.key()] = json::get_string(json::get_object(fields, "attributes"), member.key());
  }
  return out;
}

}  // namespace

std::vector<http::Route> event_routes(jobs::EventBus& bus, const Clock& clock) {
  return {{"POST", "/api/slipway/v1/events",
           [&bus, &clock](http::Request& request) {
             bus.publish(decode_event(request.read_body(kMaxBody), clock.now_ms()));
             return http::Response::json(202, "{}");
           },
           "lineage.write", "Report what happened in a pipeline's stage"}};
}

}  // namespace slipway::protocol
