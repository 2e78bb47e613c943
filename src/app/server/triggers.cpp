#include "app/server/triggers.h"

#include "foundation/base/error.h"
#include "foundation/base/log.h"

namespace slipway::server {

namespace {

// The pipeline's fault or the rule's, and the same the next time.
bool is_for_good(ErrorCode code) {
  return code == ErrorCode::kNotFound || code == ErrorCode::kInvalidArgument || code == ErrorCode::kResourceExhausted;
}

}  // namespace

void start_pipelines_on_alerts(jobs::EventBus& bus, pipelines::Pipelines& pipelines) {
  bus.subscribe_at_once("monitor.alert_fired", [&bus, &pipelines](const jobs::Event& event) {
    const auto pipeline = event.attributes.find("pipeline");
    if (pipeline == event.attributes.end() || pipeline->second.empty()) return;
    const auto rule = event.attributes.find("rule");
    const std::string trigger = "alert " + (rule == event.attributes.end() ? event.subject : rule->second);
    try {
      pipelines.start_or_wait(pipeline->second, trigger, event.attributes);
    } catch (const Error& error) {
      if (!is_for_good(error.code())) throw;
      log::warning("an alert could not start its pipeline", {{"pipeline", pipeline->second}, {"reason", error.what()}});
      jobs::Event skipped = event;
      skipped.kind = "trigger.skipped";
      skipped.attributes["reason"] = error.what();
      bus.publish(std::move(skipped));
    }
  });
}

}  // namespace slipway::server
