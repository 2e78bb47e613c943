// MLflow's names and JSON for webhooks: which events there are, what a webhook looks like, what a call carries. Used by
// the handlers of webhooks and by WebhookSender.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "domains/webhooks/webhook.h"
#include "protocols/mlflow/input.h"
#include "protocols/mlflow/json_writer.h"

namespace slipway::mlflow {

// An event's kind is "entity.action" in lower case, as in "model_version.created". Throws invalid_argument for what
// MLflow does not know.
std::string read_event_kind(const Input& input);
std::vector<std::string> read_event_kinds(const Input& input);
std::optional<webhooks::Status> read_webhook_status(const Input& input);

// For page() and one(), by their argument.
void write(JsonWriter& json, std::string_view name, const webhooks::Webhook& webhook);

// The body of a call about the event.
std::string payload_of(const jobs::Event& event);
// An event of that kind as MLflow's documentation shows it, to try a webhook out.
jobs::Event example_event(const std::string& kind);

}  // namespace slipway::mlflow
