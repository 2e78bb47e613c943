// Calls about webhooks.
#include "foundation/base/error.h"
#include "protocols/mlflow/handlers.h"
#include "protocols/mlflow/messages.h"
#include "protocols/mlflow/webhook_messages.h"

namespace slipway::mlflow {

namespace {

std::string webhook_id(const Input& input) { return input.required_text("webhook_id"); }

// Absent is one fault, empty is another: an empty name gets the text that says what names look like.
std::string given_text(const Input& input, std::string_view name) {
  auto value = input.find_text(name);
  if (!value) throw invalid_argument("Missing value for required parameter '", name, "'.");
  return *std::move(value);
}

std::string result_of(const webhooks::Outcome& outcome) {
  JsonWriter json;
  json.begin_object();
  json.begin_object("result");
  json.flag("success", outcome.succeeded());
  if (outcome.status != 0) json.integer("response_status", outcome.status);
  json.text_if_set("response_body", outcome.body);
  if (!outcome.error.empty()) json.text("error_message", text::concat("Failed to test webhook: ", outcome.error));
  json.end_object();
  json.end_object();
  return json.take();
}

}  // namespace

std::string create_webhook(const Services& services, const Input& input) {
  webhooks::NewWebhook wanted;
  wanted.name = given_text(input, "name");
  wanted.url = given_text(input, "url");
  wanted.kinds = read_event_kinds(input);
  wanted.description = input.text("description");
  wanted.secret = input.text("secret");
  wanted.status = read_webhook_status(input).value_or(webhooks::Status::kActive);
  return one("webhook", services.webhooks.create(wanted));
}

std::string list_webhooks(const Services& services, const Input& input) {
  constexpr int64_t kDefault = 100;
  const int64_t asked = input.integer("max_results", kDefault);
  return page("webhooks", services.webhooks.list(asked == 0 ? kDefault : asked, input.text("page_token")));
}

std::string get_webhook(const Services& services, const Input& input) {
  return one("webhook", services.webhooks.get(webhook_id(input)));
}

std::string update_webhook(const Services& services, const Input& input) {
  webhooks::WebhookChange change;
  change.name = input.find_text("name");
  change.url = input.find_text("url");
  change.description = input.find_text("description");
  change.secret = input.find_text("secret");
  change.status = read_webhook_status(input);
  // A client that leaves the events alone sends an empty list, as protobuf cannot tell the two apart.
  auto kinds = read_event_kinds(input);
  if (!kinds.empty()) change.kinds = std::move(kinds);
  return one("webhook", services.webhooks.update(webhook_id(input), change));
}

std::string delete_webhook(const Services& services, const Input& input) {
  services.webhooks.remove(webhook_id(input));
  return std::string(kNothing);
}

std::string test_webhook(const Services& services, const Input& input) {
  const std::string id = webhook_id(input);
  const auto event = input.find_object("event");
  const std::string kind = event ? read_event_kind(*event) : services.webhooks.get(id).kinds.at(0);
  return result_of(services.webhooks.try_out(id, example_event(kind)));
}

}  // namespace slipway::mlflow
